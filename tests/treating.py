"""A patient whose treating doctor has an account, and what reaches that doctor."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.domain.treating_doctor import COPY
from dermavis.models import Delivery
from dermavis.services.notices import lines
from dermavis.services.received_opinions import received_page
from dermavis.services.treating_view import TreatingView, treating_view
from dermavis.services.work import System, reading
from tests import cases
from tests.factories import World

DOCTOR = "stranger"


def treated_by(world: World, name: Role | str = DOCTOR, **more: Any) -> dict[str, Any]:
    """Return the patient's part of a request that names this person of the world as treating doctor."""
    who = world.who(name)
    named = {"treating_doctor": f"Dr {who.name}", "treating_doctor_id": str(who.person_id)}
    patient: dict[str, Any] = cases.content()["patient"] | named | more
    return patient


def copies(system: System, case_id: UUID) -> list[Delivery]:
    """Return the deliveries of copies of a case, the first sent first."""
    with reading(system) as work:
        rows = select(Delivery).where(Delivery.case_id == case_id, Delivery.kind == COPY)
        return list(work.session.scalars(rows.order_by(Delivery.sent_at)))


def news(world: World, name: Role | str = DOCTOR) -> list[str]:
    """Return the events that a person was told of."""
    with reading(world.system, world.actor(name)) as work:
        return [line.event for line in lines(work)]


def received(world: World, name: Role | str = DOCTOR) -> list[UUID]:
    """Return the cases whose opinion a person received as treating doctor."""
    with reading(world.system, world.actor(name)) as work:
        return [row.id for row in received_page(work).rows]


def view_of_copy(world: World, case_id: UUID, name: Role | str = DOCTOR) -> TreatingView:
    """Return what a person sees of the case whose opinion they received."""
    with reading(world.system, world.actor(name)) as work:
        return treating_view(work, case_id)
