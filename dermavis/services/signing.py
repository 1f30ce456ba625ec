"""What a signature sets going: the case is answered, the version before replaced; nothing leaves for 20 seconds."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from sqlalchemy import select

from dermavis.domain.amendments import leaves_at
from dermavis.domain.case_states import Machine, State, Transition, Who
from dermavis.domain.lifecycle import apply
from dermavis.domain.opinions import OpinionContent, consequences
from dermavis.domain.referrals import LEAVES
from dermavis.domain.second_opinions import SECOND_OPINION
from dermavis.domain.watches import OWNERS
from dermavis.models import Call, Case, Delivery, Opinion
from dermavis.services.absences import stand_ins
from dermavis.services.deadlines import end_pause
from dermavis.services.deliveries import deliver
from dermavis.services.doors import may_open
from dermavis.services.downstream import follow_opinion
from dermavis.services.escalation import deliver_to, watch_delivery
from dermavis.services.follow_up_watch import watch_follow_up
from dermavis.services.moves import move
from dermavis.services.notices import announce
from dermavis.services.opinion_versions import last_signed
from dermavis.services.revisions import last_revision
from dermavis.services.schedule import schedule, unschedule
from dermavis.services.second_round import end_question
from dermavis.services.taking_back import note_before
from dermavis.services.treating_copies import deliver_copy
from dermavis.services.vault import Sealer
from dermavis.services.work import Work

CLOSES_AFTER = OWNERS[Machine.QUESTION][State.ANSWERED].limit.duration


def apply_signature(work: Work, case: Case, row: Opinion, content: OpinionContent) -> None:
    """Sign a numbered version for the actor. What follows from it counts from the instant at which it leaves."""
    before = last_signed(work, case)
    note_before(work, case, row)
    specialty = work.system.specialty(case.specialty_id, case.specialty_version)
    firm = [risk.id for risk in specialty.answer.risk_classes if risk.within_two_weeks]
    what_follows = consequences(content, firm)
    leaves = leaves_at(work.now)
    row.signed_by = row.prepared_by = work.acting.person_id
    row.organization_id = work.acting.organization_id
    row.signed_at = row.updated_at = work.now
    row.effective_at = leaves
    row.case_revision = last_revision(work, case).number
    row.destination = case.destination = content.destination.value if content.destination else ""
    row.level = case.level = what_follows.level.value
    row.follow_up_weeks = what_follows.follow_up_weeks
    row.retake = content.retake
    if before is None:
        _answer(work, case, leaves)
    else:
        _replace(work, case, before, row, content)
    # What follows a second opinion is arranged by the opinion that the patient's doctor gets.
    wanted = what_follows.downstream is State.TO_PLAN and case.parent_kind != SECOND_OPINION
    follow_opinion(work, case, row, wanted=wanted)
    _record_calls(work, case, row, content)
    _deliver(work, case, row, content)
    unschedule(work, "idle_claim", "hold_reminder", "hold_return", case_id=case.id)
    schedule(work, "close_answered", leaves + CLOSES_AFTER, case_id=case.id)
    watch_follow_up(work, case, row)
    if content.referral is not None:
        schedule(work, LEAVES, leaves, case_id=case.id)
    work.audit(
        "opinion.sign",
        case_id=case.id,
        subject_kind="opinion",
        subject_id=row.id,
        version=row.version,
        destination=row.destination,
        level=row.level,
        amends=content.amends,
    )


def _answer(work: Work, case: Case, leaves: datetime) -> None:
    end_pause(work, case)
    move(work, case, Transition.ANSWER, Who.EXPERT)
    case.answered_at = leaves


def _replace(work: Work, case: Case, before: Opinion, row: Opinion, content: OpinionContent) -> None:
    """The version before loses its force, its readings are no longer waited for, and what was asked is answered."""
    move(work, case, Transition.CORRECT, Who.EXPERT, reason=content.amends)
    before.superseded_by = row.id
    work.session.flush()
    for delivery in work.session.scalars(select(Delivery).where(Delivery.opinion_id == before.id)):
        if delivery.state != State.ACKNOWLEDGED:
            step = apply(Machine.DELIVERY, Transition.REPLACE, State(delivery.state), Who.SYSTEM)
            delivery.state = step.value
            unschedule(work, "unread_opinion", case_id=case.id, subject_id=delivery.id)
    end_question(work, case)


def _record_calls(work: Work, case: Case, row: Opinion, content: OpinionContent) -> None:
    sealer = Sealer(work.system.cipher, case)
    for call in content.calls:
        if not call.whom or call.at is None:
            continue
        call_id = uuid4()
        work.session.add(
            Call(
                id=call_id,
                case_id=case.id,
                opinion_id=row.id,
                sealed=sealer.seal(call.model_dump(mode="json"), "calls", call_id, "sealed"),
                called_at=call.at,
                recorded_by=work.acting.person_id,
                recorded_at=work.now,
            )
        )


def _deliver(work: Work, case: Case, row: Opinion, content: OpinionContent) -> None:
    delivery = deliver(work, row, "requester", case.requester_id, case.site_id)
    there = stand_ins(work.session, [case.requester_id], work.now).values()
    deliver_to(
        work, delivery, "substitute", [row for row in there if may_open(work, case, row)], case.site_id
    )
    watch_delivery(work, case, delivery)
    told = announce(work, _news(row, content), case, [case.requester_id], not_before=row.effective_at)
    deliver_copy(work, case, row, content.amends, told)


def _news(row: Opinion, content: OpinionContent) -> str:
    if row.level == "now":
        return "opinion_now"
    return {"correction": "opinion_corrected", "complement": "opinion_completed"}.get(
        content.amends, "opinion"
    )
