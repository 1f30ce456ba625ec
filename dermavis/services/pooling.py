"""The coordination of a CPTS or MSP: completes, holds, sends back or releases the requests of its members.

A coordinator completes administrative parts only; their notes never reach the report. Nothing is forgotten: a request
that nobody looks at leaves by itself (``reminders.leave_pool``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from dermavis.domain.errors import Conflict, InvalidInput, Refusal
from dermavis.domain.lifecycle import Transition, Who
from dermavis.domain.permissions import Permission
from dermavis.domain.requests import RequestContent, read_request
from dermavis.domain.text import clean
from dermavis.models import AdministrativeNote, Case
from dermavis.services.access import find_case, may
from dermavis.services.changing import write_completion
from dermavis.services.claiming import check_reason
from dermavis.services.drafts import local_today, write_draft
from dermavis.services.moves import move
from dermavis.services.names import name_of
from dermavis.services.notices import announce
from dermavis.services.patients import keep_patient
from dermavis.services.revisions import last_revision, open_content
from dermavis.services.schedule import unschedule
from dermavis.services.sending import incomplete, missing_labels, submit
from dermavis.services.vault import Sealer
from dermavis.services.work import Actor, System, Work, writing

ADMINISTRATIVE: frozenset[str] = frozenset(
    {
        "used_name", "given_names", "birthplace_insee", "ins", "ins_oid", "phone", "address", "postcode", "commune",
        "place_of_stay", "treating_doctor", "representative", "identity_status", "document",
    }
)  # fmt: skip
"""What a coordinator may complete of the patient's part. Names and birth date as given stay the requester's."""

MOST_AT_ONCE = 100
LONGEST_NOTE = 4000


@dataclass(frozen=True)
class Outcome:
    """What became of one request of a batch; ``words`` is empty when it left."""

    case_id: UUID
    number: str
    released: bool
    words: str


def release(work: Work, case_id: UUID) -> Case:
    """Send a pooled request on to those who answer. Raises InvalidInput when something is missing."""
    case = find_case(work, case_id, Permission.POOL_RELEASE, lock=True)
    content = _content(work, case)
    found = incomplete(work, case, content)
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
    outcomes = []
    for case_id in list(dict.fromkeys(case_ids))[:MOST_AT_ONCE]:
        try:
            with writing(system, actor) as work:
                case = release(work, case_id)
                outcomes.append(Outcome(case_id, case.number or "", True, ""))
        except Refusal as refusal:
            with writing(system, actor) as work:
                known = work.session.get(Case, case_id)
                visible = known is not None and may(work, Permission.CASE_READ, known)
                number = known.number if known is not None and visible else None
            outcomes.append(Outcome(case_id, number or "", False, refusal.message))
    return outcomes


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
    """Say why requests wait here ("Famille à joindre"); an empty word lets them go on. Return how many."""
    words = clean(words)[:60]
    for case_id in case_ids[:MOST_AT_ONCE]:
        case = find_case(work, case_id, Permission.POOL_COMPLETE, lock=True)
        case.pool_waits = words
        case.version += 1
        work.audit("pool.hold", case_id=case.id, waits=bool(words))
    return len(case_ids)


def complete(
    work: Work, case_id: UUID, traits: dict[str, Any], contact: dict[str, Any], from_revision: int
) -> Case:
    """Complete administrative parts of a pooled request, as a new revision. Raises InvalidInput and Conflict."""
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
    patient = before["patient"] | {name: value for name, value in traits.items() if name in ADMINISTRATIVE}
    merged = before | {"patient": patient, "contact": before["contact"] | contact}
    content = read_request(merged, local_today(work, work.acting.time_zone))
    _keep_identity(work, case, content)
    write_completion(work, case, content, "administrative")
    case.to_complete = missing_labels(work, case, content)
    return case


def address_to(work: Work, case_id: UUID, team_id: UUID) -> Case:
    """Choose the team that a pooled request will go to."""
    case = find_case(work, case_id, Permission.POOL_COMPLETE, lock=True)
    before = open_content(work, case, last_revision(work, case))
    merged = before | {"addressing": {"mode": "team_queue", "team": str(team_id), "person": None}}
    content = read_request(merged, local_today(work, work.acting.time_zone))
    write_completion(work, case, content, "addressing")
    return case


def write_note(work: Work, case_id: UUID, text: str) -> None:
    """Keep an administrative note; the last one is shown, the former stay in the record."""
    case = find_case(work, case_id, Permission.ADMIN_NOTE_WRITE, lock=True)
    text = clean(text, multiline=True)
    if len(text) > LONGEST_NOTE:
        raise InvalidInput({"note": f"{LONGEST_NOTE} caractères au plus."})
    before = _last_note(work, case)
    if before is not None and note_of(work, case) == text:
        return
    note_id = uuid4()
    work.session.add(
        AdministrativeNote(
            id=note_id,
            case_id=case.id,
            sealed=Sealer(work.system.cipher, case).seal(text, "administrative_notes", note_id, "sealed"),
            version=before.version + 1 if before else 1,
            written_by=work.acting.person_id,
            organization_id=work.acting.organization_id,
            written_at=work.now,
        )
    )
    work.audit("admin_note.write", case_id=case.id, subject_kind="note", subject_id=note_id)


def note_of(work: Work, case: Case) -> str:
    """Return the administrative note of a case, for those who may read it; nothing otherwise."""
    if not may(work, Permission.ADMIN_NOTE_READ, case):
        return ""
    row = _last_note(work, case)
    if row is None:
        return ""
    return str(Sealer(work.system.cipher, case).open(row.sealed, "administrative_notes", row.id, "sealed"))


def _content(work: Work, case: Case) -> RequestContent:
    return RequestContent.model_validate(open_content(work, case, last_revision(work, case)))


def _keep_identity(work: Work, case: Case, content: RequestContent) -> None:
    if case.patient_id is not None:
        keep_patient(work, content.patient.model_dump(mode="json"), case.site_id, case.patient_id)


def _last_note(work: Work, case: Case) -> AdministrativeNote | None:
    return work.session.scalar(
        select(AdministrativeNote)
        .where(AdministrativeNote.case_id == case.id)
        .order_by(AdministrativeNote.version.desc())
        .limit(1)
    )
