"""The formats in which a client may write to the JSON interface, and until when.

A page that lies open on a phone, or that its service worker kept, speaks the format of its own release. With a new
one, the format before gets its last day, six months on; a page older than that is told to load itself anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

ACCEPTED_UNTIL: dict[int, date | None] = {1: None}
"""By format, the last day (UTC) on which it is accepted; None for the one that today's pages speak."""

Standing = Literal["accepted", "old", "newer"]


def spoken(formats: Mapping[int, date | None] = ACCEPTED_UNTIL) -> int:
    """Return the format that today's pages speak."""
    return max(formats)


def standing(number: object, today: date, formats: Mapping[int, date | None] = ACCEPTED_UNTIL) -> Standing:
    """Tell how a client's format stands on a day; what is no number of ours comes from something old."""
    if not isinstance(number, int) or isinstance(number, bool):
        return "old"
    if number > spoken(formats):
        return "newer"
    if number not in formats:
        return "old"
    last = formats[number]
    return "accepted" if last is None or today <= last else "old"
