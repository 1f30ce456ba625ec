"""How a failure is told: where it happened and of what kind, never with the values in hand.

The text of a database error carries the row that was being written, addresses and sealed values included.
"""

from __future__ import annotations

import traceback

MOST_LINKS = 5


def kinds_of(error: BaseException) -> str:
    """Return the kind of the error and of what caused it, as ``KeyError from TimeoutError``."""
    kinds: list[str] = []
    link: BaseException | None = error
    while link is not None and len(kinds) < MOST_LINKS:
        kinds.append(type(link).__name__)
        link = link.__cause__ or link.__context__
    return " from ".join(kinds)


def trace_of(error: BaseException) -> str:
    """Return the kinds of an error, and the lines of code it passed through."""
    return f"{kinds_of(error)}\n{''.join(traceback.format_tb(error.__traceback__))}"
