"""What somebody looks for in a list of requests: words of a name, the request's number, or a birth date."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from dermavis.domain.text import digits, name_keys, normalise_name, search_words

_DATE = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})|(?<!\d)(\d{2})(\d{2})(\d{4})(?!\d)")
_NUMBER = re.compile(r"[a-z]{0,6}\d+")
NAMES = ("birth_name", "used_name", "first_name")


@dataclass(frozen=True)
class Wanted:
    """What a query asks for. ``words`` in the form of ``normalise_name``; ``born`` an ISO date or nothing."""

    words: tuple[str, ...] = ()
    born: str = ""

    def __bool__(self) -> bool:
        return bool(self.words or self.born)


def read_query(query: str) -> Wanted:
    """Read what was typed: "vautrin 12/03/1958", "D-4821", "LEBŒUF". Signs alone (``%``, ``_``) ask for nothing."""
    query = query[:200]
    found = _DATE.search(query)
    born = ""
    if found is not None:
        day, month, year = (int(part) for part in found.groups() if part)
        try:
            born = date(year, month, day).isoformat()
        except ValueError:
            found = None
    rest = f"{query[: found.start()]} {query[found.end() :]}" if found is not None else query
    return Wanted(search_words(rest), born)


def matches(wanted: Wanted, summary: Mapping[str, Any], number: str, around: Iterable[str] = ()) -> bool:
    """Whether a request, by its summary and number, is one of those looked for; everything asked must be there.

    ``around`` are further names under which it is found: who asks, and from where.
    """
    if not wanted or (wanted.born and summary.get("birth_date") != wanted.born):
        return False
    texts = [*(str(summary.get(name) or "") for name in NAMES), *around]
    names = {key for text in texts for key in _beginnings(text)}
    return all(_found(word, names, number) for word in wanted.words)


def _beginnings(name: str) -> set[str]:
    """Where a typed word may begin in a name: "Le Goff-Martin" gives legoffmartin, goffmartin and martin."""
    whole, *parts = name_keys(name) or ("",)
    return ({whole} | {"".join(parts[place:]) for place in range(len(parts))}) - {""}


def _found(word: str, names: set[str], number: str) -> bool:
    if _NUMBER.fullmatch(word):
        return word in {normalise_name(number), digits(number)} - {""}
    return any(name.startswith(word) for name in names)
