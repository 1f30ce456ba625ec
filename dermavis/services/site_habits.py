"""To whom a site sends by default, and which coordination reads its requests first."""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy import select

from dermavis.domain.errors import InvalidInput
from dermavis.domain.permissions import Permission
from dermavis.models import AccessRequest, PoolingMember, Team
from dermavis.services.access import require
from dermavis.services.organizations import POOLING_KINDS, find_organization
from dermavis.services.work import Work


def set_default_target(work: Work, site_id: UUID, team_id: UUID | None) -> None:
    """Say to which team a site sends by default, or that it has none: the general fiche d'opportunité."""
    require(work, Permission.ORGANIZATIONS_MANAGE)
    find_organization(work, site_id)
    today = work.now.date()
    for row in work.session.scalars(
        select(AccessRequest).where(AccessRequest.site_id == site_id, AccessRequest.motive == "")
    ):
        row.state = "ended"
        row.valid_to = today
    if team_id is not None:
        team = work.session.get(Team, team_id)
        if team is None or team.network_id != work.acting.facts.network_id:
            raise InvalidInput({"team": "Cette équipe n’existe pas."})
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


def default_target(work: Work, site_id: UUID) -> UUID | None:
    """Return the team that a site sends to by default."""
    return work.session.scalar(
        select(AccessRequest.team_id).where(
            AccessRequest.site_id == site_id, AccessRequest.state == "approved", AccessRequest.motive == ""
        )
    )


def set_coordination(work: Work, site_id: UUID, coordination_id: UUID | None) -> None:
    """Say which coordination reads a site's requests first, or that none does."""
    require(work, Permission.ORGANIZATIONS_MANAGE)
    find_organization(work, site_id)
    today = work.now.date()
    for row in work.session.scalars(
        select(PoolingMember).where(PoolingMember.site_id == site_id, PoolingMember.valid_to.is_(None))
    ):
        if row.coordination_id == coordination_id:
            return
        row.valid_to = today
    if coordination_id is not None:
        if find_organization(work, coordination_id).kind not in POOLING_KINDS:
            raise InvalidInput({"coordination": "Choisissez une CPTS ou une MSP."})
        work.session.add(
            PoolingMember(id=uuid4(), coordination_id=coordination_id, site_id=site_id, valid_from=today)
        )
    work.audit("site.coordination", subject_kind="organization", subject_id=site_id)


def coordination_of(work: Work, site_id: UUID) -> UUID | None:
    """Return the coordination that reads a site's requests first."""
    return work.session.scalar(
        select(PoolingMember.coordination_id).where(
            PoolingMember.site_id == site_id, PoolingMember.valid_to.is_(None)
        )
    )
