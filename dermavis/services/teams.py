"""Who is behind an address: the people of a team, of a coordination, of a site."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, select

from dermavis.domain.roles import ANSWERING, REQUESTING, Role
from dermavis.models import Case, Membership, Organization, Person, Team, TeamMember
from dermavis.models.queries.validity import holds_on
from dermavis.services.work import Work


def who_answers(work: Work, case: Case) -> list[UUID]:
    """Return those who may take a submitted case: the named expert, or the signing members of its team."""
    if case.expert_id is not None:
        return [case.expert_id]
    return [person.id for person in who_is_in_team(work, case)]


def who_is_in_team(work: Work, case: Case) -> list[Person]:
    """Return the signing members of the team that a case is addressed to, by name; nobody of one that is closed."""
    today = work.now.date()
    signing = (
        select(TeamMember.person_id)
        .join(Membership, Membership.person_id == TeamMember.person_id)
        .join(Team, Team.id == TeamMember.team_id)
        .join(Organization, Organization.id == Team.organization_id)
        .where(
            TeamMember.team_id == case.team_id,
            Team.closed_at.is_(None),
            Organization.closed_at.is_(None),
            holds_on(TeamMember, today),
            Membership.organization_id == case.centre_id,
            Membership.role.in_([role.value for role in ANSWERING]),
            holds_on(Membership, today),
        )
    )
    rows = work.session.scalars(
        select(Person)
        .where(Person.id.in_(signing), Person.state == "active")
        .order_by(Person.last_name, Person.first_name, Person.id)
    )
    return list(rows)


def who_signs(work: Work, centre_id: UUID, people: Collection[UUID]) -> list[UUID]:
    """Return those of these people who may answer for the centre, by their live account."""
    signers = {person for role in ANSWERING for person in holding(work, centre_id, role)}
    return sorted(signers & set(people))


def coordinators(work: Work, coordination_id: UUID) -> list[UUID]:
    """Return the coordinators of a CPTS or MSP."""
    return holding(work, coordination_id, Role.COORDINATOR)


def secretaries(work: Work, site_id: UUID) -> list[UUID]:
    """Return the secretaries of a site."""
    return holding(work, site_id, Role.SITE_SECRETARY)


def preparers(work: Work, site_id: UUID) -> frozenset[UUID]:
    """Return who prepares requests at a site without asking there: its secretaries, those who left included.

    What a secretary began before leaving must not be lost.
    """
    rows = work.session.execute(
        select(Membership.person_id, Membership.role).where(
            Membership.organization_id == site_id,
            Membership.role.in_([role.value for role in (Role.SITE_SECRETARY, *REQUESTING)]),
        )
    ).all()
    asking = {row.person_id for row in rows if row.role != Role.SITE_SECRETARY.value}
    return frozenset(row.person_id for row in rows) - asking


def centre_secretaries(work: Work, centre_id: UUID) -> list[UUID]:
    """Return the secretaries of a centre, who give appointments."""
    return holding(work, centre_id, Role.CENTRE_SECRETARY)


def billing_clerks(work: Work, organization_id: UUID) -> list[UUID]:
    """Return those who bill for an organisation."""
    return holding(work, organization_id, Role.BILLING_CLERK)


def holding(work: Work, organization_id: UUID, role: Role) -> list[UUID]:
    """Return the live accounts that hold a role in an organisation today."""
    return _with_role(work, role, Membership.organization_id == organization_id)


def holding_in_network(work: Work, network_id: UUID, role: Role) -> list[UUID]:
    """Return the live accounts that hold a role in any organisation of a network today."""
    return _with_role(work, role, Organization.network_id == network_id)


def _with_role(work: Work, role: Role, where: ColumnElement[bool]) -> list[UUID]:
    today = work.now.date()
    return list(
        work.session.scalars(
            select(Membership.person_id)
            .join(Person, Person.id == Membership.person_id)
            .join(Organization, Organization.id == Membership.organization_id)
            .where(
                where,
                Organization.closed_at.is_(None),
                Membership.role == role.value,
                holds_on(Membership, today),
                Person.state == "active",
            )
            .distinct()
            .order_by(Membership.person_id)
        )
    )
