"""What the clock itself does: it reminds whoever owns a state, and takes the default exit where nobody moves."""

from __future__ import annotations

from dermavis.domain.addressing import NotAddressable
from dermavis.domain.lifecycle import OWNERS, Machine, State, Who
from dermavis.domain.requests import RequestContent
from dermavis.models import Case, DueRow
from dermavis.services.deadlines import open_time_later
from dermavis.services.notices import announce, announce_to_team
from dermavis.services.redirecting import leave_empty_place
from dermavis.services.revisions import last_revision, open_content
from dermavis.services.schedule import schedule
from dermavis.services.sending import submit
from dermavis.services.teams import coordinators, secretaries
from dermavis.services.work import Work


def remind_draft(work: Work, row: DueRow) -> None:
    """Timer ``draft_reminder``: a draft that was never sent is chased until its person sends or discards it."""
    case = work.session.get_one(Case, row.case_id)
    if case.state == State.DRAFT:
        announce(work, "draft_reminder", case, [case.created_by], url=f"/requests/{case.id}")
        _again(work, row, case, State.DRAFT)


def remind_queue(work: Work, row: DueRow) -> None:
    """Timer ``queue_reminder``: a submitted case that nobody claimed; where nobody is left to, it goes on."""
    case = work.session.get_one(Case, row.case_id, with_for_update=True)
    if case.state != State.SUBMITTED:
        return
    if not leave_empty_place(work, case):
        announce_to_team(work, "late" if case.late_at and case.late_at <= work.now else "submitted", case)
    _again(work, row, case, State.SUBMITTED)


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
    if case.state != State.DECLINED:
        return
    told = [case.requester_id]
    if row.payload.get("again"):
        told += secretaries(work, case.site_id)
        told += coordinators(work, case.pooled_by) if case.pooled_by else []
    announce(work, "declined_reminder", case, told)
    limit = OWNERS[Machine.QUESTION][State.DECLINED].limit
    schedule(work, row.kind, open_time_later(work, case, limit), case_id=case.id, again=True)


def _leaves(work: Work, case: Case, content: RequestContent) -> bool:
    """Submit the case, unless whom it would go to cannot take it: the target is resolved before anything changes."""
    try:
        submit(work, case, content, Who.SYSTEM)
    except NotAddressable:
        return False
    return True


def _say_nobody_takes_it(work: Work, case: Case) -> None:
    announce(work, "pool_stuck", case, [case.requester_id])
    if case.pooled_by is not None:
        board = f"/pooling?case={case.id}"
        announce(work, "pool_stuck", case, coordinators(work, case.pooled_by), url=board)


def _again(work: Work, row: DueRow, case: Case, state: State) -> None:
    limit = OWNERS[Machine.QUESTION][state].limit
    schedule(work, row.kind, open_time_later(work, case, limit), case_id=case.id, subject_id=row.subject_id)
