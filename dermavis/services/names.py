"""The names of people and organisations, as screens show them."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from dermavis.models import Organization, Person
from dermavis.services.work import Work


def full_name(person: Person) -> str:
    """Return "Dr Solène Maubert"."""
    return " ".join(part for part in (person.title, person.first_name, person.last_name) if part)


def short_name(person: Person) -> str:
    """Return "Dr Maubert", or the first name's initial for somebody without a title."""
    return f"{person.title or person.first_name[:1] + '.'} {person.last_name}".strip()


def people(work: Work, ids: Iterable[UUID | None]) -> dict[UUID, Person]:
    """Return the people of these ids, in one query."""
    wanted = {person_id for person_id in ids if person_id}
    if not wanted:
        return {}
    return {person.id: person for person in work.session.scalars(select(Person).where(Person.id.in_(wanted)))}


def organizations(work: Work, ids: Iterable[UUID | None]) -> dict[UUID, Organization]:
    """Return the organisations of these ids, in one query."""
    wanted = {organization_id for organization_id in ids if organization_id}
    if not wanted:
        return {}
    rows = work.session.scalars(select(Organization).where(Organization.id.in_(wanted)))
    return {organization.id: organization for organization in rows}


def name_of(work: Work, person_id: UUID | None) -> str:
    """Return a person's full name, or « DermAvis » when the clock itself acted."""
    person = work.session.get(Person, person_id) if person_id else None
    return full_name(person) if person else "DermAvis"
