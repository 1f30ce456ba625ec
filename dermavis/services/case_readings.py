"""Who opened one case and each of its pictures: what a patient may ask, told without opening anything of the case."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import String, cast, func, select

from dermavis.domain.audit_words import detail_words
from dermavis.domain.errors import NotFound
from dermavis.domain.permissions import Permission
from dermavis.models import AuditEvent, Case, Photo
from dermavis.services.access import require
from dermavis.services.audit_subjects import photo_labels
from dermavis.services.audit_trail import case_number
from dermavis.services.names import PlaceNames, full_name, organizations, people
from dermavis.services.readings import record_reading
from dermavis.services.work import Actor, System, Work, reading

OPENINGS = ("case.read", "access.hand_over")
"""Whoever opened the page of a case, or handed all of it over to its patient."""


@dataclass(frozen=True)
class Reader:
    """Somebody who read one thing, for one place: how often, first and last; ``how`` says in what form."""

    who: str
    place: str
    times: int
    first: datetime
    last: datetime
    how: str


@dataclass(frozen=True)
class ReadPicture:
    """One picture of the case and its readers. ``withdrawn``: it is no longer shown to anybody."""

    id: UUID
    label: str
    withdrawn: bool
    readers: tuple[Reader, ...]


@dataclass(frozen=True)
class CaseReadings:
    """The readings of one case, those of each picture apart. ``lists``: who saw its line, with name and thumbnail."""

    number: str
    site: str
    centre: str
    sent_at: datetime | None
    opened: tuple[Reader, ...]
    reports: tuple[Reader, ...]
    lists: tuple[Reader, ...]
    pictures: tuple[ReadPicture, ...]


def read_case_readings(system: System, actor: Actor, number: str) -> CaseReadings:
    """Return who read a case of the network. Raises Forbidden, NotFound."""
    with reading(system, actor) as work:
        require(work, Permission.AUDIT_READ)
        case = work.session.scalar(
            select(Case).where(
                Case.network_id == work.acting.facts.network_id, Case.number == case_number(number)
            )
        )
        if case is None:
            raise NotFound("Aucune demande de ce réseau n’a ce numéro.")
        case_id, found = case.id, readings_of(work, case)
    record_reading(
        system,
        actor,
        "audit.read",
        case_id=case_id,
        subject_kind="case",
        subject_id=case_id,
        number=found.number,
    )
    return found


def readings_of(work: Work, case: Case) -> CaseReadings:
    """Return who read a case. The caller checks the permission, and notes it."""
    rows = work.session.scalars(
        select(AuditEvent)
        .where(
            AuditEvent.case_id == case.id,
            AuditEvent.action.in_([*OPENINGS, "report.read", "photo.read"]),
        )
        .order_by(AuditEvent.id)
    ).all()
    places = organizations(work, [case.site_id, case.centre_id])
    return CaseReadings(
        number=case.number or "",
        site=_name(places, case.site_id),
        centre=_name(places, case.centre_id),
        sent_at=case.sent_at,
        opened=_readers(work, [row for row in rows if row.action in OPENINGS]),
        reports=_readers(work, [row for row in rows if row.action == "report.read"]),
        lists=_readers(work, _seen_in_lists(work, case)),
        pictures=_pictures(work, case, [row for row in rows if row.action == "photo.read"]),
    )


def _seen_in_lists(work: Work, case: Case) -> Sequence[AuditEvent]:
    """The lists that held the case: nobody saw it in one before its own first row was written."""
    first = select(func.min(AuditEvent.id)).where(AuditEvent.case_id == case.id).scalar_subquery()
    return work.session.scalars(
        select(AuditEvent)
        .where(
            AuditEvent.action == "list.read",
            AuditEvent.id > first,
            cast(AuditEvent.detail, String).contains(str(case.id), autoescape=True),
        )
        .order_by(AuditEvent.id)
    ).all()


def _pictures(work: Work, case: Case, rows: Sequence[AuditEvent]) -> tuple[ReadPicture, ...]:
    labels = photo_labels(work, [case.id])
    withdrawn = set(
        work.session.scalars(
            select(Photo.id).where(Photo.case_id == case.id, Photo.withdrawn_at.is_not(None))
        )
    )
    return tuple(
        ReadPicture(
            id=photo_id,
            label=label,
            withdrawn=photo_id in withdrawn,
            readers=_readers(work, [row for row in rows if row.subject_id == photo_id]),
        )
        for photo_id, label in labels.items()
    )


def _readers(work: Work, rows: Iterable[AuditEvent]) -> tuple[Reader, ...]:
    grouped: dict[tuple[UUID | None, UUID | None], list[AuditEvent]] = {}
    for row in rows:
        grouped.setdefault((row.actor_id, row.organization_id), []).append(row)
    names = people(work, [person for person, _ in grouped])
    places = organizations(work, [place for _, place in grouped])
    found = [
        Reader(
            who=full_name(names[person]) if person in names else "DermAvis",
            place=_name(places, place),
            times=len(group),
            first=group[0].at,
            last=group[-1].at,
            how=", ".join(
                sorted({words for row in group if (words := _how(row))}),
            ),
        )
        for (person, place), group in grouped.items()
    ]
    return tuple(sorted(found, key=lambda reader: reader.last, reverse=True))


def _how(row: AuditEvent) -> str:
    return "" if row.action == "list.read" else detail_words(row.action, row.detail, row.subject_kind)


def _name(places: dict[UUID, PlaceNames], place_id: UUID | None) -> str:
    return places[place_id].name if place_id in places else ""
