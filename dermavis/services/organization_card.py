"""One organisation whole, as an administrator sees it: its people, its teams, what a site does by habit."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from dermavis.domain.permissions import Permission
from dermavis.domain.roles import ROLE_NAMES, Role
from dermavis.models import Membership, Organization, Person, Team
from dermavis.models.queries.validity import holds_still_on
from dermavis.services.access import require
from dermavis.services.expert_teams import eligible_members, members_of, teams_of
from dermavis.services.names import full_name
from dermavis.services.organizations import (
    ANSWERING_KINDS,
    POOLING_KINDS,
    find_organization,
    waiting_requests,
)
from dermavis.services.site_habits import coordination_of, default_target
from dermavis.services.work import Work

Choice = tuple[str, str]
"""An id as a form sends it, and its name."""


@dataclass(frozen=True)
class TeamCard:
    """A team: who may be in it, and who is."""

    team: Team
    eligible: tuple[Choice, ...]
    members: frozenset[str]


@dataclass(frozen=True)
class OrganizationCard:
    """An organisation. ``people`` are those with a role today; ``waiting`` counts requests without their answer.

    For a site, ``target`` and ``coordination`` are ids (or nothing) among ``targets`` and ``coordinations``.
    """

    organization: Organization
    people: tuple[tuple[UUID, str, str], ...]
    waiting: int
    own: bool
    teams: tuple[TeamCard, ...]
    target: str
    targets: tuple[Choice, ...]
    coordination: str
    coordinations: tuple[Choice, ...]

    @property
    def answers(self) -> bool:
        """Whether it has teams and a charter."""
        return self.organization.kind in ANSWERING_KINDS


def read_organization(work: Work, organization_id: UUID) -> OrganizationCard:
    """Return one organisation of the network. Raises Forbidden, NotFound."""
    require(work, Permission.ORGANIZATIONS_MANAGE)
    row = find_organization(work, organization_id)
    is_site = row.kind == "site"
    return OrganizationCard(
        organization=row,
        people=_people(work, row.id),
        waiting=waiting_requests(work, row.id),
        own=row.id == work.acting.organization_id,
        teams=tuple(_team(work, team) for team in teams_of(work, row.id)),
        target=str(default_target(work, row.id) or "") if is_site else "",
        targets=_targets(work) if is_site else (),
        coordination=str(coordination_of(work, row.id) or "") if is_site else "",
        coordinations=_coordinations(work) if is_site else (),
    )


def open_organizations(work: Work) -> list[Organization]:
    """Return the organisations of the network in which a role can be given, by name. Raises Forbidden."""
    require(work, Permission.PEOPLE_MANAGE)
    rows = work.session.scalars(
        select(Organization)
        .where(
            Organization.network_id == work.acting.facts.network_id,
            Organization.closed_at.is_(None),
        )
        .order_by(Organization.name)
    )
    return list(rows)


def _people(work: Work, organization_id: UUID) -> tuple[tuple[UUID, str, str], ...]:
    rows = work.session.execute(
        select(Person, Membership.role)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Membership.organization_id == organization_id,
            holds_still_on(Membership, work.now.date()),
            Person.state != "revoked",
        )
        .order_by(Person.last_name, Person.first_name, Membership.role)
    )
    return tuple((person.id, full_name(person), ROLE_NAMES[Role(role)]) for person, role in rows)


def _team(work: Work, team: Team) -> TeamCard:
    eligible = tuple(
        (str(person.id), full_name(person)) for person in eligible_members(work, team.organization_id)
    )
    return TeamCard(team, eligible, frozenset(str(person_id) for person_id in members_of(work, team.id)))


def _targets(work: Work) -> tuple[Choice, ...]:
    rows = work.session.execute(
        select(Team.id, Team.name, Organization.name.label("place"))
        .join(Organization, Organization.id == Team.organization_id)
        .where(
            Team.network_id == work.acting.facts.network_id,
            Team.closed_at.is_(None),
            Organization.closed_at.is_(None),
        )
        .order_by(Organization.name, Team.name)
    )
    return tuple((str(row.id), f"{row.place} · {row.name}") for row in rows)


def _coordinations(work: Work) -> tuple[Choice, ...]:
    rows = [row for row in open_organizations(work) if row.kind in POOLING_KINDS]
    return tuple((str(row.id), row.name) for row in rows)
