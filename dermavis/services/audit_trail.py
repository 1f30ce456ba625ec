"""Reading the audit: per case, per person, by action and day. Reading it is itself audited."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select

from dermavis.domain.permissions import Permission
from dermavis.domain.text import normalise_name
from dermavis.models import AuditEvent, Case, Membership, Organization, Person
from dermavis.services.access import require
from dermavis.services.names import full_name, organizations, people
from dermavis.services.work import Work

PAGE = 50


@dataclass(frozen=True)
class Filter:
    """What is looked for; empty parts ask nothing. Days are local to the actor; ``before`` continues a list."""

    number: str = ""
    person: str = ""
    action: str = ""
    first: date | None = None
    last: date | None = None
    before: int | None = None


@dataclass(frozen=True)
class TrailRow:
    """One thing done or read. ``who`` and ``place`` are names of professionals; a patient is never named here."""

    id: int
    at: datetime
    action: str
    who: str
    place: str
    on_behalf_of: str
    number: str
    case_id: UUID | None
    subject_kind: str
    subject_id: UUID | None
    detail: dict[str, Any]


@dataclass(frozen=True)
class Trail:
    """A page of the audit, the latest first; ``next_before`` continues it."""

    rows: tuple[TrailRow, ...]
    next_before: int | None


def read_trail(work: Work, wanted: Filter) -> Trail:
    """Return a page of the network's audit. Raises Forbidden. The caller's transaction must be a writing one."""
    require(work, Permission.AUDIT_READ)
    rows = list(work.session.scalars(_query(work, wanted).limit(PAGE + 1)))
    more = len(rows) > PAGE
    rows = rows[:PAGE]
    work.audit(
        "audit.read",
        subject_kind="audit",
        number=wanted.number,
        of_action=wanted.action,
        of_person=bool(wanted.person),
        rows=len(rows),
    )
    return Trail(_shown(work, rows), rows[-1].id if more else None)


def _query(work: Work, wanted: Filter) -> Select[AuditEvent]:
    zone = ZoneInfo(work.acting.time_zone)
    network = work.acting.facts.network_id
    places = select(Organization.id).where(Organization.network_id == network)
    cases = select(Case.id).where(Case.network_id == network)
    query = select(AuditEvent).where(
        AuditEvent.organization_id.in_(places)
        | AuditEvent.case_id.in_(cases)
        | AuditEvent.organization_id.is_(None)
    )
    if wanted.number:
        query = query.where(AuditEvent.case_id.in_(cases.where(Case.number == wanted.number.strip().upper())))
    if wanted.person:
        query = query.where(AuditEvent.actor_id.in_(_people_named(work, wanted.person)))
    if wanted.action:
        query = query.where(AuditEvent.action.startswith(wanted.action, autoescape=True))
    if wanted.first:
        query = query.where(AuditEvent.at >= datetime.combine(wanted.first, datetime.min.time(), zone))
    if wanted.last:
        end = datetime.combine(wanted.last + timedelta(days=1), datetime.min.time(), zone)
        query = query.where(AuditEvent.at < end)
    if wanted.before is not None:
        query = query.where(AuditEvent.id < wanted.before)
    return query.order_by(AuditEvent.id.desc())


def _people_named(work: Work, words: str) -> list[UUID]:
    key = normalise_name(words)
    rows = work.session.scalars(
        select(Person).where(
            Person.id.in_(
                select(Membership.person_id)
                .join(Organization, Organization.id == Membership.organization_id)
                .where(Organization.network_id == work.acting.facts.network_id)
            )
        )
    )
    return [row.id for row in rows if key and key in normalise_name(f"{full_name(row)} {row.last_name}")]


def _shown(work: Work, rows: Iterable[AuditEvent]) -> tuple[TrailRow, ...]:
    rows = list(rows)
    names = people(work, [person for row in rows for person in (row.actor_id, row.on_behalf_of)])
    places = organizations(work, [row.organization_id for row in rows])
    wanted = {row.case_id for row in rows if row.case_id}
    found = work.session.execute(select(Case.id, Case.number).where(Case.id.in_(wanted))).all()
    numbers: dict[UUID, str | None] = {row.id: row.number for row in found}

    def name(person_id: UUID | None) -> str:
        return full_name(names[person_id]) if person_id in names else ""

    return tuple(
        TrailRow(
            id=row.id,
            at=row.at,
            action=row.action,
            who=name(row.actor_id) or "DermAvis",
            place=places[row.organization_id].name if row.organization_id in places else "",
            on_behalf_of=name(row.on_behalf_of),
            number=(numbers.get(row.case_id) or "") if row.case_id else "",
            case_id=row.case_id,
            subject_kind=row.subject_kind,
            subject_id=row.subject_id,
            detail=row.detail,
        )
        for row in rows
    )
