"""Which coordination reads a request before the expert does."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import or_, select

from dermavis.models import PoolingMember
from dermavis.models.queries.validity import holds_on
from dermavis.services.drafts import local_today
from dermavis.services.work import Work


def coordination_of(work: Work, site_id: UUID, requester_id: UUID) -> UUID | None:
    """Return the coordination that pools this person's requests at this site today, or None."""
    today = local_today(work, work.acting.time_zone)
    return work.session.scalar(
        select(PoolingMember.coordination_id)
        .where(
            PoolingMember.site_id == site_id,
            or_(PoolingMember.person_id.is_(None), PoolingMember.person_id == requester_id),
            holds_on(PoolingMember, today),
        )
        .limit(1)
    )
