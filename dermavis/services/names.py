"""The names of people and organisations, as screens show them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import select

from dermavis.models import Organization, Person
from dermavis.models.queries.quick import Question, numbered, rounded, several
from dermavis.services.work import Work


class PersonNames(Protocol):
    """What of a person makes their name: the person, or a row of ``people``."""

    @property
    def id(self) -> UUID: ...
    @property
    def title(self) -> str: ...
    @property
    def first_name(self) -> str: ...
    @property
    def last_name(self) -> str: ...


class PlaceNames(Protocol):
    """What of an organisation says where it is and what: the organisation, or a row of ``organizations``."""

    @property
    def id(self) -> UUID: ...
    @property
    def network_id(self) -> UUID: ...
    @property
    def name(self) -> str: ...
    @property
    def short_name(self) -> str: ...
    @property
    def site_kind(self) -> str: ...
    @property
    def commune(self) -> str: ...
    @property
    def phone(self) -> str: ...


def full_name(person: PersonNames) -> str:
    """Return "Dr Solène Maubert"."""
    return " ".join(part for part in (person.title, person.first_name, person.last_name) if part)


def short_name(person: PersonNames) -> str:
    """Return "Dr Maubert", or the first name's initial for somebody without a title."""
    return f"{person.title or person.first_name[:1] + '.'} {person.last_name}".strip()


def people(work: Work, ids: Iterable[UUID | None]) -> dict[UUID, PersonNames]:
    """Return the names of the people of these ids, in one query."""
    return _by_id(work, _people, ids)


def organizations(work: Work, ids: Iterable[UUID | None]) -> dict[UUID, PlaceNames]:
    """Return the names of the organisations of these ids, in one query."""
    return _by_id(work, _organizations, ids)


def _by_id(work: Work, question: Callable[[int], Question], ids: Iterable[UUID | None]) -> dict[UUID, Any]:
    wanted = {one for one in ids if one}
    if not wanted:
        return {}
    size = rounded(len(wanted))
    rows = question(size).all(work.session, **numbered("id", wanted, size))
    return {row.id: row for row in rows}


@lru_cache(maxsize=16)
def _people(count: int) -> Question:
    row = Person.__table__.c
    return Question(
        select(row.id, row.title, row.first_name, row.last_name).where(row.id.in_(several("id", count)))
    )


@lru_cache(maxsize=16)
def _organizations(count: int) -> Question:
    row = Organization.__table__.c
    names = (row.name, row.short_name, row.site_kind, row.commune, row.phone)
    return Question(select(row.id, row.network_id, *names).where(row.id.in_(several("id", count))))


def name_of(work: Work, person_id: UUID | None) -> str:
    """Return a person's full name, or « DermAvis » when the clock itself acted."""
    person = work.session.get(Person, person_id) if person_id else None
    return full_name(person) if person else "DermAvis"
