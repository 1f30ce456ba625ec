"""Readings: durable before the answer leaves, several under one commit; a list within a second, and not waited for."""

from __future__ import annotations

import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, event, func, select
from sqlalchemy.exc import OperationalError

from dermavis.domain.roles import Role
from dermavis.models import AuditEvent
from dermavis.services.readings import FLUSH_AFTER_S, flush, record_reading, record_soon
from dermavis.services.work import System, reading
from tests import cases
from tests.factories import World
from tests.fixtures.servers import LiveServer
from tests.receivers import wait_until
from tests.signing_in import cookie_name, new_session

pytestmark = pytest.mark.postgres

THREADS, EACH = 8, 10


@contextmanager
def commits(system: System, seconds: float = 0.0) -> Iterator[list[str]]:
    """Count the commits of the block; each takes so many ``seconds``, as on a disk."""
    counted: list[str] = []

    def note(_connection: Connection) -> None:
        counted.append(threading.current_thread().name)
        time.sleep(seconds)

    event.listen(system.engine, "commit", note)
    try:
        yield counted
    finally:
        event.remove(system.engine, "commit", note)


def written(system: System, action: str) -> int:
    with reading(system) as work:
        query = select(func.count()).select_from(AuditEvent).where(AuditEvent.action == action)
        return work.session.scalar(query) or 0


def test_readings_of_eight_threads_share_commits_and_each_is_durable_when_it_returns(
    system: System, world: World
) -> None:
    actor = world.actor(Role.EXPERT)
    together = threading.Barrier(THREADS)
    early: list[str] = []

    def read(name: str) -> None:
        together.wait()
        for number in range(EACH):
            record_reading(system, actor, "photo.read", subject_kind=f"{name}-{number}")
            with reading(system) as work:
                query = select(AuditEvent.id).where(AuditEvent.subject_kind == f"{name}-{number}")
                if work.session.scalar(query) is None:
                    early.append(f"{name}-{number}")

    threads = [threading.Thread(target=read, args=(f"reader-{one}",)) for one in range(THREADS)]
    with commits(system, seconds=0.02) as counted:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert early == []
    assert written(system, "photo.read") == THREADS * EACH
    assert len(counted) <= THREADS * EACH / 2


def test_those_who_come_during_a_commit_share_the_next(system: System, world: World) -> None:
    def read() -> None:
        record_reading(system, world.actor(Role.EXPERT), "case.read")

    threads = [threading.Thread(target=read) for _ in range(THREADS)]
    with commits(system, seconds=0.5) as counted:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert written(system, "case.read") == THREADS
    assert len(counted) <= 3


def test_one_reading_alone_is_one_commit(system: System, world: World) -> None:
    with commits(system) as counted:
        for _ in range(3):
            record_reading(system, world.actor(Role.EXPERT), "case.read")
    assert len(counted) == 3, "the count tells commits apart"


def test_a_list_is_not_waited_for_and_is_written_within_a_second(system: System, world: World) -> None:
    actor = world.actor(Role.EXPERT)
    with commits(system) as counted:
        for _ in range(5):
            record_soon(system, actor, "list.read", subject_kind="worklist.queue", cases=[])
        assert counted == []
        assert FLUSH_AFTER_S < 1
        wait_until(lambda: written(system, "list.read") == 5, 5)
    assert len(counted) == 1
    assert counted[0] != threading.current_thread().name


def test_a_reading_takes_the_waiting_lists_along(system: System, world: World) -> None:
    actor = world.actor(Role.EXPERT)
    with commits(system) as counted:
        record_soon(system, actor, "list.read", subject_kind="worklist.queue", cases=[])
        record_reading(system, actor, "case.read")
        assert (written(system, "list.read"), len(counted)) == (1, 1)
        flush(system)
        assert len(counted) == 1, "nothing is left to write"


def test_what_could_not_be_written_waits_and_no_further_list_is_shown_unnoted(
    system: System, world: World
) -> None:
    actor = world.actor(Role.EXPERT)

    def away(*_: object) -> None:
        raise OperationalError("COMMIT", {}, Exception("away"))

    record_soon(system, actor, "list.read", subject_kind="worklist.queue", cases=[])
    event.listen(system.engine, "commit", away)
    try:
        with pytest.raises(OperationalError):
            record_reading(system, actor, "case.read")
        with pytest.raises(OperationalError):
            record_soon(system, actor, "list.read", subject_kind="worklist.waiting", cases=[])
    finally:
        event.remove(system.engine, "commit", away)
    assert written(system, "list.read") == written(system, "case.read") == 0
    record_reading(system, actor, "case.read")
    assert (written(system, "list.read"), written(system, "case.read")) == (1, 1)


@pytest.mark.long
@pytest.mark.sqlite_only
def test_a_list_shown_just_before_the_service_stops_is_noted(start_server: Callable[..., LiveServer]) -> None:
    server = start_server()
    cases.drafted(server.world)
    token = new_session(server.system, server.world.who(Role.REQUESTER))
    cookie = f"{cookie_name(server.system)}={token}"
    with urllib.request.urlopen(
        urllib.request.Request(f"{server.url}/requests", headers={"Cookie": cookie}), timeout=20
    ) as answer:
        assert answer.url.endswith("/requests")
    server.stop("web")
    assert written(server.system, "list.read") == 1
