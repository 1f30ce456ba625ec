"""An opinion signed now, not yet left: signed, taken back, and all that a signature changes on a case."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.models import Appointment, Case, Delivery, DueRow
from dermavis.services import answering
from dermavis.services.requester_view import requester_view
from dermavis.services.taking_back import take_back
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.factories import World

CLOCK = (
    "state",
    "held_at",
    "held_seconds",
    "due_at",
    "late_at",
    "answered_at",
    "closed_at",
    "asked_again_at",
)


def sign_now(
    world: World, case_id: UUID, name: Role | str = Role.EXPERT, version: int = 0, **changes: Any
) -> None:
    """Sign now, as a person does."""
    with writing(world.system, world.actor(name)) as work:
        answering.sign(work, case_id, cases.opinion(**lesion_answered(world, case_id), **changes), 1, version)


def lesion_answered(world: World, case_id: UUID) -> dict[str, Any]:
    with reading(world.system, world.actor(Role.REQUESTER)) as work:
        lesion = requester_view(work, case_id).case.lesions[0].id
    return {"lesions": [cases.opinion()["lesions"][0] | {"lesion": str(lesion)}]}


def taken_back(world: World, case_id: UUID, name: Role | str = Role.EXPERT) -> None:
    with writing(world.system, world.actor(name)) as work:
        take_back(work, case_id)


def stands(system: System, case_id: UUID) -> tuple[Any, ...]:
    """All that a signature changes on a case."""
    with reading(system) as work:
        case = work.session.get_one(Case, case_id)
        timers = {
            (row.kind, row.due_at, row.subject_id)
            for row in work.session.scalars(
                select(DueRow).where(DueRow.case_id == case_id, DueRow.done_at.is_(None))
            )
        }
        appointments_now = [
            (row.id, row.state, row.kind)
            for row in work.session.scalars(select(Appointment).where(Appointment.case_id == case_id))
        ]
        deliveries = {
            (row.id, row.state)
            for row in work.session.scalars(select(Delivery).where(Delivery.case_id == case_id))
        }
        return (
            *(getattr(case, name) for name in (*CLOCK, "downstream", "destination", "level", "claimed_by")),
            timers,
            appointments_now,
            deliveries,
        )
