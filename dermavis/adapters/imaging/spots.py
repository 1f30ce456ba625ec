"""Connected areas of a mask, found row by row by their runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from PIL import Image

_RUN: Final = re.compile(rb"\xff+")
_OUTSIDE: Final = 2  # pixels beyond the end of a run where its rim is looked at


@dataclass
class Spot:
    """An area that hangs together (by sides or corners): its pixels, its box, both ends included, and its runs."""

    left: int
    top: int
    right: int
    bottom: int
    area: int = 0
    runs: list[tuple[int, int, int]] = field(default_factory=list)

    def rim(self, width: int, height: int) -> Iterator[int]:
        """Give the pixels two beyond each end of each run, where the picture has them."""
        for y, start, end in self.runs:
            if start - _OUTSIDE >= 0:
                yield y * width + start - _OUTSIDE
            if end + _OUTSIDE - 1 < width:
                yield y * width + end + _OUTSIDE - 1

    def count(self, mask: bytes, width: int) -> int:
        """Return how many of its pixels are 255 in a mask."""
        return sum(mask[y * width + start : y * width + end].count(255) for y, start, end in self.runs)

    def alone(self, mask: Image.Image) -> Image.Image:
        """Return a mask without what lies outside this area."""
        content, kept = mask.tobytes(), bytearray(mask.width * mask.height)
        for y, start, end in self.runs:
            places = slice(y * mask.width + start, y * mask.width + end)
            kept[places] = content[places]
        return Image.frombytes("L", mask.size, bytes(kept))


def spots_of(mask: Image.Image) -> list[Spot]:
    """Return the areas of a mask of 0 and 255."""
    content, width = mask.tobytes(), mask.width
    parents: list[int] = []
    runs: list[tuple[int, int, int]] = []
    above: list[int] = []
    for y in range(mask.height):
        row: list[int] = []
        for found in _RUN.finditer(content, y * width, (y + 1) * width):
            mine = len(runs)
            start, end = found.start() - y * width, found.end() - y * width
            runs.append((y, start, end))
            parents.append(mine)
            for other in above:
                if runs[other][1] <= end and runs[other][2] >= start:
                    _join(parents, mine, other)
            row.append(mine)
        above = row
    spots: dict[int, Spot] = {}
    for number, (y, start, end) in enumerate(runs):
        spot = spots.setdefault(_root(parents, number), Spot(start, y, end - 1, y))
        spot.left, spot.right, spot.bottom = min(spot.left, start), max(spot.right, end - 1), y
        spot.area += end - start
        spot.runs.append((y, start, end))
    return list(spots.values())


def _root(parents: list[int], number: int) -> int:
    while parents[number] != number:
        parents[number] = parents[parents[number]]
        number = parents[number]
    return number


def _join(parents: list[int], one: int, other: int) -> None:
    first, second = _root(parents, one), _root(parents, other)
    parents[max(first, second)] = min(first, second)
