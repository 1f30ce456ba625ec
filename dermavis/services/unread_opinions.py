"""A critical opinion that nobody acknowledged in its time: red for all, until somebody has read it or telephoned."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import select

from dermavis.domain.case_states import Machine, State, Transition, Who
from dermavis.domain.errors import InvalidInput, NotFound
from dermavis.domain.lifecycle import apply
from dermavis.domain.opinions import Level
from dermavis.domain.permissions import Permission
from dermavis.domain.treating_doctor import COPY
from dermavis.domain.wording import ago_words, since_words
from dermavis.models import Call, Case, Delivery, Opinion
from dermavis.services.access import find_case
from dermavis.services.case_people import Telephone, telephones
from dermavis.services.escalation import watch_delivery
from dermavis.services.names import full_name, people
from dermavis.services.notices import announce, mark_read
from dermavis.services.opinion_versions import in_force
from dermavis.services.revisions import last_revision, open_content
from dermavis.services.vault import Sealer
from dermavis.services.work import Work

REACHED: dict[str, str] = {"patient": "Patient", "doctor": "Médecin demandeur"}
"""Who may be reached by telephone in place of a reading: code → the word that the call is noted with."""

TO_CALL = ("requester", "substitute", "site", "patient")


@dataclass(frozen=True)
class Unread:
    """``level`` of the opinion, since when it waits in words, who was told by name, and whom to call."""

    level: str
    since: str
    told: tuple[str, ...]
    phones: tuple[Telephone, ...]


def unread_of(work: Work, case: Case, beyond_its_time: bool = True) -> Unread | None:
    """Return the critical opinion in force that nobody acknowledged; by default only once it went on.

    None of a case entered in error: it may be about somebody else, whom nobody must be told to call.
    """
    if case.state == State.ENTERED_IN_ERROR:
        return None
    opinion = in_force(work, case)
    first = _waiting(work, opinion) if opinion is not None else None
    if opinion is None or first is None or first.level == Level.ORDINARY:
        return None
    if beyond_its_time and not first.escalated:
        return None
    went_on = select(Delivery).where(Delivery.opinion_id == opinion.id, Delivery.kind != COPY)
    rows = work.session.scalars(went_on).all()
    known = people(work, [row.recipient_id for row in rows])
    content = open_content(work, case, last_revision(work, case))
    return Unread(
        level=first.level,
        since=since_words(first.sent_at, work.now, work.acting.time_zone),
        told=tuple(full_name(person) for person in known.values()),
        phones=tuple(row for row in telephones(work, case, content) if row.part in TO_CALL and row.link),
    )


def read_words(work: Work, opinion: Opinion) -> str:
    """Return who acknowledged a version and when, or that nobody has yet: "Lu par Dr Hennequin, 8 h 31"."""
    row = work.session.scalar(
        select(Delivery).where(Delivery.opinion_id == opinion.id, Delivery.kind == "requester")
    )
    if row is None or row.state == State.REPLACED:
        return ""
    if row.acknowledged_at is None:
        return "Pas encore lu par le demandeur."
    reader = people(work, [row.acknowledged_by]).get(row.acknowledged_by) if row.acknowledged_by else None
    when = ago_words(row.acknowledged_at, work.now, work.acting.time_zone, True)
    return f"Lu par {full_name(reader) if reader else 'le demandeur'}, {when}."


def note_reached(work: Work, case_id: UUID, whom: str) -> Case:
    """The centre reached the patient or the doctor by telephone: the opinion is urgent for nobody any more.

    ``whom`` is a key of ``REACHED``. The requester still has it to read, as an ordinary one, and is told. Saying it
    twice changes nothing. Raises InvalidInput, and NotFound where nothing is unread.
    """
    case = find_case(work, case_id, Permission.OPINION_READ, lock=True)
    opinion = in_force(work, case)
    if opinion is None:
        raise NotFound
    first = _waiting(work, opinion)
    if first is None or first.level == Level.ORDINARY:
        return case
    find_case(work, case_id, Permission.PATIENT_REACHED)
    if whom not in REACHED:
        raise InvalidInput({"whom": "Dites qui vous avez joint."})
    call = _note_call(work, case, opinion, whom)
    first.level, first.escalated = Level.ORDINARY.value, 0
    watch_delivery(work, case, first)
    on_call = select(Delivery).where(Delivery.opinion_id == opinion.id, Delivery.kind == "on_call")
    for row in work.session.scalars(on_call).all():
        row.state = apply(Machine.DELIVERY, Transition.ACKNOWLEDGE, State(row.state), Who.EXPERT).value
        row.acknowledged_at, row.acknowledged_by = work.now, work.acting.person_id
    others = select(Delivery).where(Delivery.opinion_id == opinion.id, Delivery.kind == "substitute")
    for row in work.session.scalars(others).all():
        row.level = first.level
    work.audit("opinion.patient_reached", case_id=case.id, subject_kind="call", subject_id=call.id, whom=whom)
    mark_read(work, case_id=case.id)
    announce(work, "patient_reached", case, [case.requester_id])
    return case


def _waiting(work: Work, opinion: Opinion) -> Delivery | None:
    return work.session.scalar(
        select(Delivery).where(
            Delivery.opinion_id == opinion.id,
            Delivery.kind == "requester",
            Delivery.state.in_((State.SENT, State.OPENED)),
        )
    )


def _note_call(work: Work, case: Case, opinion: Opinion, whom: str) -> Call:
    call_id = uuid4()
    said = {"whom": REACHED[whom], "phone": "", "at": work.now.isoformat(), "note": ""}
    call = Call(
        id=call_id,
        case_id=case.id,
        opinion_id=opinion.id,
        sealed=Sealer(work.system.cipher, case).seal(said, "calls", call_id, "sealed"),
        called_at=work.now,
        recorded_by=work.acting.person_id,
        recorded_at=work.now,
    )
    work.session.add(call)
    return call
