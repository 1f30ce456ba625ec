"""The right patient of a request that was sent under a wrong name: somebody must send it anew, or say that none is due.

It stays first on its requester's list until then, and is told of again.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from dermavis.domain.case_states import State
from dermavis.domain.child_cases import BY_AN_EXPERT
from dermavis.domain.permissions import Permission
from dermavis.domain.watches import ANEW
from dermavis.models import Case, DueRow
from dermavis.services.access import find_case, hold
from dermavis.services.doors import may_open
from dermavis.services.notices import announce
from dermavis.services.schedule import schedule, unschedule
from dermavis.services.teams import secretaries
from dermavis.services.work import Work

KIND = "correction"
"""``Case.parent_kind`` of the request that takes the place of one entered in error."""

WRONG_PATIENT = "wrong_patient"
TIMER = "anew_reminder"


def await_anew(work: Work, case: Case, reason: str) -> None:
    """A case was marked as entered in error: where the patient was wrong, the right one still has no opinion.

    What an expert began is asked anew from the case that it is about.
    """
    if reason != WRONG_PATIENT or case.parent_kind in BY_AN_EXPERT:
        return
    case.anew_awaited = True
    schedule(work, TIMER, work.now + ANEW.reminder.duration, case_id=case.id)


def hold_replaced(work: Work, case_id: UUID) -> None:
    """Lock the case entered in error in whose place this one was made, before this one is: parents come first."""
    replaced = select(Case.parent_id).where(Case.id == case_id, Case.parent_kind == KIND)
    hold(work, work.session.scalar(replaced))


def settle_replaced(work: Work, case: Case) -> None:
    """A request was sent: nobody waits any more for what becomes of the one in whose place it was made."""
    if case.parent_kind == KIND and case.parent_id is not None:
        settle(work, work.session.get_one(Case, case.parent_id))


def settle(work: Work, case: Case) -> None:
    """Nothing remains to be done of a case entered in error."""
    case.anew_awaited = False
    unschedule(work, TIMER, case_id=case.id)


def decline_anew(work: Work, case_id: UUID) -> None:
    """The requester says that nothing is to be sent anew. Twice changes nothing. Raises NotFound and Forbidden."""
    case = find_case(work, case_id, Permission.CASE_SEND_ANEW, lock=True)
    if case.anew_awaited:
        settle(work, case)
        work.audit("case.anew_declined", case_id=case.id)


def remind_anew(work: Work, row: DueRow) -> None:
    """Timer ``anew_reminder``: a request sent under a wrong name still waits for what becomes of the right one.

    Where the requester has left, their site's secretaries are told, who know whom to ask.
    """
    case = work.session.get_one(Case, row.case_id, with_for_update=True)
    if case.state != State.ENTERED_IN_ERROR or not case.anew_awaited:
        return
    told = [case.requester_id]
    if not may_open(work, case, case.requester_id):
        told += secretaries(work, case.site_id)
    announce(work, "anew_awaited", case, told)
    schedule(work, row.kind, work.now + ANEW.limit.duration, case_id=case.id)
