"""Reading the audit: by case, person, action and days. Reading it is itself audited, and durable before it is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, or_, select

from dermavis.domain.audit_words import action_words, actions_of, detail_words, is_self_made
from dermavis.domain.errors import InvalidInput
from dermavis.domain.permissions import Permission
from dermavis.domain.text import clean, normalise_name, search_words
from dermavis.models import AuditEvent, Case, Membership, Organization, Person
from dermavis.services.access import require
from dermavis.services.audit_subjects import subjects_of
from dermavis.services.names import full_name, organizations, people
from dermavis.services.readings import record_reading
from dermavis.services.work import Actor, System, Work, reading

PAGE = 50
MOST_EXPORTED = 10_000
MOST_NAMED = 20
CASE_NUMBER = re.compile(r"[A-Z]{1,6}-?\d{1,12}")


@dataclass(frozen=True)
class Filter:
    """What is looked for; empty parts ask nothing. Days are local to the actor; ``before`` continues a list.

    ``action`` is an action or a group of ``dermavis.domain.audit_words``.
    """

    number: str = ""
    person: UUID | None = None
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
    what: str
    detail: str
    who: str
    place: str
    on_behalf_of: str
    number: str
    about: str


@dataclass(frozen=True)
class Trail:
    """A page of the audit, the latest first; ``next_before`` continues it."""

    rows: tuple[TrailRow, ...]
    next_before: int | None


def read_trail(system: System, actor: Actor, wanted: Filter) -> Trail:
    """Return a page of the network's audit. Raises Forbidden, and InvalidInput by field of the filter."""
    return _read(system, actor, wanted, PAGE, "audit.read")


def export_trail(system: System, actor: Actor, wanted: Filter) -> Trail:
    """Return the rows of the network's audit for a file, at most ``MOST_EXPORTED``. Raises as ``read_trail``."""
    return _read(system, actor, replace(wanted, before=None), MOST_EXPORTED, "audit.export")


def people_named(work: Work, words: str) -> list[tuple[UUID, str]]:
    """Return people of the network whose names hold all the words, by name, at most ``MOST_NAMED``.

    Raises Forbidden.
    """
    require(work, Permission.AUDIT_READ)
    wanted = search_words(words)
    found = [
        (row.id, full_name(row))
        for row in work.session.scalars(
            select(Person).where(Person.id.in_(_of_network(work))).order_by(Person.last_name, Person.id)
        )
        if wanted and all(word in normalise_name(full_name(row)) for word in wanted)
    ]
    return found[:MOST_NAMED]


def person_named(work: Work, person_id: UUID) -> str:
    """Return the name of somebody of the network, nothing for others. Raises Forbidden."""
    require(work, Permission.AUDIT_READ)
    row = work.session.scalar(select(Person).where(Person.id == person_id, Person.id.in_(_of_network(work))))
    return full_name(row) if row else ""


def case_number(typed: str) -> str:
    """Return a case number as it is kept. Raises InvalidInput for what is none: a name is never looked for here."""
    number = "".join(clean(typed).split()).upper().replace("‑", "-").replace("–", "-")
    if number and not CASE_NUMBER.fullmatch(number):
        raise InvalidInput({"number": "Un numéro de demande est attendu, comme D-4821."})
    return number


def shown(work: Work, rows: Sequence[AuditEvent]) -> tuple[TrailRow, ...]:
    """Return rows of the audit as people read them."""
    places = organizations(work, [row.organization_id for row in rows])
    subjects = subjects_of(work, rows)
    names = people(work, [person for row in rows for person in (row.actor_id, row.on_behalf_of)])
    numbers = _numbers(work, rows)

    def name(person_id: UUID | None) -> str:
        return full_name(names[person_id]) if person_id in names else ""

    def who(row: AuditEvent) -> str:
        if row.actor_id is None and is_self_made(row.action):
            return subjects.get(row.id, "")
        return name(row.actor_id) or "DermAvis"

    return tuple(
        TrailRow(
            id=row.id,
            at=row.at,
            action=row.action,
            what=action_words(row.action),
            detail=detail_words(row.action, row.detail, row.subject_kind),
            who=who(row) or "Personne inconnue",
            place=places[row.organization_id].name if row.organization_id in places else "",
            on_behalf_of=name(row.on_behalf_of),
            number=numbers.get(row.case_id, "") if row.case_id else "",
            about=subjects.get(row.id, ""),
        )
        for row in rows
    )


def _read(system: System, actor: Actor, wanted: Filter, most: int, action: str) -> Trail:
    with reading(system, actor) as work:
        require(work, Permission.AUDIT_READ)
        rows = list(work.session.scalars(_query(work, wanted).limit(most + 1)))
        more = len(rows) > most
        found = shown(work, rows[:most])
    record_reading(
        system,
        actor,
        action,
        subject_kind="audit",
        subject_id=wanted.person,
        number=case_number(wanted.number),
        of_action=wanted.action,
        rows=len(found),
    )
    return Trail(found, found[-1].id if more else None)


def _query(work: Work, wanted: Filter) -> Select[AuditEvent]:
    zone = ZoneInfo(work.acting.time_zone)
    cases = select(Case.id).where(Case.network_id == work.acting.facts.network_id)
    query = select(AuditEvent).where(_of_this_network(work)).order_by(AuditEvent.id.desc())
    if wanted.number:
        query = query.where(AuditEvent.case_id.in_(cases.where(Case.number == case_number(wanted.number))))
    if wanted.person:
        about_them = (AuditEvent.subject_kind == "person") & (AuditEvent.subject_id == wanted.person)
        query = query.where(
            (AuditEvent.actor_id == wanted.person) | (AuditEvent.on_behalf_of == wanted.person) | about_them
        )
    if wanted.action:
        actions = actions_of(wanted.action)
        if not actions:
            raise InvalidInput({"action": "Choisissez une action de la liste."})
        query = query.where(AuditEvent.action.in_(actions))
    if wanted.first and wanted.last and wanted.first > wanted.last:
        raise InvalidInput({"last": "Le dernier jour vient après le premier."})
    if wanted.first:
        query = query.where(AuditEvent.at >= datetime.combine(wanted.first, datetime.min.time(), zone))
    if wanted.last:
        end = datetime.combine(wanted.last + timedelta(days=1), datetime.min.time(), zone)
        query = query.where(AuditEvent.at < end)
    if wanted.before is not None:
        query = query.where(AuditEvent.id < wanted.before)
    return query


def _of_this_network(work: Work) -> ColumnElement[bool]:
    """Done for its organisations or on its cases; or, before anybody could act, about its people, or about nobody."""
    network = work.acting.facts.network_id
    places = select(Organization.id).where(Organization.network_id == network)
    cases = select(Case.id).where(Case.network_id == network)
    about = or_(
        AuditEvent.subject_id.is_(None),
        AuditEvent.subject_id.in_(_of_network(work)),
        AuditEvent.subject_id.in_(places),
        AuditEvent.subject_id == network,
    )
    nowhere = AuditEvent.organization_id.is_(None) & AuditEvent.case_id.is_(None)
    return AuditEvent.organization_id.in_(places) | AuditEvent.case_id.in_(cases) | (nowhere & about)


def _of_network(work: Work) -> Select[UUID]:
    return (
        select(Membership.person_id)
        .join(Organization, Organization.id == Membership.organization_id)
        .where(Organization.network_id == work.acting.facts.network_id)
    )


def _numbers(work: Work, rows: Iterable[AuditEvent]) -> dict[UUID, str]:
    wanted = {row.case_id for row in rows if row.case_id}
    found = work.session.execute(select(Case.id, Case.number).where(Case.id.in_(wanted))).all()
    return {row.id: row.number or "" for row in found}
