"""The mark on a case that was entered in error, as each of its pages and its report bear it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from dermavis.domain.case_states import State, Transition
from dermavis.domain.specialty import reason_label
from dermavis.domain.wording import moment_words
from dermavis.models import Appointment, Case
from dermavis.services.moves import last_step, words_of
from dermavis.services.names import name_of
from dermavis.services.work import Work


@dataclass(frozen=True)
class ErrorMark:
    """Who marked it, when in words, why: the coded reason's label, and what was written beside it.

    ``appointment``: the date in words that had been given, and that somebody must take back; empty for none.
    """

    who: str
    when: str
    reason: str
    words: str
    appointment: str


def error_of(work: Work, case: Case) -> ErrorMark | None:
    """Return the mark of a case entered in error; None for any other."""
    step = last_step(work, case, Transition.MARK_ERROR) if case.state == State.ENTERED_IN_ERROR else None
    if step is None:
        return None
    zone = work.acting.time_zone
    planned = _given_appointment(work, case.id)
    return ErrorMark(
        who=name_of(work, step.actor_id),
        when=moment_words(step.at, zone),
        reason=reason_label(work.system.specialty(case.specialty_id, case.specialty_version), step.reason),
        words=words_of(work, case, step),
        appointment=moment_words(planned, zone) if planned and planned > step.at else "",
    )


def marked_at(work: Work, case: Case) -> datetime | None:
    """Return when the case was marked as entered in error; None when it was not."""
    step = last_step(work, case, Transition.MARK_ERROR) if case.state == State.ENTERED_IN_ERROR else None
    return step.at if step else None


def _given_appointment(work: Work, case_id: UUID) -> datetime | None:
    return work.session.scalar(
        select(Appointment.planned_for)
        .where(Appointment.case_id == case_id, Appointment.planned_for.is_not(None))
        .order_by(Appointment.created_at.desc())
        .limit(1)
    )
