"""Where things stand in a TOML text: the line of a table, of a key, and of each element of a list.

`tomllib` gives values without their place; whoever mends a faulty file needs the line.
"""

from __future__ import annotations

import re

Path = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*(\[{1,2})\s*([A-Za-z0-9_.\"' -]+?)\s*\]{1,2}\s*(#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')\s*=")
_MARK = re.compile(r"\"\"\"|'''|\"(?:\\.|[^\"\\])*\"|'[^']*'|#.*|[\[\]{},]|[^\s\[\]{},\"'#]+")


def line_of(text: str, path: Path) -> int:
    """The line (from 1) where `path` stands, or that of its nearest parent; 1 when nothing of it is found."""
    places = _places(text)
    for length in range(len(path), 0, -1):
        if path[:length] in places:
            return places[path[:length]]
    return 1


def _places(text: str) -> dict[Path, int]:
    places: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    value = _Value(places, ())
    for number, line in enumerate(text.splitlines(), start=1):
        if value.open:
            value.read(line, number)
        elif header := _HEADER.match(line):
            table = _table(header[1] == "[[", header[2], counts)
            places.setdefault(table[:-1] if isinstance(table[-1], int) else table, number)
            places[table] = number
        elif key := _KEY.match(line):
            path = (*table, key[1].strip("\"'"))
            places[path] = number
            value = _Value(places, path)
            value.read(line[key.end() :], number)
    return places


def _table(is_list: bool, name: str, counts: dict[Path, int]) -> Path:
    path: Path = ()
    parts = [part.strip().strip("\"'") for part in name.split(".")]
    for part in parts[:-1]:
        path = (*path, part)
        if path in counts:
            path = (*path, counts[path])
    path = (*path, parts[-1])
    if not is_list:
        return path
    counts[path] = counts.get(path, -1) + 1
    return (*path, counts[path])


class _Value:
    """A value being read, which may go on over several lines."""

    def __init__(self, places: dict[Path, int], path: Path) -> None:
        self._places = places
        self._path = path
        self._depth = 0
        self._rank = 0
        self._started = False
        self._long_string = ""

    @property
    def open(self) -> bool:
        return self._depth > 0 or bool(self._long_string)

    def read(self, line: str, number: int) -> None:
        position = 0
        while True:
            if self._long_string:
                end = line.find(self._long_string, position)
                if end < 0:
                    return
                position, self._long_string = end + 3, ""
            mark = _MARK.search(line, position)
            if mark is None:
                return
            position = mark.end()
            self._take(mark[0], number)

    def _take(self, mark: str, number: int) -> None:
        if mark.startswith("#"):
            return
        if mark in ('"""', "'''"):
            self._long_string = mark
        if mark == "," and self._depth == 1:
            self._rank, self._started = self._rank + 1, False
        elif mark in "]}":
            self._depth -= 1
        elif mark != ",":
            if self._depth == 1 and not self._started:
                self._places[(*self._path, self._rank)] = number
                self._started = True
            if mark in "[{":
                self._depth += 1
