"""A case that was entered in error: it leaves every list, everybody who had something of it is told, nothing waits.

But for the right patient, where it was the wrong one: see ``awaiting_anew``.

What was written stays readable for those who had it, with its mark (``error_mark``) and its audit.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select, update

from dermavis.domain.case_states import Machine, State, Transition, Who
from dermavis.domain.lifecycle import allowed, apply
from dermavis.domain.permissions import Permission
from dermavis.models import Appointment, BillingItem, Case, DueRow, Notification, Opinion
from dermavis.services.access import find_case
from dermavis.services.awaiting_anew import await_anew
from dermavis.services.case_recipients import who_received
from dermavis.services.child_links import children_of, hold_children
from dermavis.services.claiming import check_reason
from dermavis.services.deadlines import end_pause
from dermavis.services.moves import move
from dermavis.services.notices import announce, announce_to_team
from dermavis.services.opinion_versions import replaced_of
from dermavis.services.work import Work

GO_ON = ("upload_expiry", "forget_photos")
"""Timers that clean up; all others wait for something that is no longer wanted."""


def mark_error(work: Work, case_id: UUID, reason: str, words: str = "") -> Case:
    """Mark a case as entered in error, with a coded reason, and what experts began about it. Twice changes nothing.

    Raises InvalidInput for a missing reason, NotFound and Forbidden.
    """
    case = find_case(work, case_id, lock=True)
    if case.state == State.ENTERED_IN_ERROR:
        return case
    case = find_case(work, case_id, Permission.ENTERED_IN_ERROR, lock=True)
    check_reason(work, case, "entered_in_error", reason, words)
    who = Who.REQUESTER if case.site_id == work.acting.organization_id else Who.EXPERT
    _mark(work, case, who, reason, words)
    mark_children(work, case, reason)
    return case


def who_would_be_told(work: Work, case: Case) -> set[UUID]:
    """Return who received something of a case, or of what would be marked with it."""
    found = who_received(work, case)
    for child in children_of(work, [case.id]):
        if _goes_along(child):
            found |= who_would_be_told(work, child)
    return found


def mark_children(work: Work, case: Case, reason: str) -> None:
    """Mark what experts began about a case that is locked, and about that; the words beside its reason stay with it.

    What was cancelled was told already.
    """
    for child in hold_children(work, case):
        if _goes_along(child):
            _mark(work, child, Who.REQUESTER, reason, "", on_behalf_of=child.requester_id)
            mark_children(work, child, reason)


def _goes_along(child: Case) -> bool:
    return child.erased_at is None and child.state not in {State.CANCELLED, State.ENTERED_IN_ERROR}


def _mark(
    work: Work, case: Case, who: Who, reason: str, words: str, on_behalf_of: UUID | None = None
) -> None:
    received = who_received(work, case)
    _drop_appointment(work, case, who)
    _waive_billing(work, case)
    _stop_what_waits(work, case)
    end_pause(work, case)
    case.asked_again_at = None
    if case.answered_at is not None and case.answered_at > work.now:
        case.answered_at = None
    _keep_from_leaving(work, case)
    move(work, case, Transition.MARK_ERROR, who, reason=reason, words=words, on_behalf_of=on_behalf_of)
    await_anew(work, case, reason)
    _tell(work, case, received)


def _keep_from_leaving(work: Work, case: Case) -> None:
    """A version that was signed a moment ago never leaves; the one before it stays the last that did."""
    leaving = select(Opinion).where(Opinion.case_id == case.id, Opinion.effective_at > work.now)
    for row in work.session.scalars(leaving):
        row.effective_at = None
        before = replaced_of(work, row)
        if before is not None:
            before.superseded_by = None


def _drop_appointment(work: Work, case: Case, who: Who) -> None:
    """No appointment is due any more. The date that was given stays: somebody must tell the patient."""
    if Transition.DROP not in allowed(Machine.DOWNSTREAM, State(case.downstream), who):
        return
    before = case.downstream
    move(work, case, Transition.DROP, who, machine=Machine.DOWNSTREAM)
    rows = select(Appointment).where(Appointment.case_id == case.id, Appointment.state == before)
    for row in work.session.scalars(rows):
        row.state, row.updated_at = case.downstream, work.now


def _waive_billing(work: Work, case: Case) -> None:
    """What was not handed on yet is never billed; what was is for the clerks, who are told."""
    for item in work.session.scalars(select(BillingItem).where(BillingItem.case_id == case.id)):
        if Transition.WAIVE in allowed(Machine.BILLING, State(item.state), Who.SYSTEM):
            item.state = apply(Machine.BILLING, Transition.WAIVE, State(item.state), Who.SYSTEM).value
            item.updated_at = work.now
            work.audit("case.waive", case_id=case.id, subject_kind="billing_item", subject_id=item.id)


def _stop_what_waits(work: Work, case: Case) -> None:
    timers = update(DueRow).where(
        DueRow.case_id == case.id, DueRow.done_at.is_(None), DueRow.kind.not_in(GO_ON)
    )
    work.session.execute(timers.values(done_at=work.now, outcome="entered_in_error"))
    # Older news of the case is none any more, and what was held back must not be announced after this.
    news = update(Notification).where(Notification.case_id == case.id, Notification.read_at.is_(None))
    work.session.execute(news.values(read_at=work.now))


def _tell(work: Work, case: Case, received: set[UUID]) -> None:
    told: set[UUID] = set()
    if case.submitted_at is not None:
        told.update(announce_to_team(work, "entered_in_error", case))
    announce(work, "entered_in_error", case, received - told)
