"""A case lies in the queue: those who may take it are reminded when nobody does."""

from __future__ import annotations

from dermavis.domain.case_states import Machine, State
from dermavis.domain.watches import OWNERS, Wait
from dermavis.models import Case
from dermavis.services.charters import charter_of
from dermavis.services.deadlines import open_time_later
from dermavis.services.schedule import schedule
from dermavis.services.work import Work

URGENT = Wait(1, in_opening_hours=True)
"""How long an urgent case may lie while somebody is there: the promise is for the same day."""


def watch_queue(work: Work, case: Case, times: int = 0) -> None:
    """Have its owners reminded after the usual wait, or when the case becomes late if that is sooner.

    ``times``: how often they were already.
    """
    usual = OWNERS[Machine.QUESTION][State.SUBMITTED]
    if case.urgency == "urgent" and case.centre_id is not None:
        hours = charter_of(work, case.centre_id, case.specialty_id).hours
        reminder = open_time_later(work, case, URGENT, hours)
    else:
        reminder = open_time_later(work, case, usual.limit if times else usual.reminder)
    late = case.late_at if case.late_at is not None and case.late_at > work.now else reminder
    schedule(work, "queue_reminder", min(reminder, late), case_id=case.id, times=times)
