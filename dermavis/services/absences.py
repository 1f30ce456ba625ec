"""Who is away, and who is there for them: whoever stands in may be away too, and then has somebody of their own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, bindparam, or_, select
from sqlalchemy.orm import Session

from dermavis.domain.roles import Role, same_work
from dermavis.models import Membership, Person
from dermavis.models.queries.quick import Question
from dermavis.models.queries.validity import holds_on
from dermavis.services.work import Work


def is_away(now: datetime | BindParameter[Any]) -> ColumnElement[bool]:
    """The condition under which a person is absent and has somebody to stand in."""
    return (
        Person.substitute_id.is_not(None)
        & (Person.absent_from <= now)
        & or_(Person.absent_to.is_(None), Person.absent_to >= now)
    )


_AWAY_FOR = Question(
    select(Person.__table__.c.id).where(
        Person.__table__.c.substitute_id == bindparam("substitute"), is_away(bindparam("now"))
    )
)
"""Written once: each request asks it."""


def stands_in_for(session: Session, person_id: UUID, now: datetime) -> frozenset[UUID]:
    """Return the absent whose work is this person's now: directly, or through somebody who is away as well."""
    found: set[UUID] = set()
    asked = [person_id]
    while asked:
        away = _AWAY_FOR.column(session, substitute=asked.pop(), now=now)
        further = set(away) - found - {person_id}
        asked += further
        found |= further
    return frozenset(found)


def colleagues(
    work: Work, person_id: UUID, organization_id: UUID, roles: frozenset[Role]
) -> Sequence[Person]:
    """Return who of an organisation may stand in for a person with these roles, by name.

    They may do the same: a doctor's secretary could confirm no opinion, a billing clerk answer no request.
    """
    there = select(Membership.person_id).where(
        Membership.organization_id == organization_id,
        Membership.role.in_([role.value for role in same_work(roles)]),
        holds_on(Membership, work.now.date()),
    )
    return work.session.scalars(
        select(Person)
        .where(Person.id.in_(there), Person.id != person_id, Person.state == "active")
        .order_by(Person.last_name, Person.first_name)
    ).all()


def stand_ins(session: Session, people: Iterable[UUID], now: datetime) -> dict[UUID, UUID]:
    """Return absent person → the first of their line who is there; without those for whom nobody is."""
    wanted = set(people)
    away = session.scalars(select(Person.id).where(Person.id.in_(wanted), is_away(now))).all()
    found = {person_id: _first_there(session, person_id, now) for person_id in away}
    return {person_id: there for person_id, there in found.items() if there is not None}


def _first_there(session: Session, absent: UUID, now: datetime) -> UUID | None:
    seen: set[UUID] = set()
    at = absent
    while at not in seen:
        seen.add(at)
        following = session.scalar(select(Person.substitute_id).where(Person.id == at, is_away(now)))
        if following is None:
            active = session.scalar(select(Person.id).where(Person.id == at, Person.state == "active"))
            return active if at != absent else None
        at = following
    return None
