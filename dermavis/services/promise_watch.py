"""A promise that is past: whether somebody has still to be told, and having that done at once."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, select

from dermavis.domain.case_states import State
from dermavis.models import Case, DueRow
from dermavis.services.schedule import schedule
from dermavis.services.work import Work

WATCHES = {State.SUBMITTED: "queue_reminder", State.CLAIMED: "claim_reminder"}
"""State → the timer that tells of its promise."""


def is_late(work: Work, case: Case) -> bool:
    """Whether the answer was promised for before now."""
    return case.late_at is not None and case.late_at <= work.now


def is_watched(work: Work, case: Case) -> bool:
    """Whether the timer of the case's state is alive."""
    return work.session.scalar(_alive(case)) is not None


def is_untold(work: Work, case: Case) -> bool:
    """Whether the promise is past, and the timer that tells of it due and not run: the worker was away."""
    due = _alive(case).where(DueRow.due_at <= work.now)
    return is_late(work, case) and work.session.scalar(due) is not None


def tell_now(work: Work, case: Case) -> None:
    """Have the timer of the case's state run at once."""
    schedule(work, WATCHES[State(case.state)], work.now, case_id=case.id)


def _alive(case: Case) -> Select[UUID]:
    kind = WATCHES.get(State(case.state), "")
    return select(DueRow.id).where(DueRow.case_id == case.id, DueRow.kind == kind, DueRow.done_at.is_(None))
