"""The expert changes how pressing a request is: its deadlines are counted anew from when it was submitted.

Whoever has it, or has not been told yet that it is there, hears at once of one that became urgent.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from dermavis.domain.case_states import State
from dermavis.domain.deadlines import URGENCIES, Hold, after_pause
from dermavis.domain.errors import InvalidInput
from dermavis.domain.permissions import Permission
from dermavis.models import Case, Transition
from dermavis.services.access import find_case
from dermavis.services.claim_watch import tell_after_pause, watch_claim
from dermavis.services.deadlines import counting_hours, set_deadlines
from dermavis.services.moves import write_text
from dermavis.services.notices import announce
from dermavis.services.pressing import press_submission
from dermavis.services.promise_watch import WATCHES, is_late, tell_now
from dermavis.services.queue_watch import watch_queue
from dermavis.services.work import Work


def regrade(work: Work, case_id: UUID, urgency: str, words: str = "") -> Case:
    """Give a request that waits for its answer another urgency; requester and holder are told.

    The pauses already taken count as before. The same urgency again changes nothing. Raises InvalidInput.
    """
    case = find_case(work, case_id, Permission.CASE_REGRADE, lock=True)
    if urgency not in URGENCIES:
        raise InvalidInput({"urgency": "Choisissez un délai."})
    if urgency == case.urgency:
        return case
    before, case.urgency = case.urgency, urgency
    set_deadlines(work, case)
    for hold in _pauses(work, case):
        _move(work, case, hold)
    _watch_anew(work, case)
    case.version += 1
    case.updated_at = work.now
    if words.strip():
        write_text(work, case, "reason", words.strip())
    work.audit(
        "case.regrade", case_id=case.id, subject_kind="case", subject_id=case.id, before=before, to=urgency
    )
    announce(work, "regraded", case, [case.requester_id])
    pressing = urgency == "urgent" and case.state == State.CLAIMED
    announce(work, "became_urgent" if pressing else "regraded", case, [case.claimed_by])
    return case


def _watch_anew(work: Work, case: Case) -> None:
    """Its people are reminded by the new promise, at once where that is past, or once the pause is over."""
    late = is_late(work, case)
    if late and case.state == State.ON_HOLD:
        tell_after_pause(work, case)
    elif late and case.state in WATCHES:
        tell_now(work, case)
    elif case.state == State.SUBMITTED:
        watch_queue(work, case)
        if case.urgency == "urgent":
            press_submission(work, case)
    elif case.state == State.CLAIMED:
        watch_claim(work, case)


def _pauses(work: Work, case: Case) -> list[Hold]:
    """The waits for the requester that are over, the oldest first; one that lasts is counted when it ends.

    Those of another centre, before the request was sent on to this one, are not this clock's.
    """
    rows = work.session.scalars(
        select(Transition)
        .where(
            Transition.case_id == case.id,
            Transition.machine == "question",
            Transition.at >= (case.submitted_at or case.created_at),
        )
        .order_by(Transition.case_version)
    )
    holds: list[Hold] = []
    started = None
    for row in rows:
        if row.reason == "take_back" and row.to_state == "on_hold" and holds:
            # The signature that ended this wait was taken back: it goes on.
            started = holds.pop().start
        elif row.to_state == "on_hold" and row.from_state != "on_hold":
            started = row.at
        elif row.from_state == "on_hold" and row.to_state != "on_hold" and started is not None:
            holds.append(Hold(started, row.at))
            started = None
    return holds


def _move(work: Work, case: Case, hold: Hold) -> None:
    hours = counting_hours(work, case)
    if case.due_at is not None and hold.start < case.due_at:
        case.due_at = after_pause(case.due_at, hold, hours, work.now)
    if case.late_at is not None and hold.start < case.late_at:
        case.late_at = after_pause(case.late_at, hold, hours, work.now)
