"""The expert's clock of a case, in the time in which its centre counts delays."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from dermavis.domain.calendars import NeverOpen, OpeningHours, working_days
from dermavis.domain.deadlines import Hold, after, after_pause, due
from dermavis.domain.watches import Wait
from dermavis.models import Case, Organization
from dermavis.services.charters import Charter, charter_of
from dermavis.services.work import Work


def set_deadlines(work: Work, case: Case) -> None:
    """Begin the expert's clock: the target and the lateness that the centre's charter promises for this urgency."""
    charter = _charter(work, case)
    case.charter_id = charter.id if charter else None
    case.due_at, case.late_at = promised(work, charter, case.urgency, case.submitted_at or work.now)


def promised(work: Work, charter: Charter | None, urgency: str, start: datetime) -> tuple[datetime, datetime]:
    """Return target and lateness (UTC) of an answer asked at ``start``."""
    if charter is None:
        return start, start
    delay = charter.delays[urgency]
    try:
        hours = charter.hours if delay.target is None else charter.counting
        target = due(start, delay.target, hours)
        return target, max(target, due(start, delay.late, hours))
    except NeverOpen:
        fallback = working_days(charter.zone)
        return due(start, delay.target, fallback), due(start, delay.late, fallback)


def move_deadlines_after_pause(work: Work, case: Case, started: datetime) -> None:
    """Move both deadlines by the open time that passed since ``started``; a promise already broken does not move."""
    hours = counting_hours(work, case)
    hold = Hold(started, work.now)
    if case.due_at is not None and started < case.due_at:
        case.due_at = after_pause(case.due_at, hold, hours, work.now)
    if case.late_at is not None and started < case.late_at:
        case.late_at = after_pause(case.late_at, hold, hours, work.now)


def end_pause(work: Work, case: Case) -> None:
    """The wait for the requester is over, however it ended: the expert's clock starts again, moved by what it took."""
    if case.held_at is None:
        return
    started, case.held_at = case.held_at, None
    case.held_seconds += int((work.now - started) / timedelta(seconds=1))
    move_deadlines_after_pause(work, case, started)


def open_time_later(
    work: Work, case: Case, wait: Wait, hours: OpeningHours | None = None, start: datetime | None = None
) -> datetime:
    """Return when a timer of this case falls due: in ``hours``, by default the time in which its delays are counted.

    The wait begins at ``start``, by default now.
    """
    try:
        return after(start or work.now, wait, hours or counting_hours(work, case))
    except NeverOpen:
        # A wait of working days has no duration of its own: it must not fall due at once, again and again.
        return after(start or work.now, wait, working_days(_zone(work, case.site_id)))


def counting_hours(work: Work, case: Case) -> OpeningHours:
    """Return the time in which this case's delays are counted."""
    charter = _charter(work, case)
    if charter is not None:
        return charter.counting
    return working_days(_zone(work, case.pooled_by or case.site_id))


def _charter(work: Work, case: Case) -> Charter | None:
    return charter_of(work, case.centre_id, case.specialty_id) if case.centre_id else None


def _zone(work: Work, organization_id: UUID) -> str:
    return work.session.get_one(Organization, organization_id).time_zone
