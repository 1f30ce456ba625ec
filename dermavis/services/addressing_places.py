"""Who could take a request: the places of a network with their charters, the site's agreements, what is asked."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from dermavis.domain import addressing as rules
from dermavis.domain.calendars import is_open
from dermavis.domain.requests import RequestContent
from dermavis.domain.roles import ANSWERING
from dermavis.models import AccessRequest, Membership, Organization, Person, Team, TeamMember
from dermavis.models.queries.validity import holds_on
from dermavis.services.charters import Charter, charter_of, on_duty
from dermavis.services.names import full_name
from dermavis.services.work import Work


def question_of(content: RequestContent, site: Organization, profession: str, **asked: Any) -> rules.Question:
    """Return what a request asks for, as the rule takes it; ``asked``: the facts of an asking that went before."""
    return rules.Question(
        mode=rules.Mode(content.addressing.mode),
        motive=content.motive,
        profession=profession,
        postcode=content.patient.postcode or site.postcode,
        urgency=content.urgency,
        team_id=content.addressing.team,
        person_id=content.addressing.person,
        **asked,
    )


def places_of(
    work: Work, network_id: UUID, specialty_id: str
) -> tuple[list[rules.Place], dict[UUID, Charter]]:
    """Return the places that answer for a specialty, in the order to offer them, and their organisations' charters."""
    rows = work.session.execute(
        select(Team, Organization)
        .join(Organization, Organization.id == Team.organization_id)
        .where(
            Team.network_id == network_id, Team.specialty_id == specialty_id, Organization.closed_at.is_(None)
        )
        .order_by(Organization.kind, Organization.name, Team.name)
    ).all()
    charters = {
        organization.id: charter_of(work, organization.id, specialty_id)
        for organization in {organization.id: organization for _, organization in rows}.values()
    }
    experts = _experts(work, [team.id for team, _ in rows])
    return [
        _place(work, team, row, charters[row.id], experts.get(team.id, [])) for team, row in rows
    ], charters


def _place(
    work: Work, team: Team, organization: Organization, charter: Charter, people: list[Person]
) -> rules.Place:
    duty = on_duty(charter, work.now)
    return rules.Place(
        team_id=team.id,
        team_name=organization.name,
        organization_id=organization.id,
        organization_name=organization.name,
        kind=organization.kind,
        motives=charter.motives,
        professions=charter.professions,
        territory=charter.territory,
        experts=tuple(
            rules.Expert(
                id=person.id,
                name=full_name(person),
                red_list=bool(person.preferences.get("not_by_name")),
                on_duty=person.id in duty,
            )
            for person in people
        ),
        closed=team.closed_at is not None or not people,
        open_now=is_open(work.now, charter.hours),
    )


def _experts(work: Work, team_ids: list[UUID]) -> dict[UUID, list[Person]]:
    today = work.now.date()
    rows = work.session.execute(
        select(TeamMember.team_id, Person)
        .join(Person, Person.id == TeamMember.person_id)
        .join(Team, Team.id == TeamMember.team_id)
        .join(
            Membership,
            (Membership.person_id == Person.id) & (Membership.organization_id == Team.organization_id),
        )
        .where(
            TeamMember.team_id.in_(team_ids),
            holds_on(TeamMember, today),
            Membership.role.in_([role.value for role in ANSWERING]),
            Person.state == "active",
        )
        .order_by(Person.last_name, Person.first_name)
    ).all()
    by_team: dict[UUID, dict[UUID, Person]] = {}
    for team_id, person in rows:
        by_team.setdefault(team_id, {})[person.id] = person
    return {team_id: list(people.values()) for team_id, people in by_team.items()}


def grants_of(work: Work, site_id: UUID) -> list[rules.Grant]:
    """Return a site's approved agreements that hold today."""
    today = work.now.date()
    rows = work.session.scalars(
        select(AccessRequest).where(
            AccessRequest.site_id == site_id,
            AccessRequest.state == "approved",
            holds_on(AccessRequest, today),
        )
    )
    return [rules.Grant(team_id=row.team_id, person_id=row.person_id, motive=row.motive) for row in rows]


def profession_of(work: Work, person_id: UUID, site_id: UUID) -> str:
    """Return as what a person asks at a site: their first role there that is no secretary's."""
    roles = work.session.scalars(
        select(Membership.role)
        .where(Membership.person_id == person_id, Membership.organization_id == site_id)
        .order_by(Membership.valid_from)
    ).all()
    return next((role for role in roles if role != "site_secretary"), "requester")
