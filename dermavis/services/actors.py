"""Who a person is today, and for which organisation they act.

Each request asks this once, so it costs three short queries, written once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from dermavis.domain.permission_facts import ActorFacts
from dermavis.domain.roles import Role
from dermavis.models import Membership, Organization, Person, TeamMember
from dermavis.models.queries.quick import Question
from dermavis.services.absences import stands_in_for
from dermavis.services.names import PersonNames, full_name
from dermavis.services.work import Actor

_organizations, _memberships, _teams, _persons = (
    table.__table__.c for table in (Organization, Membership, TeamMember, Person)
)

_MEMBERSHIPS = Question(
    select(
        _memberships.role,
        _memberships.valid_from,
        _memberships.valid_to,
        _organizations.id,
        _organizations.name,
        _organizations.network_id,
        _organizations.time_zone,
    )
    .where(
        _memberships.person_id == bindparam("person_id"),
        _organizations.id == _memberships.organization_id,
        _organizations.closed_at.is_(None),
    )
    .order_by(_memberships.valid_from, _organizations.name)
)
_TEAMS = Question(
    select(_teams.team_id).where(
        _teams.person_id == bindparam("person_id"),
        _teams.valid_from <= bindparam("today"),
        or_(_teams.valid_to.is_(None), _teams.valid_to >= bindparam("today")),
    )
)
_PERSON = Question(
    select(_persons.id, _persons.state, _persons.title, _persons.first_name, _persons.last_name).where(
        _persons.id == bindparam("person_id")
    )
)


@dataclass(frozen=True)
class Places:
    """The memberships of a person in organisations that are open, whatever day they hold on."""

    person_id: UUID
    rows: Sequence[Any]

    def on(self, day: date) -> list[tuple[UUID, str]]:
        """Return the organisations in which they hold a role on a day, the oldest membership first."""
        return list(dict.fromkeys((row.id, row.name) for row in self.rows if _holds(row, day)))

    def of(self, organization_id: UUID) -> list[Any]:
        """Return their memberships in one organisation."""
        return [row for row in self.rows if row.id == organization_id]


def places_of(session: Session, person_id: UUID) -> Places:
    """Return where a person holds, held or will hold a role."""
    return Places(person_id, _MEMBERSHIPS.all(session, person_id=person_id))


def actor_of(
    session: Session, person_id: UUID, now: datetime, organization_id: UUID | None = None
) -> Actor | None:
    """Return the person as they act today for ``organization_id``, by default the first they belong to.

    None for a revoked person, or for one who holds no role today.
    """
    person = _PERSON.first(session, person_id=person_id)
    if person is None or person.state != "active":
        return None
    return actor_at(session, person, places_of(session, person_id), now, organization_id)


def actor_at(
    session: Session,
    person: PersonNames,
    places: Places,
    now: datetime,
    organization_id: UUID | None = None,
    session_id: UUID | None = None,
) -> Actor | None:
    """Return an active person as ``actor_of`` does, where their name and places are known already."""
    today = [place for place, _ in places.on(now.date())]
    if not today:
        return None
    chosen = places.of(organization_id if organization_id in today else today[0])
    here = chosen[0]
    local = now.astimezone(ZoneInfo(here.time_zone)).date()
    teams = _TEAMS.column(session, person_id=places.person_id, today=local)
    facts = ActorFacts(
        person_id=places.person_id,
        organization_id=here.id,
        network_id=here.network_id,
        roles=frozenset(Role(row.role) for row in chosen if _holds(row, local)),
        team_ids=frozenset(teams),
        substitute_for=stands_in_for(session, places.person_id, now),
    )
    return Actor(facts=facts, name=full_name(person), time_zone=here.time_zone, session_id=session_id)


def _holds(row: Any, day: date) -> bool:
    return bool(row.valid_from <= day and (row.valid_to is None or row.valid_to >= day))
