"""What one person of a world sees of a case, and who was told of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.models import Notification
from dermavis.services.case_view import CaseView, view_of
from dermavis.services.requester_view import RequesterView, requester_view
from dermavis.services.work import Work, reading
from tests.factories import World


def see(world: World, who: Role | str, look: Callable[[Work], Any]) -> Any:
    """Return what somebody finds who looks."""
    with reading(world.system, world.actor(who)) as work:
        return look(work)


def view_for(world: World, who: Role | str, case_id: UUID) -> CaseView:
    """Return a case as somebody reads it."""
    with reading(world.system, world.actor(who)) as work:
        return view_of(work, case_id)


def requester_sees(world: World, case_id: UUID) -> RequesterView:
    """Return the requester's page of a case."""
    with reading(world.system, world.actor(Role.REQUESTER)) as work:
        return requester_view(work, case_id)


def told_of(world: World, event: str) -> set[UUID]:
    """Return the persons who were told of an event, whatever the case."""
    with reading(world.system) as work:
        rows = select(Notification.person_id).where(Notification.event == event)
        return set(work.session.scalars(rows))


def names_told(world: World, event: str, case_id: UUID) -> set[str]:
    """Return the names, within the world, of whoever was told of an event of that case."""
    names = {who.person_id: name for name, who in world.people.items()}
    with reading(world.system) as work:
        rows = select(Notification.person_id).where(
            Notification.case_id == case_id, Notification.event == event
        )
        return {names[person] for person in work.session.scalars(rows)}
