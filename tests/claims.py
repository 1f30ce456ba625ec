"""Claimed and waiting requests in tests: where a case stands, when it is looked at again, who was told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.models import CentreCharter, DueRow, Notification
from dermavis.services import claiming
from dermavis.services.work import System, reading, writing
from tests.clock import FakeClock
from tests.factories import World
from tests.second_opinions import case_now, run_timers


def due_at(system: System, case_id: UUID, kind: str) -> datetime | None:
    with reading(system) as work:
        return work.session.scalar(
            select(DueRow.due_at).where(
                DueRow.case_id == case_id, DueRow.kind == kind, DueRow.done_at.is_(None)
            )
        )


def release(world: World, case_id: UUID) -> None:
    with writing(world.system, world.actor(Role.EXPERT)) as work:
        claiming.release(work, case_id)


def charters_say(system: System, **changes: Any) -> None:
    with writing(system) as work:
        for charter in work.session.scalars(select(CentreCharter)):
            charter.content = charter.content | changes


def told_of(system: System, case_id: UUID, event: str) -> list[UUID]:
    with reading(system) as work:
        rows = select(Notification.person_id).where(
            Notification.case_id == case_id, Notification.event == event
        )
        return list(work.session.scalars(rows))


def just_before_late(world: World, clock: FakeClock, case_id: UUID) -> datetime:
    """Live until a minute before the promise of a case is past; return when it is."""
    late_at = case_now(world, case_id).late_at
    assert late_at is not None
    clock.set(late_at - timedelta(minutes=1))
    run_timers(world.system)
    return late_at
