"""What the clock itself does: it reminds whoever owns a state, and takes the default exit where nobody moves."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from dermavis.domain.addressing import NotAddressable
from dermavis.domain.addressing_facts import Mode
from dermavis.domain.case_states import Machine, State, Transition, Who
from dermavis.domain.requests import RequestContent
from dermavis.domain.retention import draft_end, draft_warning
from dermavis.domain.watches import OWNERS
from dermavis.models import Addressing, Case, DueRow
from dermavis.services.absences import stand_ins
from dermavis.services.claim_watch import tell_requester_late
from dermavis.services.deadlines import open_time_later
from dermavis.services.doors import may_open
from dermavis.services.erasure import erase_lapsed_draft
from dermavis.services.moves import move
from dermavis.services.notices import announce, announce_submission, announce_to_team
from dermavis.services.promise_watch import is_late
from dermavis.services.queue_watch import watch_queue
from dermavis.services.redirecting import leave_empty_place
from dermavis.services.revisions import last_revision, open_content
from dermavis.services.schedule import schedule
from dermavis.services.sending import submit
from dermavis.services.teams import centre_secretaries, coordinators, secretaries
from dermavis.services.work import Work


def remind_draft(work: Work, row: DueRow) -> None:
    """Timer ``draft_reminder``: a draft that was never sent is chased until its person sends or discards it.

    Five months after its last change they are warned, and thirty days later it goes.
    """
    case = work.session.get_one(Case, row.case_id, with_for_update=True)
    if case.state != State.DRAFT:
        return
    warned_at = _warned_of_its_end(work, row, case)
    end = draft_end(case.updated_at, warned_at)
    if end is not None and end <= work.now and case.number is None:
        erase_lapsed_draft(work, case)
        return
    if warned_at != work.now:
        # One that a coordination sent back is whose name it went out under, too: who prepared it may not send it.
        announce(
            work, "draft_reminder", case, [case.created_by, case.requester_id], url=f"/requests/{case.id}"
        )
    warned = {"warned_at": warned_at.isoformat()} if warned_at else {}
    _again(work, row, case, State.DRAFT, **warned)


def _warned_of_its_end(work: Work, row: DueRow, case: Case) -> datetime | None:
    """When the writer was warned that the draft goes; they are now, where it is time. A change takes it all back."""
    if case.number is not None:
        return None
    if warned := row.payload.get("warned_at"):
        return datetime.fromisoformat(warned)
    if draft_warning(case.updated_at) > work.now:
        return None
    announce(work, "draft_lapses", case, [case.created_by], url=f"/requests/{case.id}")
    return work.now


def remind_queue(work: Work, row: DueRow) -> None:
    """Timer ``queue_reminder``: a submitted case that nobody claimed.

    Where nobody is left to, it goes on. One that a named expert does not take is opened to the whole team once it is
    late, or at once when nobody could be told of it. Late, or from the second time, the centre's secretaries are told.
    """
    case = work.session.get_one(Case, row.case_id, with_for_update=True)
    if case.state != State.SUBMITTED:
        return
    times = int(row.payload.get("times", 0)) + 1
    if leave_empty_place(work, case):
        watch_queue(work, case, times)
        return
    late = is_late(work, case)
    if case.expert_id is not None and (late or not _somebody_takes(work, case)):
        open_to_team(work, case)
    if late:
        announce_to_team(work, "late", case)
        tell_requester_late(work, case)
    else:
        announce_submission(work, case)
    if (late or times > 1) and case.centre_id is not None:
        announce(work, "late" if late else "queue_waits", case, centre_secretaries(work, case.centre_id))
    watch_queue(work, case, times)


def open_to_team(work: Work, case: Case) -> None:
    """A case that its named expert does not take is the whole team's; its requester is told."""
    if case.team_id is None:
        return
    case.expert_id = None
    work.session.add(
        Addressing(
            id=uuid4(),
            case_id=case.id,
            mode=Mode.TEAM_QUEUE.value,
            team_id=case.team_id,
            rule="opened_to_team",
            reason="L’expert choisi ne l’a pas prise dans le délai promis.",
            decided_at=work.now,
        )
    )
    move(work, case, Transition.REDIRECT, Who.SYSTEM)
    announce(work, "opened_to_team", case, [case.requester_id])


def remind_pool(work: Work, row: DueRow) -> None:
    """Timer ``pool_reminder``: a request that its coordination has not looked at."""
    case = work.session.get_one(Case, row.case_id)
    if case.state == State.POOLED and case.pooled_by is not None:
        announce(
            work, "pool_reminder", case, coordinators(work, case.pooled_by), url=f"/pooling?case={case.id}"
        )


def leave_pool(work: Work, row: DueRow) -> None:
    """Timer ``pool_leave``: the coordination is away, the request leaves by itself as it stands.

    Where the chosen place can no longer take it, it goes to the usual one; where nobody can, it stays, both sides are
    told, and it tries again.
    """
    case = work.session.get_one(Case, row.case_id, with_for_update=True)
    if case.state != State.POOLED:
        return
    chosen = RequestContent.model_validate(open_content(work, case, last_revision(work, case)))
    usual = RequestContent.model_validate(chosen.model_dump() | {"addressing": {"mode": "default"}})
    if _leaves(work, case, chosen):
        announce(work, "pool_released", case, [case.requester_id])
    elif _leaves(work, case, usual):
        announce(work, "redirected", case, [case.requester_id])
    else:
        _say_nobody_takes_it(work, case)
        limit = OWNERS[Machine.QUESTION][State.POOLED].limit
        schedule(work, row.kind, open_time_later(work, case, limit), case_id=case.id)


def remind_declined(work: Work, row: DueRow) -> None:
    """Timer ``declined_reminder``: the requester must choose what next; a declined patient is nobody's otherwise.

    From the second time the site's secretaries and the coordination that relayed the request are told too.
    """
    case = work.session.get_one(Case, row.case_id)
    if case.state == State.DECLINED:
        times = int(row.payload.get("times", 0)) + 1
        told = [case.requester_id]
        if times > 1 or not may_open(work, case, case.requester_id):
            told += [*secretaries(work, case.site_id), *_coordinators(work, case)]
        announce(work, "declined_reminder", case, told)
        _again(work, row, case, State.DECLINED, times=times)


def _leaves(work: Work, case: Case, content: RequestContent) -> bool:
    """Submit the case, unless whom it would go to cannot take it: the target is resolved before anything changes."""
    try:
        submit(work, case, content, Who.SYSTEM)
    except NotAddressable:
        return False
    return True


def _say_nobody_takes_it(work: Work, case: Case) -> None:
    announce(work, "pool_stuck", case, [case.requester_id])
    announce(work, "pool_stuck", case, _coordinators(work, case), url=f"/pooling?case={case.id}")


def _somebody_takes(work: Work, case: Case) -> bool:
    """Whether the named expert, or who stands in for them, could open the case."""
    if case.expert_id is None:
        return False
    there = stand_ins(work.session, [case.expert_id], work.now).get(case.expert_id, case.expert_id)
    return may_open(work, case, there)


def _coordinators(work: Work, case: Case) -> list[UUID]:
    return coordinators(work, case.pooled_by) if case.pooled_by is not None else []


def _again(work: Work, row: DueRow, case: Case, state: State, **payload: Any) -> None:
    at = open_time_later(work, case, OWNERS[Machine.QUESTION][state].limit)
    schedule(work, row.kind, at, case_id=case.id, subject_id=row.subject_id, **payload)
