"""The teams of a centre or practice, and who is in them: what an administrator arranges."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import select

from dermavis.domain.errors import InvalidInput, NotFound
from dermavis.domain.permissions import Permission
from dermavis.domain.phones import normalise_phone
from dermavis.domain.roles import ANSWERING, Role
from dermavis.domain.text import clean, is_email, normalise_email
from dermavis.models import Membership, Organization, Person, Team, TeamMember
from dermavis.models.queries.validity import holds_still_on
from dermavis.services.access import require
from dermavis.services.memberships import day_begun
from dermavis.services.organizations import ANSWERING_KINDS, find_organization
from dermavis.services.work import Work

LONGEST_NAME = 100


def save_team(
    work: Work,
    organization_id: UUID,
    name: str,
    email: str,
    phone: str,
    team_id: UUID | None = None,
    specialty_id: str = "dermatology",
) -> Team:
    """Create or change a team of a centre or practice; its specialty is said once. Raises InvalidInput, NotFound."""
    require(work, Permission.TEAMS_MANAGE)
    organization = find_organization(work, organization_id)
    errors: dict[str, str] = {}
    name, email = clean(name), normalise_email(email)
    kept_phone = normalise_phone(phone) if phone.strip() else ""
    if not name or len(name) > LONGEST_NAME:
        errors["name"] = f"Donnez un nom à l’équipe, de {LONGEST_NAME} signes au plus."
    if kept_phone is None:
        errors["phone"] = "Ce numéro de téléphone est incomplet ou impossible."
    if email and not is_email(email):
        errors["email"] = "Cette adresse de courriel n’est pas complète."
    if organization.kind not in ANSWERING_KINDS:
        errors["name"] = "Seuls un centre expert ou un cabinet de dermatologie ont une équipe."
    if errors:
        raise InvalidInput(errors)
    row = _team(work, organization_id, team_id, specialty_id)
    row.name, row.email, row.phone = name, email, kept_phone or ""
    work.session.add(row)
    work.session.flush()
    work.audit("team.save", subject_kind="team", subject_id=row.id)
    return row


def set_team_members(work: Work, team_id: UUID, person_ids: Collection[UUID]) -> None:
    """Say who is in a team from today: those who may answer, or prepare, for its organisation."""
    require(work, Permission.TEAMS_MANAGE)
    team = work.session.get(Team, team_id)
    if team is None or team.network_id != work.acting.facts.network_id:
        raise NotFound
    allowed = {person.id for person in eligible_members(work, team.organization_id)}
    if not set(person_ids) <= allowed:
        raise InvalidInput({"members": "Choisissez des personnes qui répondent pour cette organisation."})
    zone = work.session.get_one(Organization, team.organization_id).time_zone
    today = day_begun(work.now, zone)
    present = {
        row.person_id: row
        for row in work.session.scalars(
            select(TeamMember).where(TeamMember.team_id == team_id, TeamMember.valid_to.is_(None))
        )
    }
    for person_id, row in present.items():
        if person_id not in person_ids:
            row.valid_to = today - timedelta(days=1)
    for person_id in set(person_ids) - present.keys():
        work.session.add(TeamMember(id=uuid4(), team_id=team_id, person_id=person_id, valid_from=today))
    work.audit("team.members", subject_kind="team", subject_id=team_id, count=len(set(person_ids)))


def eligible_members(work: Work, organization_id: UUID) -> list[Person]:
    """Return those who answer or prepare for an organisation, by name."""
    roles = [role.value for role in (*ANSWERING, Role.JUNIOR)]
    holding = select(Membership.person_id).where(
        Membership.organization_id == organization_id,
        Membership.role.in_(roles),
        holds_still_on(Membership, work.now.date()),
    )
    rows = work.session.scalars(
        select(Person)
        .where(Person.id.in_(holding), Person.state != "revoked")
        .order_by(Person.last_name, Person.first_name)
    )
    return list(rows)


def members_of(work: Work, team_id: UUID) -> set[UUID]:
    """Return who is in a team today."""
    return set(
        work.session.scalars(
            select(TeamMember.person_id).where(TeamMember.team_id == team_id, TeamMember.valid_to.is_(None))
        )
    )


def teams_of(work: Work, organization_id: UUID) -> list[Team]:
    """Return the teams of an organisation."""
    rows = work.session.scalars(
        select(Team).where(Team.organization_id == organization_id).order_by(Team.name)
    )
    return list(rows)


def _team(work: Work, organization_id: UUID, team_id: UUID | None, specialty_id: str) -> Team:
    if team_id is None:
        if specialty_id not in work.system.specialties:
            raise NotFound
        return Team(
            id=uuid4(),
            network_id=work.acting.facts.network_id,
            organization_id=organization_id,
            specialty_id=specialty_id,
        )
    row = work.session.get(Team, team_id)
    if row is None or row.organization_id != organization_id:
        raise NotFound
    return row
