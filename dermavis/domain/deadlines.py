"""The delays that a charter promises, and the two clocks that count them.

The expert's clock runs in the centre's opening hours and is paused while information is awaited; the patient's starts
with the requester's "Envoyer" and is never paused. Instants are UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any

from dermavis.domain.calendars import (
    OpeningHours,
    add_open_time,
    add_working_days,
    closing,
    is_open,
    open_time_between,
)
from dermavis.domain.errors import InvalidInput
from dermavis.domain.watches import Wait

URGENCIES: tuple[str, ...] = ("routine", "soon", "urgent")
URGENCY_WORDS: dict[str, str] = {"routine": "Courante", "soon": "Sous 24\u00a0h", "urgent": "Aujourd’hui"}
LONGEST_HOURS = 24 * 60


@dataclass(frozen=True, slots=True)
class Delay:
    """A promise in opening time: what is aimed at, and when it is late. None: by the end of the same open day."""

    target: timedelta | None
    late: timedelta | None


DEFAULT_DELAYS: dict[str, Delay] = {
    "routine": Delay(timedelta(hours=48), timedelta(hours=72)),
    "soon": Delay(timedelta(hours=24), timedelta(hours=24)),
    "urgent": Delay(None, None),
}
"""What a charter says when it says nothing else (DOMAIN "The request", urgency)."""


def read_delays(raw: Mapping[str, Any]) -> dict[str, Delay]:
    """Delays as a charter keeps them: ``{"routine": {"target_hours": 48, "late_hours": 72}}``.

    An urgency left out takes its default; null hours mean "the same day". Raises ``InvalidInput`` by field path.
    """
    found: dict[str, Delay] = {}
    errors: dict[str, str] = {}
    for urgency in URGENCIES:
        given = raw.get(urgency)
        if given is None:
            found[urgency] = DEFAULT_DELAYS[urgency]
            continue
        try:
            target, late = _hours(given.get("target_hours")), _hours(given.get("late_hours"))
        except (ValueError, TypeError, AttributeError):
            errors[urgency] = f"Indiquez un nombre d’heures, de 1 à {LONGEST_HOURS}."
            continue
        if late is not None and (target is None or late < target):
            errors[urgency] = "Le retard commence au plus tôt à la fin du délai visé."
        found[urgency] = Delay(target, target if late is None else late)
    if errors:
        raise InvalidInput(errors)
    return found


def _hours(value: Any) -> timedelta | None:
    if value is None:
        return None
    if isinstance(value, bool) or not 1 <= float(value) <= LONGEST_HOURS:
        raise ValueError("hours out of bounds")
    return timedelta(hours=float(value))


def write_delays(delays: Mapping[str, Delay]) -> dict[str, Any]:
    """The JSON form that ``read_delays`` reads."""
    return {
        urgency: {"target_hours": _written(delay.target), "late_hours": _written(delay.late)}
        for urgency, delay in delays.items()
    }


def _written(duration: timedelta | None) -> float | None:
    return None if duration is None else duration / timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Hold:
    """A pause of the expert's clock; ``end`` is None while it lasts."""

    start: datetime
    end: datetime | None = None


class ClockState(StrEnum):
    """How a clock stands. A case that was late before its pause stays late."""

    RUNNING = "running"
    PAUSED = "paused"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Deadline:
    """Where a promise stands at an instant.

    ``spent`` is the fraction of the aimed delay used, 0 to 1; ``remaining`` the opening time left until ``target``;
    ``paused_since`` an instant while a hold lasts. While it lasts, ``target`` and ``late`` are those of a clock that
    would start again now. What is told beside the hour of ``target`` is counted by the clock: ``left``, ``exceeded``.
    """

    target: datetime
    late: datetime
    state: ClockState
    spent: float
    remaining: timedelta
    paused_since: datetime | None
    now: datetime

    @property
    def left(self) -> timedelta:
        """The time by the clock until the promised hour."""
        return max(timedelta(0), self.target - self.now)

    @property
    def exceeded(self) -> timedelta:
        """The time by the clock since the promised hour, whenever the charter calls that late."""
        return max(timedelta(0), self.now - self.target)


def deadline(
    start: datetime, delay: Delay, hours: OpeningHours, now: datetime, holds: Sequence[Hold] = ()
) -> Deadline:
    """The expert's clock: from ``start`` (arrival at the team), in opening hours, without the holds.

    ``holds`` are sorted and apart; only the last may last. Raises ``NeverOpen``.
    """
    first_target = due(start, delay.target, hours)
    target, late = first_target, due(start, delay.late, hours)
    for hold in holds:
        # A pause that begins after the promise ended no longer moves it.
        target = after_pause(target, hold, hours, now) if hold.start < target else target
        late = after_pause(late, hold, hours, now) if hold.start < late else late
    paused_since = holds[-1].start if holds and holds[-1].end is None else None
    whole = open_time_between(start, first_target, hours)
    remaining = open_time_between(now, target, hours)
    is_late = now > late
    state = ClockState.LATE if is_late else ClockState.PAUSED if paused_since else ClockState.RUNNING
    return Deadline(
        target=target,
        late=late,
        state=state,
        spent=1.0 if now >= target else _fraction(whole - remaining, whole),
        remaining=remaining,
        paused_since=paused_since,
        now=now,
    )


def due(start: datetime, delay: timedelta | None, hours: OpeningHours) -> datetime:
    """When a delay ends: that much opening time after ``start``, or at the end of its open day when None."""
    return closing(start, hours) if delay is None else add_open_time(start, delay, hours)


def _fraction(part: timedelta, whole: timedelta) -> float:
    return min(1.0, max(0.0, part / whole)) if whole else 1.0


def after_pause(instant: datetime, hold: Hold, hours: OpeningHours, now: datetime) -> datetime:
    """A deadline moved by the opening time that a hold took (up to ``now`` while it lasts)."""
    return add_open_time(instant, open_time_between(hold.start, hold.end or now, hours), hours)


def check_holds(holds: Sequence[Hold]) -> bool:
    """Whether holds are sorted, apart, and only the last lasts."""
    ended = all(hold.end is not None and hold.start <= hold.end for hold in holds[:-1])
    last = not holds or holds[-1].end is None or holds[-1].start <= holds[-1].end
    return ended and last and all(a.end is not None and a.end <= b.start for a, b in pairwise(holds))


def patient_waiting(sent_at: datetime, now: datetime, answered_at: datetime | None = None) -> timedelta:
    """The patient's clock: elapsed time from "Envoyer", pooling included, to the answer or now; never paused."""
    return max(timedelta(0), (answered_at or now) - sent_at)


def after(start: datetime, wait: Wait, hours: OpeningHours) -> datetime:
    """When a timer falls due. Raises ``NeverOpen``."""
    if wait.working_days:
        return add_working_days(start, wait.working_days, hours)
    return add_open_time(start, wait.duration, hours) if wait.in_opening_hours else start + wait.duration


def urgent_offered(now: datetime, hours: OpeningHours, on_duty: bool | None = None) -> bool:
    """Whether ``urgent`` may be chosen: somebody is on duty; without a rota (None), the centre is open."""
    return is_open(now, hours) if on_duty is None else on_duty
