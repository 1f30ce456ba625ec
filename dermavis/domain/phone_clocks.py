"""A phone's clock beside the server's: how far it is off, and what its instants mean by the server's.

Delays and order never ask the phone. What only the phone saw (when the patient agreed) is put right by what its clock
was off when it spoke to the server.
"""

from __future__ import annotations

from datetime import datetime, timedelta

TOLERANCE = timedelta(minutes=5)
"""What a slow line and a clock that nobody looks at may be off."""

NBSP = "\u00a0"
UNITS = ((365 * 86400, "an", "ans"), (86400, "jour", "jours"), (3600, "heure", "heures"))


def seconds_ahead(told: datetime | None, now: datetime) -> int | None:
    """Return by how many seconds a phone that told its time just now is ahead; None within the tolerance."""
    if told is None or abs(told - now) <= TOLERANCE:
        return None
    return round((told - now).total_seconds())


def righted(noted: datetime, ahead_s: int | None, now: datetime) -> datetime:
    """Return an instant that a phone noted, by the server's clock; never one that is still to come."""
    return min(noted - timedelta(seconds=ahead_s or 0), now)


def clock_words(ahead_s: int | None) -> str:
    """Return "avance de 2 jours", "retarde de 10 ans"; ``""`` for a clock that is right."""
    if ahead_s is None:
        return ""
    off = abs(ahead_s)
    size, one, several = next((unit for unit in UNITS if off >= unit[0]), (60, "minute", "minutes"))
    count = round(off / size)
    return f"{'avance' if ahead_s > 0 else 'retarde'} de {count}{NBSP}{several if count > 1 else one}"
