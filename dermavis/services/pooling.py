"""The coordination of a CPTS or MSP: completes, holds, sends back or releases the requests of its members.

A coordinator completes administrative parts only; their notes never reach the report. Nothing is forgotten: a request
that nobody looks at leaves by itself (``reminders.leave_pool``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from dermavis.domain.case_states import STATE_WORDS, Machine, State, Transition, Who
from dermavis.domain.errors import Conflict, InvalidInput, Refusal
from dermavis.domain.permissions import Permission
from dermavis.domain.request_faults import faults
from dermavis.domain.requests import RequestContent, fingerprint, read_request
from dermavis.domain.text import clean
from dermavis.domain.treating_doctor import named_anew
from dermavis.domain.watches import OWNERS, Wait
from dermavis.models import AdministrativeNote, Case
from dermavis.services.access import find_case, may
from dermavis.services.changing import write_completion
from dermavis.services.claiming import check_reason
from dermavis.services.deadlines import open_time_later
from dermavis.services.drafts import local_today, write_draft
from dermavis.services.moves import move
from dermavis.services.names import name_of
from dermavis.services.notices import announce
from dermavis.services.patients import keep_patient
from dermavis.services.request_checks import holds_up, missing_labels
from dermavis.services.revisions import last_revision, open_content
from dermavis.services.schedule import schedule, unschedule
from dermavis.services.sending import submit
from dermavis.services.vault import Sealer
from dermavis.services.work import Actor, System, Work, reading, writing

ADMINISTRATIVE: frozenset[str] = frozenset(
    {
        "used_name", "given_names", "birthplace_insee", "ins", "ins_oid", "phone", "address", "postcode", "commune",
        "place_of_stay", "treating_doctor", "representative", "identity_status", "document",
    }
)  # fmt: skip
"""What a coordinator may complete of the patient's part. Names and birth date as given stay the requester's."""

ADMINISTRATIVE_PARTS = ("patient.", "contact.")

MOST_AT_ONCE = 100
LONGEST_NOTE = 4000


HELD_REMINDER, HELD_LIMIT = Wait(24, True), Wait(48, True)
"""How long a request may wait here for a stated reason before its coordinators are reminded, and before it leaves."""


@dataclass(frozen=True)
class Outcome:
    """What became of one request of a batch; ``words`` says why it stayed, and is empty when it was ``done``."""

    case_id: UUID
    number: str
    done: bool
    words: str


def release(work: Work, case_id: UUID) -> Case:
    """Send a pooled request on to those who answer. Raises InvalidInput when something is missing."""
    case = find_case(work, case_id, Permission.POOL_RELEASE, lock=True)
    content = _content(work, case)
    found = holds_up(work, case, content)
    if found:
        labels = missing_labels(work, case, content)
        raise InvalidInput(
            found, f"Il manque : {', '.join(labels) if labels else 'une réponse est à corriger'}."
        )
    case.to_complete = []
    submit(work, case, content, Who.COORDINATOR)
    announce(work, "pool_released", case, [case.requester_id])
    return case


def release_many(system: System, actor: Actor, case_ids: Sequence[UUID]) -> list[Outcome]:
    """Release several requests, each in its own transaction: one that cannot leave does not keep the others."""
    return _each(system, actor, case_ids, release)


def hold_many(system: System, actor: Actor, case_ids: Sequence[UUID], words: str) -> list[Outcome]:
    """Have several requests wait here for the same reason, or go on; each by itself, as in ``release_many``."""
    return _each(system, actor, case_ids, lambda work, case_id: hold(work, [case_id], words))


def _each(
    system: System, actor: Actor, case_ids: Sequence[UUID], act: Callable[[Work, UUID], object]
) -> list[Outcome]:
    outcomes = []
    for case_id in list(dict.fromkeys(case_ids))[:MOST_AT_ONCE]:
        try:
            with writing(system, actor) as work:
                act(work, case_id)
                number = work.session.get_one(Case, case_id).number
                outcomes.append(Outcome(case_id, number or "", True, ""))
        except Refusal as refusal:
            with reading(system, actor) as work:
                outcomes.append(_kept(work, case_id, refusal))
    return outcomes


def _kept(work: Work, case_id: UUID, refusal: Refusal) -> Outcome:
    case = work.session.get(Case, case_id)
    if case is None or not may(work, Permission.CASE_READ, case):
        return Outcome(case_id, "", False, "Elle n’est pas, ou plus, parmi vos demandes.")
    if case.state != State.POOLED:
        return Outcome(
            case_id,
            case.number or "",
            False,
            f"Elle n’est plus à relire\u00a0: {STATE_WORDS[State(case.state)]}.",
        )
    return Outcome(case_id, case.number or "", False, refusal.message)


def send_back(work: Work, case_id: UUID, reason: str, words: str) -> Case:
    """Give a request back to its requester with a coded reason: it is a draft again, and keeps its number."""
    case = find_case(work, case_id, Permission.POOL_SEND_BACK, lock=True)
    check_reason(work, case, "send_back", reason, words)
    content = _content(work, case)
    move(work, case, Transition.SEND_BACK, Who.COORDINATOR, reason=reason, words=words)
    write_draft(work, case, content.model_dump(mode="json"))
    case.pool_waits = ""
    unschedule(work, "pool_reminder", "pool_leave", case_id=case.id)
    announce(work, "sent_back", case, [case.requester_id], url=f"/requests/{case.id}")
    return case


def hold(work: Work, case_ids: Sequence[UUID], words: str) -> int:
    """Say why requests wait here ("Famille à joindre"); an empty word lets them go on. Return how many.

    Whoever says why is not away: the request stays longer before it leaves by itself.
    """
    words = clean(words)[:60]
    for case_id in case_ids[:MOST_AT_ONCE]:
        case = find_case(work, case_id, Permission.POOL_COMPLETE, lock=True)
        case.pool_waits = words
        case.version += 1
        watch = OWNERS[Machine.QUESTION][State.POOLED]
        reminder, limit = (HELD_REMINDER, HELD_LIMIT) if words else (watch.reminder, watch.limit)
        schedule(work, "pool_reminder", open_time_later(work, case, reminder), case_id=case.id)
        schedule(work, "pool_leave", open_time_later(work, case, limit), case_id=case.id)
        work.audit("pool.hold", case_id=case.id, waits=bool(words))
    return len(case_ids)


def complete(
    work: Work, case_id: UUID, traits: dict[str, Any], contact: dict[str, Any], from_revision: int
) -> Case:
    """Complete administrative parts of a pooled request, as a new revision; the same again makes none.

    Raises InvalidInput, and Conflict ``request_changed`` when a later revision exists.
    """
    case = find_case(work, case_id, Permission.POOL_COMPLETE, lock=True)
    last = last_revision(work, case)
    if last.number != from_revision:
        raise Conflict(
            "request_changed",
            f"Cette demande a été modifiée entre-temps par {name_of(work, last.made_by)}. Votre saisie est gardée.",
            holder=name_of(work, last.made_by),
            when=last.made_at.isoformat(),
        )
    before = open_content(work, case, last)
    patient = named_anew(
        before["patient"],
        before["patient"] | {name: value for name, value in traits.items() if name in ADMINISTRATIVE},
    )
    merged = before | {"patient": patient, "contact": before["contact"] | contact}
    today = local_today(work, work.acting.time_zone)
    content = read_request(merged, today)
    wrong = {
        path: words for path, words in faults(content, today).items() if path.startswith(ADMINISTRATIVE_PARTS)
    }
    if wrong:
        raise InvalidInput(wrong)
    if bytes.fromhex(fingerprint(content)) == last.fingerprint:
        return case
    _keep_identity(work, case, content)
    write_completion(work, case, content, "administrative")
    return case


def address_to(work: Work, case_id: UUID, team_id: UUID) -> Case:
    """Choose the team that a pooled request will go to."""
    case = find_case(work, case_id, Permission.POOL_COMPLETE, lock=True)
    last = last_revision(work, case)
    chosen = {"addressing": {"mode": "team_queue", "team": str(team_id), "person": None}}
    content = read_request(open_content(work, case, last) | chosen, local_today(work, work.acting.time_zone))
    if bytes.fromhex(fingerprint(content)) != last.fingerprint:
        write_completion(work, case, content, "addressing")
    return case


def write_note(work: Work, case_id: UUID, text: str, from_version: int | None = None) -> int:
    """Keep an administrative note and return its version; the last one is shown, the former stay in the record.

    ``from_version`` is the one that was changed, 0 for none: Conflict ``note_changed`` when there is a later one.
    """
    case = find_case(work, case_id, Permission.ADMIN_NOTE_WRITE, lock=True)
    text = clean(text, multiline=True)
    if len(text) > LONGEST_NOTE:
        raise InvalidInput({"note": f"{LONGEST_NOTE} caractères au plus."})
    before = last_note(work, case)
    version = before.version if before else 0
    if text == note_of(work, case):
        return version
    if before is not None and from_version is not None and version != from_version:
        name = name_of(work, before.written_by)
        raise Conflict(
            "note_changed",
            f"{name} a modifié cette note entre-temps. Votre texte reste ici\u00a0: copiez-le, puis rechargez.",
            holder=name,
            when=before.written_at.isoformat(),
        )
    note_id = uuid4()
    work.session.add(
        AdministrativeNote(
            id=note_id,
            case_id=case.id,
            sealed=Sealer(work.system.cipher, case).seal(text, "administrative_notes", note_id, "sealed"),
            version=version + 1,
            written_by=work.acting.person_id,
            organization_id=work.acting.organization_id,
            written_at=work.now,
        )
    )
    work.audit("admin_note.write", case_id=case.id, subject_kind="note", subject_id=note_id)
    return version + 1


def note_of(work: Work, case: Case) -> str:
    """Return the administrative note of a case, for those who may read it; nothing otherwise."""
    if not may(work, Permission.ADMIN_NOTE_READ, case):
        return ""
    row = last_note(work, case)
    if row is None:
        return ""
    return str(Sealer(work.system.cipher, case).open(row.sealed, "administrative_notes", row.id, "sealed"))


def last_note(work: Work, case: Case) -> AdministrativeNote | None:
    """Return the note in force, still sealed; ``note_of`` opens it for those who may read it."""
    return work.session.scalar(
        select(AdministrativeNote)
        .where(AdministrativeNote.case_id == case.id)
        .order_by(AdministrativeNote.version.desc())
        .limit(1)
    )


def _content(work: Work, case: Case) -> RequestContent:
    return RequestContent.model_validate(open_content(work, case, last_revision(work, case)))


def _keep_identity(work: Work, case: Case, content: RequestContent) -> None:
    if case.patient_id is not None:
        told = content.patient.model_dump(mode="json")
        keep_patient(work, told, case.site_id, case.patient_id, reason="administrative")
