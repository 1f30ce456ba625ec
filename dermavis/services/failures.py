"""How a failure is logged: where it happened and of what kind, never with the values in hand.

The text of a database error carries the row that was being written, addresses and sealed values included.
"""

from __future__ import annotations

import traceback


def trace_of(error: BaseException) -> str:
    """Return the kind of the error, of what caused it, and the lines of code it passed through."""
    kinds: list[str] = []
    link: BaseException | None = error
    while link is not None and len(kinds) < 5:
        kinds.append(type(link).__name__)
        link = link.__cause__ or link.__context__
    return f"{' from '.join(kinds)}\n{''.join(traceback.format_tb(error.__traceback__))}"
