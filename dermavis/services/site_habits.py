"""To whom a site sends by default, and which coordination reads its requests first."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import Select, select

from dermavis.domain.errors import InvalidInput, NotFound
from dermavis.domain.permissions import Permission
from dermavis.models import AccessRequest, Organization, PoolingMember, Team
from dermavis.services.access import require
from dermavis.services.memberships import day_begun
from dermavis.services.organizations import POOLING_KINDS, find_organization
from dermavis.services.work import Work


def set_default_target(
    work: Work, site_id: UUID, team_id: UUID | None, specialty_id: str = "dermatology"
) -> None:
    """Say to which team a site sends by default, or that it has none: the general fiche d'opportunité.

    A site has one for each specialty; a team's own specialty is the one that is meant. Raises InvalidInput.
    """
    require(work, Permission.ORGANIZATIONS_MANAGE)
    today = day_begun(work.now, _site(work, site_id).time_zone)
    if team_id is not None:
        team = work.session.get(Team, team_id)
        if team is None or team.network_id != work.acting.facts.network_id or team.closed_at is not None:
            raise InvalidInput({"team": "Choisissez une équipe de la liste."})
        specialty_id = team.specialty_id
    for row in work.session.scalars(_general_fiches(site_id, specialty_id)):
        row.state = "ended"
        row.valid_to = today - timedelta(days=1)
    if team_id is not None:
        work.session.add(
            AccessRequest(
                id=uuid4(),
                network_id=work.acting.facts.network_id,
                site_id=site_id,
                team_id=team_id,
                valid_from=today,
                decided_by=work.acting.person_id,
            )
        )
    work.audit("site.target", subject_kind="organization", subject_id=site_id)


def default_target(work: Work, site_id: UUID, specialty_id: str = "dermatology") -> UUID | None:
    """Return the team that a site sends to by default."""
    row = work.session.scalar(_general_fiches(site_id, specialty_id))
    return row.team_id if row else None


def set_coordination(work: Work, site_id: UUID, coordination_id: UUID | None) -> None:
    """Say which coordination reads a site's requests first, or that none does."""
    require(work, Permission.ORGANIZATIONS_MANAGE)
    today = day_begun(work.now, _site(work, site_id).time_zone)
    if coordination_id is not None:
        coordination = find_organization(work, coordination_id)
        if coordination.kind not in POOLING_KINDS or coordination.closed_at is not None:
            raise InvalidInput({"coordination": "Choisissez une CPTS ou une MSP de la liste."})
    for row in work.session.scalars(_whole_site(site_id)):
        if row.coordination_id == coordination_id:
            return
        row.valid_to = today - timedelta(days=1)
    if coordination_id is not None:
        work.session.add(
            PoolingMember(id=uuid4(), coordination_id=coordination_id, site_id=site_id, valid_from=today)
        )
    work.audit("site.coordination", subject_kind="organization", subject_id=site_id)


def coordination_of(work: Work, site_id: UUID) -> UUID | None:
    """Return the coordination that reads a site's requests first."""
    row = work.session.scalar(_whole_site(site_id))
    return row.coordination_id if row else None


def _general_fiches(site_id: UUID, specialty_id: str) -> Select[AccessRequest]:
    """The approved fiches of a site that hold for every motive of a specialty."""
    return (
        select(AccessRequest)
        .join(Team, Team.id == AccessRequest.team_id)
        .where(
            AccessRequest.site_id == site_id,
            AccessRequest.state == "approved",
            AccessRequest.motive == "",
            Team.specialty_id == specialty_id,
        )
    )


def _whole_site(site_id: UUID) -> Select[PoolingMember]:
    """The coordinations of a whole site, those of single persons apart."""
    return select(PoolingMember).where(
        PoolingMember.site_id == site_id,
        PoolingMember.person_id.is_(None),
        PoolingMember.valid_to.is_(None),
    )


def _site(work: Work, site_id: UUID) -> Organization:
    site = find_organization(work, site_id)
    if site.kind != "site":
        raise NotFound
    return site
