"""One case of a patient, gathered for them: plain values, and the names of the files that go with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from dermavis.domain.case_states import STATE_WORDS, Machine, State
from dermavis.domain.deadlines import URGENCY_WORDS
from dermavis.domain.report_text import plain_text
from dermavis.domain.specialty import describe
from dermavis.domain.wording import moment_words
from dermavis.models import (
    Aftermath,
    Appointment,
    Case,
    CaseRevision,
    Consent,
    Opinion,
    Organization,
    Photo,
    Transition,
)
from dermavis.services.audit_subjects import photo_labels
from dermavis.services.case_readings import readings_of
from dermavis.services.conversation import messages
from dermavis.services.following import DONE, HELPED
from dermavis.services.lists import motive_label
from dermavis.services.names import name_of
from dermavis.services.reports import report_of
from dermavis.services.revisions import open_content
from dermavis.services.statements import statements_of
from dermavis.services.vault import Sealer
from dermavis.services.work import Work


@dataclass(frozen=True)
class Picture:
    """A picture of a case, and the name of its file without ending."""

    photo_id: UUID
    name: str
    label: str


@dataclass(frozen=True)
class CaseContents:
    """One case. ``told`` is what programs read; ``pictures`` and ``opinions`` become files."""

    id: UUID
    number: str
    folder: str
    told: dict[str, Any]
    pictures: tuple[Picture, ...]
    opinions: tuple[UUID, ...]


def case_contents(work: Work, case: Case) -> CaseContents:
    """Gather one case. The caller has checked who asks, and notes the reading."""
    number = case.number or ""
    pictures = _pictures(work, case)
    opinions = list(
        work.session.scalars(
            select(Opinion)
            .where(Opinion.case_id == case.id, Opinion.effective_at <= work.now)
            .order_by(Opinion.version)
        )
    )
    site = work.session.get_one(Organization, case.site_id)
    centre = work.session.get(Organization, case.centre_id) if case.centre_id else None
    told = {
        "number": number,
        "state": STATE_WORDS[State(case.state)],
        "motive": motive_label(work, case.specialty_id, case.motive),
        "urgency": URGENCY_WORDS.get(case.urgency, ""),
        "sent_at": iso(case.sent_at),
        "closed_at": iso(case.closed_at),
        "requester": name_of(work, case.requester_id),
        "site": site.name,
        "centre": centre.name if centre else "",
        "request": _revisions(work, case),
        "consents": _consents(work, case),
        "pictures": [{"file": f"{number}/{picture.name}", "what": picture.label} for picture in pictures],
        "messages": [
            {"at": row.at.isoformat(), "by": row.author, "text": row.text} for row in messages(work, case)
        ],
        "opinions": [
            {
                "version": row.version,
                "signed_by": name_of(work, row.signed_by),
                "signed_at": iso(row.signed_at),
                "text": plain_text(report_of(work, case, row, with_pictures=False)),
            }
            for row in opinions
        ],
        "appointments": _appointments(work, case),
        "aftermath": _aftermath(work, case),
        "statements": [{"text": row.text, "when": row.when} for row in statements_of(work, case)],
        "steps": _steps(work, case),
        "read_by": _readers(work, case),
    }
    return CaseContents(case.id, number, number, told, pictures, tuple(row.id for row in opinions))


def _revisions(work: Work, case: Case) -> list[dict[str, Any]]:
    specialty = work.system.specialty(case.specialty_id, case.specialty_version)
    rows = work.session.scalars(
        select(CaseRevision).where(CaseRevision.case_id == case.id).order_by(CaseRevision.number)
    )
    found = []
    for row in rows:
        content = open_content(work, case, row)
        found.append(
            {
                "version": row.number,
                "made_by": name_of(work, row.made_by),
                "made_at": iso(row.made_at),
                "facts": [[fact.label, fact.value] for fact in describe(specialty, content)],
                "content": content,
            }
        )
    return found


def _consents(work: Work, case: Case) -> list[dict[str, Any]]:
    sealer = Sealer(work.system.cipher, case)
    return [
        {
            "kind": row.kind,
            "given": row.given,
            "given_by": row.given_by,
            "representative": sealer.open(
                row.representative_sealed, "consents", row.id, "representative_sealed"
            )
            if row.representative_sealed
            else "",
            "recorded_by": name_of(work, row.recorded_by),
            "recorded_at": iso(row.recorded_at),
        }
        for row in work.session.scalars(
            select(Consent).where(Consent.case_id == case.id).order_by(Consent.recorded_at, Consent.id)
        )
    ]


def _pictures(work: Work, case: Case) -> tuple[Picture, ...]:
    labels = photo_labels(work, [case.id])
    rows = work.session.scalars(
        select(Photo.id)
        .where(Photo.case_id == case.id, Photo.state == "ready", Photo.withdrawn_at.is_(None))
        .order_by(Photo.position, Photo.created_at, Photo.id)
    )
    return tuple(
        Picture(photo_id, f"photo-{rank:02}", labels.get(photo_id, ""))
        for rank, photo_id in enumerate(rows, 1)
    )


def _appointments(work: Work, case: Case) -> list[dict[str, Any]]:
    sealer = Sealer(work.system.cipher, case)
    specialty = work.system.specialty(case.specialty_id, case.specialty_version)
    kinds: dict[str, str] = {outcome.id: outcome.label for outcome in specialty.outcomes}
    rows = work.session.scalars(
        select(Appointment).where(Appointment.case_id == case.id).order_by(Appointment.created_at)
    )
    return [
        {
            "kind": kinds.get(row.kind, row.kind),
            "state": STATE_WORDS[State(row.state)],
            "planned_for": iso(row.planned_for),
            "place": sealer.open(row.place_sealed, "appointments", row.id, "place_sealed")
            if row.place_sealed
            else "",
        }
        for row in rows
    ]


def _aftermath(work: Work, case: Case) -> list[dict[str, Any]]:
    sealer = Sealer(work.system.cipher, case)
    rows = work.session.scalars(
        select(Aftermath).where(Aftermath.case_id == case.id).order_by(Aftermath.written_at)
    )
    return [
        {
            "done": DONE.get(row.done, row.done),
            "helped": HELPED.get(row.helped, row.helped),
            "note": sealer.open(row.note_sealed, "aftermaths", row.id, "note_sealed")
            if row.note_sealed
            else "",
            "by": name_of(work, row.written_by),
            "at": iso(row.written_at),
        }
        for row in rows
    ]


def _steps(work: Work, case: Case) -> list[dict[str, Any]]:
    rows = work.session.scalars(
        select(Transition)
        .where(Transition.case_id == case.id, Transition.machine == Machine.QUESTION.value)
        .order_by(Transition.case_version)
    )
    return [
        {"at": iso(row.at), "by": name_of(work, row.actor_id), "to": STATE_WORDS[State(row.to_state)]}
        for row in rows
    ]


def _readers(work: Work, case: Case) -> list[dict[str, Any]]:
    found = readings_of(work, case)
    zone = work.acting.time_zone
    things = [
        ("le dossier", found.opened),
        ("le compte rendu", found.reports),
        ("sa ligne dans une liste", found.lists),
    ]
    things += [(picture.label, picture.readers) for picture in found.pictures if not picture.withdrawn]
    return [
        {
            "what": what,
            "who": reader.who,
            "place": reader.place,
            "times": reader.times,
            "first": moment_words(reader.first, zone),
            "last": moment_words(reader.last, zone),
            "how": reader.how,
        }
        for what, readers in things
        for reader in readers
    ]


def iso(instant: datetime | None) -> str:
    """Return an instant as programs read it, nothing for none."""
    return instant.isoformat() if instant else ""
