"""Cases that wait for their requester, and what the tests of the requester's pages look at."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.models import AuditEvent, Case, Delivery
from dermavis.services import claiming
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.factories import World

CALL = {"whom": "Dr Hennequin", "phone": "0639980011", "at": "2026-03-12T08:50:00+00:00", "note": ""}


def declined(world: World) -> UUID:
    case_id = cases.claimed(world)
    with writing(world.system, world.actor(Role.EXPERT)) as work:
        claiming.decline(work, case_id, "no_capacity")
    return case_id


def critical(world: World, **more: Any) -> UUID:
    answer = cases.opinion(destination="emergency", calls=[CALL], **more)
    return cases.answered(world, answer=answer)


def state_of(system: System, case_id: UUID) -> str:
    with reading(system) as work:
        return work.session.get_one(Case, case_id).state


def deliveries(system: System, case_id: UUID) -> list[str]:
    with reading(system) as work:
        return list(work.session.scalars(select(Delivery.state).where(Delivery.case_id == case_id)))


def readings(system: System, case_id: UUID) -> list[tuple[str, dict[str, Any]]]:
    with reading(system) as work:
        rows = work.session.scalars(
            select(AuditEvent).where(AuditEvent.case_id == case_id).order_by(AuditEvent.id)
        )
        return [(row.action, row.detail) for row in rows if row.action.endswith(".read")]
