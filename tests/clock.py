"""A clock for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
"""A Thursday, 10:00 in Paris: experts are at work."""


class FakeClock:
    """Stands still until it is told to move."""

    def __init__(self, instant: datetime = START) -> None:
        self.instant = instant

    def now(self) -> datetime:
        """Return the instant it stands at."""
        return self.instant

    def advance(self, **duration: float) -> datetime:
        """Move on by so many ``seconds``, ``minutes``, ``hours``, ``days`` or ``weeks``; return the new instant."""
        self.instant += timedelta(**duration)
        return self.instant

    def set(self, instant: datetime) -> datetime:
        """Move to an instant."""
        self.instant = instant
        return instant
