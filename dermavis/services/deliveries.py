"""A version of an opinion is delivered to somebody: one row for each person and each kind."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from dermavis.models import Delivery, Opinion
from dermavis.services.work import Work


def deliver(
    work: Work,
    opinion: Opinion,
    kind: str,
    person_id: UUID,
    place_id: UUID | None,
    *,
    level: str = "",
    at: datetime | None = None,
) -> Delivery:
    """Write the delivery of a version to a person: from when it leaves, at its level, unless told otherwise."""
    delivery = Delivery(
        id=uuid4(),
        case_id=opinion.case_id,
        opinion_id=opinion.id,
        recipient_id=person_id,
        organization_id=place_id,
        kind=kind,
        level=level or opinion.level,
        sent_at=at or opinion.effective_at or work.now,
        escalated=0,
    )
    work.session.add(delivery)
    work.session.flush()
    return delivery
