"""The figures of those who watch: what is due, what failed, what waits, and how old the last backup is."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from dermavis.domain.roles import Role
from dermavis.models import Delivery, DueRow, Heartbeat, OutboxItem
from dermavis.models.notices import BACKUP_MADE
from dermavis.services.audit_sealing import seal_all
from dermavis.services.notices import announce
from dermavis.services.operation_figures import Figures, read_figures
from dermavis.services.schedule import schedule
from dermavis.services.work import System, reading, writing
from tests.announced import sent_case, the_case
from tests.answered_cases import critical
from tests.clock import FakeClock
from tests.factories import World


def figures_of(system: System) -> Figures:
    with reading(system) as work:
        return read_figures(work)


def test_what_is_due_is_counted_by_kind_with_the_age_of_its_oldest_row(
    system: System, world: World, clock: FakeClock
) -> None:
    assert figures_of(system).oldest_due_s == 0
    case_id = sent_case(system, world)
    with writing(system) as work:
        announce(work, "message", the_case(work, case_id), [world.who(Role.REQUESTER).person_id])
        schedule(work, "hold_reminder", work.now + timedelta(minutes=2), case_id=case_id)
        schedule(work, "pool_leave", work.now + timedelta(days=1), case_id=case_id)
        work.session.execute(update(OutboxItem).values(not_before=work.now))
    clock.advance(minutes=3)
    found = {queue.kind: (queue.due, queue.oldest_s) for queue in figures_of(system).queues}
    assert found == {"mail": (1, 180), "hold_reminder": (1, 60)}
    assert figures_of(system).oldest_due_s == 180


def test_notices_and_timers_that_were_given_up_are_counted_for_a_day(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = sent_case(system, world)
    with writing(system) as work:
        announce(work, "message", the_case(work, case_id), [world.who(Role.REQUESTER).person_id])
        schedule(work, "hold_reminder", work.now, case_id=case_id)
        work.session.execute(update(OutboxItem).values(done_at=work.now, outcome="refused"))
        work.session.execute(update(DueRow).values(done_at=work.now, outcome="given_up"))
    found = figures_of(system)
    assert (found.failed, found.dead_timers) == ({("mail", "refused"): 1}, 1)
    clock.advance(hours=25)
    found = figures_of(system)
    assert (found.failed, found.dead_timers) == ({}, 0)


def test_an_emergency_counts_until_it_is_acknowledged(system: System, world: World) -> None:
    case_id = critical(world)
    assert figures_of(system).unread_red == 1
    with writing(system) as work:
        delivery = work.session.scalars(select(Delivery).where(Delivery.case_id == case_id)).one()
        delivery.state = "acknowledged"
    assert figures_of(system).unread_red == 0


@pytest.mark.postgres
def test_seal_backup_lanes_and_size_are_told(system: System, world: World, clock: FakeClock) -> None:
    sent_case(system, world)
    with writing(system) as work:
        work.audit("case.begin", subject_id=uuid4())
        work.session.add(Heartbeat(name="worker.mail", at=work.now))
        work.session.add(Heartbeat(name=BACKUP_MADE, at=work.now))
    clock.advance(minutes=1)
    found = figures_of(system)
    assert (found.sealing_lag_s, found.backup_age_s, found.lanes) == (60, 60, {"mail": 60})
    assert found.database_bytes > 10_000
    seal_all(system)
    assert figures_of(system).sealing_lag_s == 0
