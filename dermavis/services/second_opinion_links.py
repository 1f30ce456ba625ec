"""A case and the second opinion asked for it: which is awaited, who follows it, who is told when it is late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from dermavis.domain.case_states import State
from dermavis.domain.errors import Conflict
from dermavis.domain.opinions import Level
from dermavis.domain.second_opinions import LATE_SECOND_OPINION, SECOND_OPINION
from dermavis.models import Case, Delivery, DueRow
from dermavis.services.child_links import children_of, hold_children, parent_of
from dermavis.services.deadlines import open_time_later
from dermavis.services.notices import announce
from dermavis.services.schedule import schedule
from dermavis.services.work import Work

AWAITED = (State.SUBMITTED.value, State.CLAIMED.value, State.ON_HOLD.value, State.DECLINED.value)
"""States in which a second opinion may still come: a declined one waits until its exit is taken."""


def second_opinions_of(work: Work, case_ids: Sequence[UUID]) -> list[Case]:
    """Return the second opinions asked for these cases, the oldest first."""
    return children_of(work, case_ids, SECOND_OPINION)


def awaited(work: Work, case: Case) -> Case | None:
    """Return the second opinion that is awaited for a case."""
    return next((row for row in second_opinions_of(work, [case.id]) if row.state in AWAITED), None)


def check_none_awaited(work: Work, case: Case) -> None:
    """Raise Conflict ``second_opinion_awaited`` when the case may not leave its team before that is settled."""
    second = awaited(work, case)
    if second is not None:
        raise Conflict(
            "second_opinion_awaited",
            f"Un second avis est demandé ({second.number})\u00a0: attendez-le, ou annulez-le d’abord.",
        )


def follow_holder(work: Work, case: Case) -> None:
    """Who holds the case from now on follows what its centre asked for it, and reads its answer. The case is locked."""
    for second in hold_children(work, case, SECOND_OPINION):
        if case.claimed_by is None or second.requester_id == case.claimed_by:
            continue
        if second.site_id != case.centre_id:
            continue  # what another centre asked before the case left it stays there
        second.requester_id = case.claimed_by
        second.version += 1
        second.updated_at = work.now
        work.audit(
            "case.second_opinion_taken_over",
            case_id=second.id,
            subject_kind="person",
            subject_id=case.claimed_by,
        )
        _readdress(work, second, case.claimed_by)


def _readdress(work: Work, second: Case, holder: UUID) -> None:
    """An answer that nobody confirmed goes on to the new holder, who is told of it; its reminders reach them too."""
    if second.state not in {State.ANSWERED, State.CLOSED}:
        return
    unread = select(Delivery).where(
        Delivery.case_id == second.id,
        Delivery.kind == "requester",
        Delivery.state.in_([State.SENT, State.OPENED]),
    )
    for delivery in work.session.scalars(unread):
        delivery.recipient_id = holder
        event = "opinion_now" if delivery.level == Level.NOW else "opinion"
        leaves = delivery.sent_at if delivery.sent_at > work.now else None
        announce(work, event, second, [holder], not_before=leaves)


def watch_second_opinion(work: Work, second: Case) -> None:
    """Have the expert who asked be told when the promise is broken."""
    due = second.late_at or work.now + LATE_SECOND_OPINION.limit.duration
    schedule(work, "second_opinion_late", due, case_id=second.id)


def chase_second_opinion(work: Work, row: DueRow) -> None:
    """Timer ``second_opinion_late``: the promise is broken; whoever has the first case is told, and keeps it."""
    second = work.session.get_one(Case, row.case_id)
    first = parent_of(work, second, SECOND_OPINION)
    if first is None or second.state not in AWAITED:
        return
    soonest = work.now + timedelta(hours=1)
    if second.late_at is not None and second.late_at > work.now:
        # A wait for a precision, or another centre, has moved it.
        schedule(work, row.kind, max(second.late_at, soonest), case_id=second.id)
        return
    if second.state in {State.SUBMITTED, State.CLAIMED}:
        announce(work, "second_opinion_late", first, [first.claimed_by])
    limit = LATE_SECOND_OPINION.limit
    schedule(work, row.kind, open_time_later(work, second, limit), case_id=second.id)
