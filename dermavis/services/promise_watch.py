"""A promise that is past: whether somebody has still to be told, and having that done at once."""

from __future__ import annotations

from sqlalchemy import select

from dermavis.domain.case_states import State
from dermavis.models import Case, DueRow
from dermavis.services.schedule import schedule
from dermavis.services.work import Work

UNTOLD = "untold"
"""Stands in the payload of a timer that a pause kept from telling of a promise that was past already."""

WATCHES = {State.SUBMITTED: "queue_reminder", State.CLAIMED: "claim_reminder"}
"""State → the timer that tells of its promise; while a precision is awaited nobody is told, and the claim's waits."""


def is_late(work: Work, case: Case) -> bool:
    """Whether the answer was promised for before now; while a precision is awaited the clock stands still."""
    return case.late_at is not None and case.late_at <= (case.held_at or work.now)


def is_watched(work: Work, case: Case) -> bool:
    """Whether the timer of the case's state is alive."""
    return _alive(work, case) is not None


def is_untold(work: Work, case: Case) -> bool:
    """Whether the promise is past, and the timer that tells of it due and not run, or put off by a pause.

    The worker was away, or the promise became another during the pause.
    """
    row = _alive(work, case)
    return is_late(work, case) and row is not None and (row.due_at <= work.now or UNTOLD in row.payload)


def tell_now(work: Work, case: Case) -> None:
    """Have the timer of the case's state run at once."""
    schedule(work, WATCHES[State(case.state)], work.now, case_id=case.id)


def still_untold(case: Case, row: DueRow) -> dict[str, bool]:
    """Return what a look during a pause notes for the next one: the promise was past before, and nobody was told."""
    late_at, paused_at = case.late_at, case.held_at
    missed = late_at is not None and paused_at is not None and max(late_at, row.due_at) <= paused_at
    return {UNTOLD: True} if missed or UNTOLD in row.payload else {}


def _alive(work: Work, case: Case) -> DueRow | None:
    kind = "claim_reminder" if case.state == State.ON_HOLD else WATCHES.get(State(case.state), "")
    return work.session.scalar(
        select(DueRow).where(DueRow.case_id == case.id, DueRow.kind == kind, DueRow.done_at.is_(None))
    )
