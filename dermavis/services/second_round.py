"""A question after the opinion: it returns to the expert who answered, then to the team, until it is answered."""

from __future__ import annotations

from uuid import UUID

from dermavis.domain.case_states import Machine, State, Transition, Who
from dermavis.domain.permissions import Permission
from dermavis.domain.watches import ASKED_AGAIN, OWNERS
from dermavis.models import Case, DueRow
from dermavis.services.access import find_case
from dermavis.services.deadlines import open_time_later
from dermavis.services.moves import move
from dermavis.services.notices import announce, announce_to_team
from dermavis.services.schedule import schedule, unschedule
from dermavis.services.teams import centre_secretaries
from dermavis.services.work import Work


def ask_again(work: Work, case: Case) -> None:
    """The requester asked something after the opinion: it stands on its expert's list, and a closed case opens again.

    What was asked first counts: a second word does not begin the wait anew.
    """
    if case.state == State.CLOSED:
        move(work, case, Transition.REOPEN, Who.REQUESTER)
        limit = OWNERS[Machine.QUESTION][State.ANSWERED].limit
        schedule(work, "close_answered", work.now + limit.duration, case_id=case.id)
    if case.asked_again_at is None:
        case.asked_again_at = work.now
        due_at = open_time_later(work, case, ASKED_AGAIN.reminder)
        schedule(work, "question_after", due_at, case_id=case.id, times=0)
    if not announce(work, "question_after", case, [case.claimed_by]):
        announce_to_team(work, "question_after", case)


def end_question(work: Work, case: Case) -> None:
    """A word or a new version answered what was asked; nothing is waited for any more."""
    case.asked_again_at = None
    unschedule(work, "question_after", case_id=case.id)


def settle(work: Work, case_id: UUID) -> Case:
    """The centre says that what was asked needs no reply (thanks, for instance). Saying it twice changes nothing."""
    case = find_case(work, case_id, Permission.OPINION_CORRECT, lock=True)
    if case.asked_again_at is not None:
        end_question(work, case)
        work.audit("question.settle", case_id=case.id, subject_kind="case", subject_id=case.id)
    return case


def chase_question(work: Work, row: DueRow) -> None:
    """Timer ``question_after``: nobody replied. The expert is told again, and whoever may reply in their place."""
    case = work.session.get_one(Case, row.case_id, with_for_update=True)
    if case.asked_again_at is None or case.state == State.ENTERED_IN_ERROR:
        return
    times = int(row.payload.get("times", 0)) + 1
    once = f"{case.asked_again_at.isoformat()} {times}"
    told = announce(work, "question_waits", case, [case.claimed_by], once=once)
    if case.expert_id is None:
        announce_to_team(work, "question_waits", case, once=once)
    if case.centre_id is not None and (case.expert_id is not None or not told):
        announce(work, "question_waits", case, centre_secretaries(work, case.centre_id))
    due_at = open_time_later(work, case, ASKED_AGAIN.limit)
    schedule(work, row.kind, due_at, case_id=case.id, times=times)
