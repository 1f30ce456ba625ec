"""When a patient is to be seen again at a distance, and the timer that says so."""

from __future__ import annotations

from datetime import datetime, timedelta

from dermavis.domain.second_opinions import SECOND_OPINION
from dermavis.models import Case, Opinion
from dermavis.services.schedule import schedule, unschedule
from dermavis.services.work import Work

KIND = "follow_up_reminder"


def follow_up_due(opinion: Opinion) -> datetime | None:
    """Return when the patient is to be seen again, as many weeks after the opinion left as it says; None for never."""
    if opinion.follow_up_weeks is None or opinion.effective_at is None:
        return None
    return opinion.effective_at + timedelta(weeks=opinion.follow_up_weeks)


def watch_follow_up(work: Work, case: Case, opinion: Opinion) -> None:
    """Have the requester told when the time comes; what a version before asked for counts no more.

    A second opinion is only read: what it advises is followed on the case that it is about.
    """
    unschedule(work, KIND, case_id=case.id)
    due = follow_up_due(opinion)
    if due is not None and case.parent_kind != SECOND_OPINION:
        schedule(work, KIND, due, case_id=case.id)
