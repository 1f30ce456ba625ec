"""Where the answer promised for a case stands: words and the share of the delay that is spent, for lists and bands."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from dermavis.domain.calendars import OpeningHours, open_time_between, working_days
from dermavis.domain.deadlines import ClockState, Deadline
from dermavis.domain.wording import promise, remaining_words
from dermavis.services.charters import counting_hours
from dermavis.services.work import Work

LITTLE_LEFT = 0.85
"""From this share of its delay on, a promise is shown as pressing."""

LAST_HOUR = timedelta(hours=1)
"""So is one that has less open time left, however long it was."""


class Promised(Protocol):
    """A case, or a row of a list: the columns that a promise is read from."""

    @property
    def centre_id(self) -> UUID | None: ...
    @property
    def specialty_id(self) -> str: ...
    @property
    def submitted_at(self) -> datetime | None: ...
    @property
    def due_at(self) -> datetime | None: ...
    @property
    def late_at(self) -> datetime | None: ...
    @property
    def held_at(self) -> datetime | None: ...
    @property
    def answered_at(self) -> datetime | None: ...


@dataclass(frozen=True)
class Promise:
    """What is shown of a deadline. ``share`` (0 to 1) fills the pie; ``tone``: "" with time, warn, late.

    ``target`` is the moment in words ("jeudi 14 h"), ``at`` the same in UTC.
    """

    words: str
    share: float
    tone: str
    paused: bool
    target: str
    at: datetime


@dataclass
class Promises:
    """Reads the promises of many cases of a few centres; each centre's hours are looked up once."""

    work: Work
    _hours: dict[tuple[UUID | None, str], OpeningHours] = field(default_factory=dict)

    def of(self, case: Promised | Any) -> Promise | None:
        """Return where the promise stands; None when nothing is promised or the answer is given."""
        if case.due_at is None or case.submitted_at is None or _is_answered(case, self.work.now):
            return None
        stands = self._stands(case)
        late = stands.state is ClockState.LATE
        short = stands.spent >= LITTLE_LEFT or stands.remaining < LAST_HOUR
        pressing = short and stands.paused_since is None
        return Promise(
            words=remaining_words(stands),
            share=stands.spent,
            tone="late" if late else "warn" if pressing else "",
            paused=stands.paused_since is not None and not late,
            target=promise(case.due_at, self.work.now, self.work.acting.time_zone),
            at=case.due_at,
        )

    def _stands(self, case: Promised) -> Deadline:
        target = case.due_at or self.work.now
        late_at = max(target, case.late_at or target)
        until = case.held_at or self.work.now
        hours = self._hours_of(case)
        whole = open_time_between(case.submitted_at or target, target, hours)
        remaining = open_time_between(until, target, hours)
        late = until > late_at
        return Deadline(
            target=target,
            late=late_at,
            state=ClockState.LATE if late else ClockState.PAUSED if case.held_at else ClockState.RUNNING,
            spent=_share(whole - remaining, whole) if until < target else 1.0,
            remaining=remaining,
            paused_since=case.held_at,
            now=self.work.now,
        )

    def _hours_of(self, case: Promised) -> OpeningHours:
        key = (case.centre_id, case.specialty_id)
        if key not in self._hours:
            self._hours[key] = (
                counting_hours(self.work, case.centre_id, case.specialty_id)
                if case.centre_id
                else working_days(self.work.acting.time_zone)
            )
        return self._hours[key]


def _is_answered(case: Promised | Any, now: datetime) -> bool:
    """An opinion that may still be taken back answers nothing yet."""
    return case.answered_at is not None and case.answered_at <= now


def _share(part: timedelta, whole: timedelta) -> float:
    return min(1.0, max(0.0, part / whole)) if whole else 1.0
