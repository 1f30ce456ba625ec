"""The opinion: written by one expert, saved at every change, signed once, changed only by a new signed version."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select

from dermavis.domain.errors import Conflict, NotFound
from dermavis.domain.lifecycle import OWNERS, Machine, State, Transition, Who
from dermavis.domain.opinions import (
    OpinionContent,
    check_signable,
    consequences,
    is_empty,
    read_opinion,
)
from dermavis.domain.permissions import Permission
from dermavis.models import Appointment, Call, Case, Delivery, Opinion
from dermavis.services.access import find_case
from dermavis.services.appointments import watch_appointment
from dermavis.services.claiming import keep_claim
from dermavis.services.deadlines import end_pause
from dermavis.services.escalation import watch_delivery
from dermavis.services.moves import move
from dermavis.services.names import name_of
from dermavis.services.notices import announce
from dermavis.services.opinion_owners import draft_for_actor, own_draft
from dermavis.services.revisions import last_revision, open_content
from dermavis.services.schedule import schedule, unschedule
from dermavis.services.vault import Sealer
from dermavis.services.work import Work

REQUEST_CHANGED = "La demande a été complétée entre-temps\u00a0: relisez-la, puis signez."
CLOSES_AFTER = OWNERS[Machine.QUESTION][State.ANSWERED].limit.duration


@dataclass(frozen=True)
class Prepared:
    """Who wrote the text of somebody else that the actor may use, and when."""

    by: str
    at: datetime


@dataclass(frozen=True)
class DraftOpinion:
    """The opinion being written. ``revision`` 0: the actor saved nothing yet.

    ``prepared``: the content is a colleague's, written for the actor. ``newer``: a colleague wrote one since.
    """

    revision: int = 0
    content: OpinionContent = field(default_factory=OpinionContent)
    prepared: Prepared | None = None
    newer: Prepared | None = None


def draft_of(work: Work, case: Case) -> DraftOpinion:
    """Return what the actor is writing on the case; before they wrote, what was prepared for them, or nothing."""
    own, other = own_draft(work, case), draft_for_actor(work, case)
    theirs = open_opinion(work, case, other) if other else OpinionContent()
    prepared = Prepared(name_of(work, other.prepared_by), other.updated_at) if other else None
    if is_empty(theirs):
        prepared = None
    if own is None:
        return DraftOpinion(content=theirs, prepared=prepared) if prepared else DraftOpinion()
    newer = prepared if prepared and prepared.at > own.updated_at else None
    return DraftOpinion(own.draft_revision, open_opinion(work, case, own), newer=newer)


def save_draft(work: Work, case_id: UUID, raw: dict[str, Any], from_revision: int) -> int:
    """Save the opinion that the actor is writing and return its new revision.

    Raises InvalidInput, and Conflict ``opinion_changed`` when it was saved (in another tab) since ``from_revision``.
    """
    case = find_case(work, case_id, Permission.OPINION_PREPARE, lock=True)
    content = read_opinion(raw)
    row = own_draft(work, case) or _new_draft(work, case)
    if row.draft_revision != from_revision:
        if row.draft_revision and open_opinion(work, case, row) == content:
            return row.draft_revision
        raise Conflict(
            "opinion_changed",
            f"Cet avis a été modifié ailleurs par {name_of(work, row.prepared_by)}. Votre texte est gardé ici : "
            "rechargez pour voir l’autre, puis reprenez.",
            holder=name_of(work, row.prepared_by),
            when=row.updated_at.isoformat(),
        )
    return _write(work, case, row, content)


def begin_anew(work: Work, case_id: UUID) -> int:
    """Leave aside what was prepared for the actor: their own opinion begins empty. Return its revision."""
    case = find_case(work, case_id, Permission.OPINION_PREPARE, lock=True)
    return _write(work, case, own_draft(work, case) or _new_draft(work, case), OpinionContent())


def take_prepared(work: Work, case_id: UUID) -> int:
    """Put what was prepared for the actor in place of their own text. Return its revision. Raises NotFound."""
    case = find_case(work, case_id, Permission.OPINION_PREPARE, lock=True)
    other = draft_for_actor(work, case)
    if other is None:
        raise NotFound
    content = open_opinion(work, case, other)
    return _write(work, case, own_draft(work, case) or _new_draft(work, case), content)


def sign(work: Work, case_id: UUID, raw: dict[str, Any], seen_revision: int) -> Opinion:
    """Sign the opinion: the case is answered, its deliveries are on their way, and the report is due.

    ``seen_revision`` is the request's revision that the signer has before them. A second signature of the same content
    answers the same. Raises InvalidInput when something mandatory is missing, the call of an emergency or admission
    included, and Conflict ``request_changed`` when the request was completed since.
    """
    content = read_opinion(raw)
    case = find_case(work, case_id, Permission.OPINION_READ, lock=True)
    signed = last_signed(work, case)
    if (
        signed is not None
        and case.state in {State.ANSWERED, State.CLOSED}
        and signed.signed_by == work.acting.person_id
        and open_opinion(work, case, signed) == content
    ):
        return signed
    find_case(work, case_id, Permission.OPINION_SIGN, lock=True)
    revision = last_revision(work, case)
    if revision.number != seen_revision:
        raise Conflict("request_changed", REQUEST_CHANGED, when=revision.made_at.isoformat())
    lesions = [UUID(lesion["id"]) for lesion in open_content(work, case, revision).get("lesions", [])]
    check_signable(content, lesions, work.system.specialty(case.specialty_id, case.specialty_version))
    row = own_draft(work, case) or _new_draft(work, case)
    row.content_sealed = _seal(work, case, row.id, content)
    row.draft_revision += 1
    _number(work, case, row)
    _apply_signature(work, case, row, content)
    return row


def open_opinion(work: Work, case: Case, row: Opinion) -> OpinionContent:
    """Open the content of an opinion version."""
    return OpinionContent.model_validate(
        Sealer(work.system.cipher, case).open(row.content_sealed, "opinions", row.id, "content_sealed")
    )


def last_signed(work: Work, case: Case) -> Opinion | None:
    """Return the signed version in force."""
    return work.session.scalar(
        select(Opinion)
        .where(Opinion.case_id == case.id, Opinion.signed_at.is_not(None))
        .order_by(Opinion.version.desc())
        .limit(1)
    )


def signed_version(work: Work, case: Case, opinion_id: UUID) -> Opinion:
    """Return one signed version of the case. Raises NotFound."""
    row = work.session.get(Opinion, opinion_id)
    if row is None or row.case_id != case.id or row.signed_at is None:
        raise NotFound
    return row


def _apply_signature(work: Work, case: Case, row: Opinion, content: OpinionContent) -> None:
    specialty = work.system.specialty(case.specialty_id, case.specialty_version)
    firm = [row.id for row in specialty.answer.risk_classes if row.within_two_weeks]
    what_follows = consequences(content, firm)
    revision = last_revision(work, case)
    row.signed_by = row.prepared_by = work.acting.person_id
    row.organization_id = work.acting.organization_id
    row.signed_at = row.effective_at = row.updated_at = work.now
    row.case_revision = revision.number
    row.destination = case.destination = content.destination.value if content.destination else ""
    row.level = case.level = what_follows.level.value
    row.follow_up_weeks = what_follows.follow_up_weeks
    row.retake = content.retake
    end_pause(work, case)
    move(work, case, Transition.ANSWER, Who.EXPERT)
    case.answered_at = work.now
    if what_follows.downstream is State.TO_PLAN and case.downstream == State.NONE:
        move(work, case, Transition.NEED, Who.EXPERT, machine=Machine.DOWNSTREAM)
        appointment = Appointment(
            id=uuid4(), case_id=case.id, kind=row.destination, created_at=work.now, updated_at=work.now
        )
        work.session.add(appointment)
        watch_appointment(work, case, appointment)
    _record_calls(work, case, row, content)
    _deliver(work, case, row)
    unschedule(work, "idle_claim", "hold_reminder", "hold_return", case_id=case.id)
    schedule(work, "close_answered", work.now + CLOSES_AFTER, case_id=case.id)
    work.audit(
        "opinion.sign",
        case_id=case.id,
        subject_kind="opinion",
        subject_id=row.id,
        version=row.version,
        destination=row.destination,
        level=row.level,
    )


def _deliver(work: Work, case: Case, row: Opinion) -> None:
    delivery = Delivery(
        id=uuid4(),
        case_id=case.id,
        opinion_id=row.id,
        recipient_id=case.requester_id,
        organization_id=case.site_id,
        kind="requester",
        level=row.level,
        sent_at=work.now,
        escalated=0,
    )
    work.session.add(delivery)
    work.session.flush()
    watch_delivery(work, case, delivery)
    announce(work, "opinion_now" if row.level == "now" else "opinion", case, [case.requester_id])


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


def _write(work: Work, case: Case, row: Opinion, content: OpinionContent) -> int:
    row.content_sealed = _seal(work, case, row.id, content)
    row.draft_revision += 1
    row.updated_at = work.now
    if case.state == State.CLAIMED:
        keep_claim(work, case)
    return row.draft_revision


def _number(work: Work, case: Case, row: Opinion) -> None:
    """Signed versions follow each other without a gap, whatever drafts lie beside them."""
    signed = last_signed(work, case)
    number = signed.version + 1 if signed else 1
    if row.version == number:
        return
    there = work.session.scalar(select(Opinion).where(Opinion.case_id == case.id, Opinion.version == number))
    if there is not None:
        there.version = _next_version(work, case)
        work.session.flush()
    row.version = number
    work.session.flush()


def _next_version(work: Work, case: Case) -> int:
    return (work.session.scalar(select(func.max(Opinion.version)).where(Opinion.case_id == case.id)) or 0) + 1


def _new_draft(work: Work, case: Case) -> Opinion:
    row = Opinion(
        id=uuid4(),
        case_id=case.id,
        version=_next_version(work, case),
        content_sealed=b"",
        draft_revision=0,
        specialty_version=case.specialty_version,
        prepared_by=work.acting.person_id,
        organization_id=work.acting.organization_id,
        created_at=work.now,
        updated_at=work.now,
    )
    row.content_sealed = _seal(work, case, row.id, OpinionContent())
    work.session.add(row)
    work.session.flush()
    return row


def _seal(work: Work, case: Case, row_id: UUID, content: OpinionContent) -> bytes:
    return Sealer(work.system.cipher, case).seal(
        content.model_dump(mode="json"), "opinions", row_id, "content_sealed"
    )
