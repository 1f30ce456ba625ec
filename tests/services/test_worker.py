"""The worker: its lanes do not wait for each other, survive what fails, and stop cleanly."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import select

from dermavis import worker
from dermavis.domain.roles import Role
from dermavis.models import Heartbeat
from dermavis.services import outbox, timers
from dermavis.services.letters import write_letter
from dermavis.services.notices import announce
from dermavis.services.schedule import schedule
from dermavis.services.work import System, reading, writing
from dermavis.worker import Lane
from tests.announced import outbox as rows_of
from tests.announced import sent_case, subscribed, the_case, with_receiver
from tests.factories import World
from tests.fixtures.systems import letters
from tests.receivers import PushReceiver, wait_until

ADDRESS = "dr.nom@exemple.fr"

SENDING = (
    Lane("push", lambda system: outbox.deliver_due(system, "push"), threads=2),
    Lane("mail", lambda system: outbox.deliver_due(system, "mail")),
    Lane("timers", timers.run_due),
)


STORM = """
import os, signal, threading
from dermavis.worker import stopped_by_signals

def storm():
    for number in (signal.SIGINT, signal.SIGTERM) * 10_000:
        os.kill(os.getpid(), number)

stop = stopped_by_signals()
raining = threading.Thread(target=storm)
raining.start()
while raining.is_alive():
    stop.wait(0)
assert stop.wait(5)
"""
"""Ctrl-C and its supervisor tell a worker to end within the same millisecond; here twenty thousand times."""


@contextmanager
def working(system: System, *lanes: Lane) -> Iterator[threading.Event]:
    """Run the worker while the block lasts."""
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(system, stop, lanes))
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join(15)
        assert not thread.is_alive()


def test_what_is_announced_arrives_by_push_and_by_letter_within_a_second(
    system: System, world: World
) -> None:
    with PushReceiver() as receiver:
        system = with_receiver(system, receiver)
        phone = receiver.phone("a")
        requester = subscribed(system, world.actor(Role.REQUESTER), phone)
        case_id = sent_case(system, world, state="answered")
        with working(system, *SENDING):
            with writing(system) as work:
                announce(work, "opinion", the_case(work, case_id), [requester.person_id])
                write_letter(work, "password_changed", "a@exemple.fr", requester.person_id)
                schedule(work, "hold_reminder", work.now, case_id=case_id)
            wait_until(lambda: receiver.for_phone(phone), 5)
            wait_until(lambda: len(letters(system)) == 2, 5)
        assert {row.outcome for row in rows_of(system)} == {"sent"}


def test_a_push_does_not_wait_for_a_picture(system: System, world: World) -> None:
    picture_is_made = threading.Event()

    def slow_picture(_system: System) -> bool:
        picture_is_made.wait(10)
        return False

    with PushReceiver() as receiver:
        system = with_receiver(system, receiver)
        phone = receiver.phone("a")
        requester = subscribed(system, world.actor(Role.REQUESTER), phone)
        case_id = sent_case(system, world, state="answered")
        with working(system, Lane("pictures", slow_picture), *SENDING):
            with writing(system) as work:
                announce(work, "opinion", the_case(work, case_id), [requester.person_id])
            wait_until(lambda: receiver.for_phone(phone), 5)
            assert not picture_is_made.is_set()
            picture_is_made.set()


def test_a_lane_that_fails_goes_on_and_says_where_without_the_values(
    system: System, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    turns: list[int] = []

    def fails_first(_system: System) -> bool:
        turns.append(1)
        if len(turns) == 1:
            raise ValueError(ADDRESS)
        return False

    with caplog.at_level(logging.ERROR, "dermavis.worker"), working(system, Lane("pictures", fails_first)):
        wait_until(lambda: len(turns) > 2, 5)
    assert "lane pictures failed: ValueError" in caplog.text
    assert "fails_first" in caplog.text
    assert ADDRESS not in caplog.text


def test_every_lane_leaves_a_sign_of_life(system: System, world: World) -> None:
    def alive() -> set[str]:
        with reading(system) as work:
            return set(work.session.scalars(select(Heartbeat.name)))

    with working(system, *SENDING):
        wait_until(lambda: alive() == {"worker.push", "worker.mail", "worker.timers"}, 5)


def test_the_worker_has_a_lane_for_everything_that_waits() -> None:
    lanes = {"push", "mail", "timers", "pictures", "seals", "stamps", "watch"}
    assert {lane.name for lane in worker.LANES} == lanes
    assert all(lane.threads >= 1 for lane in worker.LANES)


def test_two_signals_at_once_end_the_worker_and_do_not_hang_it() -> None:
    subprocess.run([sys.executable, "-c", STORM], check=True, timeout=60)


@pytest.mark.sqlite_only
def test_an_idle_worker_leaves_the_writer_alone(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    writes: list[str] = []
    taken = system.writer.__class__.__enter__

    def counted(lock: object) -> None:
        writes.append(threading.current_thread().name)
        taken(lock)  # type: ignore[arg-type]

    monkeypatch.setattr(system.writer.__class__, "__enter__", counted)
    for step in (lane.step for lane in SENDING):
        for _ in range(3):
            assert not step(system)
    assert writes == []
