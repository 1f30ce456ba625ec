"""A case lies in the queue: those who may take it are reminded when nobody does."""

from __future__ import annotations

from dermavis.domain.case_states import Machine, State
from dermavis.domain.watches import OWNERS
from dermavis.models import Case
from dermavis.services.deadlines import open_time_later
from dermavis.services.schedule import schedule
from dermavis.services.work import Work


def watch_queue(work: Work, case: Case) -> None:
    """Have its owners reminded after the usual wait, or when the case becomes late if that is sooner."""
    reminder = open_time_later(work, case, OWNERS[Machine.QUESTION][State.SUBMITTED].reminder)
    late = case.late_at if case.late_at is not None and case.late_at > work.now else reminder
    schedule(work, "queue_reminder", min(reminder, late), case_id=case.id)
