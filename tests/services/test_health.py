"""What a watcher outside hears, and what is tidied away."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import create_engine, delete, func, select

from dermavis.domain.roles import Role
from dermavis.models import (
    DueRow,
    Heartbeat,
    KeyCheck,
    Notification,
    OneTimeCode,
    OutboxItem,
    PushSubscription,
    RateCount,
    UserSession,
)
from dermavis.services import housekeeping, outbox, timers
from dermavis.services.health import complaints
from dermavis.services.notices import announce
from dermavis.services.schedule import schedule
from dermavis.services.work import System, reading, writing
from tests.announced import sent_case, subscribed, the_case, with_receiver
from tests.clock import FakeClock
from tests.factories import World
from tests.receivers import PushReceiver


def beat(system: System, name: str = "worker.push") -> None:
    with writing(system) as work:
        row = work.session.get(Heartbeat, name)
        if row is None:
            work.session.add(Heartbeat(name=name, at=work.now))
        else:
            row.at = work.now


def count(system: System, table: type) -> int:
    with reading(system) as work:
        return work.session.scalar(select(func.count()).select_from(table)) or 0


def test_all_is_well_while_the_worker_lives_and_nothing_waits(system: System, world: World) -> None:
    assert complaints(system) == ["worker_silent"]
    beat(system)
    assert complaints(system) == []


def test_a_worker_or_one_lane_that_fell_silent_is_told(
    system: System, world: World, clock: FakeClock
) -> None:
    beat(system, "worker.push")
    beat(system, "worker.mail")
    clock.advance(minutes=3)
    assert complaints(system) == ["worker_silent"]
    beat(system, "worker.push")
    assert complaints(system) == ["worker_silent"]
    beat(system, "worker.mail")
    assert complaints(system) == []


def test_what_is_due_and_in_nobodys_hands_is_told_after_five_minutes(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = sent_case(system, world)
    with writing(system) as work:
        announce(work, "message", the_case(work, case_id), [world.who(Role.REQUESTER).person_id])
        schedule(work, "hold_reminder", work.now, case_id=case_id)
    clock.advance(minutes=4)
    beat(system)
    assert complaints(system) == []
    clock.advance(minutes=2)
    beat(system)
    assert complaints(system) == ["notices_late", "timers_late"]
    while outbox.deliver_due(system, "mail") or timers.run_due(system):
        pass
    assert complaints(system) == []


def test_another_key_and_a_database_that_is_away_are_told(system: System, world: World) -> None:
    beat(system)
    with writing(system) as work:
        work.session.execute(delete(KeyCheck))
    assert complaints(system) == ["key"]
    nowhere = dataclasses.replace(system, engine=create_engine("sqlite:////nonexistent/dermavis.sqlite3"))
    assert complaints(nowhere) == ["database"]


def test_old_rows_go_young_ones_stay_and_it_comes_round_again(
    system: System, world: World, clock: FakeClock
) -> None:
    requester = world.actor(Role.REQUESTER)
    with PushReceiver() as receiver:
        connected = with_receiver(system, receiver)

        def leave_traces(name: str) -> None:
            subscribed(connected, requester, receiver.phone(name))
            case_id = sent_case(system, world, state="answered")
            with writing(system) as work:
                announce(work, "opinion", the_case(work, case_id), [requester.person_id])
                schedule(work, "hold_reminder", work.now, case_id=case_id)
                work.session.add(
                    OneTimeCode(
                        id=uuid4(), person_id=requester.person_id, purpose="sign_in", code_hash=b"x",
                        created_at=work.now, expires_at=work.now + timedelta(minutes=10),
                    )
                )  # fmt: skip
                work.session.add(RateCount(id=uuid4(), key=name, window_start=work.now))
            while outbox.deliver_due(connected, "mail") or outbox.deliver_due(connected, "push"):
                pass
            timers.run_due(system)

        leave_traces("old")
        clock.advance(days=400)
        leave_traces("young")
    tables = (UserSession, PushSubscription, Notification, OneTimeCode, RateCount)
    assert [count(system, table) for table in tables] == [2] * 5
    sent_and_run = count(system, OutboxItem), count(system, DueRow)
    housekeeping.begin(system)
    housekeeping.begin(system)
    timers.run_due(system)
    assert [count(system, table) for table in tables] == [1] * 5
    assert (count(system, OutboxItem), count(system, DueRow)) < sent_and_run
    with reading(system) as work:
        [again] = work.session.scalars(select(DueRow).where(DueRow.kind == housekeeping.KIND))
        assert again.due_at == work.now + housekeeping.EVERY
        assert again.done_at is None
