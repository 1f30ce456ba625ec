"""What must be there in each state of a request, and what may wake somebody: written here apart from the service."""

from __future__ import annotations

from datetime import timedelta

from dermavis.domain.case_states import State
from dermavis.domain.permissions import Permission

UNREAD = ("opinion_unread", "opinion_now_unread")
GOES_THROUGH = frozenset(
    {
        "opinion_now",
        "opinion_now_unread",
        "opinion_corrected",
        "opinion_completed",
        "submitted_urgent",
        "became_urgent",
        "returned_to_queue_urgent",
        "queue_waits_urgent",
        "claim_reminder_urgent",
        "handed_over_urgent",
        "handed_back_urgent",
        "late_urgent",
        "answer_late_urgent",
        "patient_reached",
        "pool_stuck",
        "picture_refused",
        "entered_in_error",
    }
)
"""What may wake somebody: urgent, or a text that must not be followed any more."""

TIMERS: dict[State, set[str]] = {
    State.DRAFT: {"draft_reminder"},
    State.POOLED: {"pool_leave"},
    State.SUBMITTED: {"queue_reminder"},
    State.CLAIMED: {"idle_claim", "claim_reminder"},
    State.ON_HOLD: {"hold_return"},
    State.DECLINED: {"declined_reminder"},
    State.ANSWERED: {"close_answered"},
}
LONGEST_SILENCE = {"now": timedelta(days=1), "two_weeks": timedelta(days=20), "ordinary": timedelta(days=30)}
"""Between two reminders of an unread opinion; five working days are up to three weeks where a centre is closed."""

EXITS = {
    State.DRAFT: Permission.CASE_SEND,
    State.SUBMITTED: Permission.CASE_CLAIM,
    State.DECLINED: Permission.CASE_REDIRECT,
}
"""What a person must be allowed, in the states that only a person leaves."""
