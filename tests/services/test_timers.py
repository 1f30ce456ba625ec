"""What happens by itself at a time: once, in its own transaction, and only while it still makes sense."""

from __future__ import annotations

import ast
import logging
import threading
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from dermavis.domain.errors import Conflict
from dermavis.models import DueRow
from dermavis.services import timers
from dermavis.services.access import hold
from dermavis.services.health import complaints
from dermavis.services.schedule import schedule, unschedule
from dermavis.services.work import System, Work, reading, writing
from tests.announced import sent_case, the_case
from tests.clock import FakeClock
from tests.factories import World

pytestmark = pytest.mark.postgres

ADDRESS = "dr.nom@exemple.fr"
SERVICES = Path(timers.__file__).parent


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> Counter[UUID | None]:
    """Give the kind ``count`` a handler that counts per case."""
    counted: Counter[UUID | None] = Counter()

    def count(_work: Work, row: DueRow) -> None:
        counted[row.case_id] += 1

    _handle(monkeypatch, "count", count)
    return counted


def _handle(monkeypatch: pytest.MonkeyPatch, kind: str, handler: timers.Handler) -> None:
    known = timers.handler_of
    monkeypatch.setattr(timers, "handler_of", lambda asked: handler if asked == kind else known(asked))


def rows(system: System) -> list[DueRow]:
    with reading(system) as work:
        found = list(work.session.scalars(select(DueRow).order_by(DueRow.due_at)))
        work.session.expunge_all()
        return found


def run_all(system: System) -> None:
    while timers.run_due(system):
        pass


def test_a_row_runs_when_it_is_due_and_not_again(
    system: System, world: World, clock: FakeClock, ran: Counter[UUID | None]
) -> None:
    case_id = sent_case(system, world)
    with writing(system) as work:
        schedule(work, "count", work.now + timedelta(hours=1), case_id=case_id)
    run_all(system)
    assert ran[case_id] == 0
    clock.advance(hours=1)
    run_all(system)
    run_all(system)
    assert ran[case_id] == 1
    assert [row.outcome for row in rows(system)] == ["done"]


def test_a_row_that_was_moved_runs_at_its_new_time_and_one_taken_back_never(
    system: System, world: World, clock: FakeClock, ran: Counter[UUID | None]
) -> None:
    moved, taken_back = sent_case(system, world), sent_case(system, world)
    for case_id in (moved, taken_back):
        with writing(system) as work:
            schedule(work, "count", work.now + timedelta(hours=1), case_id=case_id)
    with writing(system) as work:
        schedule(work, "count", work.now + timedelta(hours=3), case_id=moved)
        unschedule(work, "count", case_id=taken_back)
    clock.advance(hours=2)
    run_all(system)
    assert ran == Counter()
    clock.advance(hours=1)
    run_all(system)
    assert ran == Counter({moved: 1})


def test_a_handler_may_schedule_its_own_kind_again(
    system: System, world: World, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id, times = sent_case(system, world), []

    def again(work: Work, row: DueRow) -> None:
        times.append(work.now)
        if len(times) < 3:
            schedule(work, "again", work.now + timedelta(days=1), case_id=row.case_id)

    _handle(monkeypatch, "again", again)
    with writing(system) as work:
        schedule(work, "again", work.now, case_id=case_id)
    for _ in range(5):
        run_all(system)
        clock.advance(days=1)
    assert len(times) == 3


def test_a_handler_that_fails_leaves_nothing_half_done_and_is_tried_again(
    system: System,
    world: World,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    case_id, tries = sent_case(system, world, motive="before"), []

    def fail_once(work: Work, row: DueRow) -> None:
        tries.append(row.id)
        the_case(work, case_id).motive = "after"
        work.session.flush()
        if len(tries) == 1:
            raise RuntimeError(ADDRESS)

    _handle(monkeypatch, "fail_once", fail_once)
    with writing(system) as work:
        schedule(work, "fail_once", work.now, case_id=case_id)
    with caplog.at_level(logging.ERROR, "dermavis.timers"):
        run_all(system)
    with reading(system) as work:
        assert the_case(work, case_id).motive == "before"
    assert str(tries[0]) in caplog.text
    assert "RuntimeError" in caplog.text
    assert ADDRESS not in caplog.text
    clock.advance(minutes=1)
    run_all(system)
    with reading(system) as work:
        assert the_case(work, case_id).motive == "after"
    assert [row.outcome for row in rows(system)] == ["done"]


def test_a_handler_that_always_fails_is_given_up_and_holds_up_nobody(
    system: System, world: World, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, ran: Counter[UUID | None]
) -> None:
    case_id = sent_case(system, world)

    def fail(_work: Work, _row: DueRow) -> None:
        raise RuntimeError

    counted = timers.handler_of("count")
    assert counted is not None
    monkeypatch.setattr(timers, "handler_of", lambda kind: fail if kind in {"fail", "waited"} else counted)
    monkeypatch.setattr(timers, "WAITED_FOR", frozenset({"waited"}))
    with writing(system) as work:
        schedule(work, "fail", work.now, case_id=case_id)
        schedule(work, "fail", work.now)
        schedule(work, "waited", work.now)
        schedule(work, "count", work.now + timedelta(minutes=1), case_id=case_id)
    for _ in range(30):
        run_all(system)
        clock.advance(hours=1)
    assert ran[case_id] == 1
    assert sorted(row.outcome for row in rows(system)) == ["", "", "done", "given_up"], (
        "one of a case, or that people wait for, is tried for ever"
    )
    assert "timers_failing" in complaints(system)


def test_a_case_that_moved_on_meanwhile_ends_the_row_in_words(
    system: System, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = sent_case(system, world)

    def too_late(work: Work, _row: DueRow) -> None:
        the_case(work, case_id).motive = "changed"
        work.session.flush()
        raise Conflict("already_claimed", "Trop tard.")

    _handle(monkeypatch, "too_late", too_late)
    with writing(system) as work:
        schedule(work, "too_late", work.now, case_id=case_id)
    run_all(system)
    assert [row.outcome for row in rows(system)] == ["already_claimed"]
    with reading(system) as work:
        assert the_case(work, case_id).motive == ""


def test_three_workers_run_a_hundred_rows_once_each(
    system: System, world: World, ran: Counter[UUID | None]
) -> None:
    with writing(system) as work:
        for _ in range(100):
            schedule(work, "count", work.now, subject_id=uuid4())
    workers = [threading.Thread(target=run_all, args=(system,)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert ran[None] == 100
    assert {row.outcome for row in rows(system)} == {"done"}


def test_what_a_dead_worker_had_in_hand_comes_back_when_its_lease_ends(
    system: System, world: World, clock: FakeClock, ran: Counter[UUID | None]
) -> None:
    case_id = sent_case(system, world)
    with writing(system) as work:
        schedule(work, "count", work.now, case_id=case_id)
    with writing(system) as work:
        work.session.execute(
            update(DueRow).values(lease=uuid4(), leased_until=work.now + timers.QUEUE.length)
        )
    run_all(system)
    assert ran[case_id] == 0
    clock.advance(minutes=6)
    run_all(system)
    assert ran[case_id] == 1


def test_a_kind_that_nobody_knows_is_put_aside(system: System, world: World) -> None:
    with writing(system) as work:
        schedule(work, "of_another_release", work.now)
    run_all(system)
    assert [row.outcome for row in rows(system)] == ["unknown_kind"]


def test_every_kind_that_is_scheduled_anywhere_has_a_handler_that_exists() -> None:
    scheduled = {
        str(call.args[1].value)
        for path in SERVICES.glob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "schedule"
        and len(call.args) > 1
        and isinstance(call.args[1], ast.Constant)
    }
    assert "hold_return" in scheduled
    assert scheduled - set(timers.HANDLERS) == set()
    assert all(callable(timers.handler_of(kind)) for kind in timers.HANDLERS)


def test_a_timer_and_whoever_changes_its_case_at_once_never_wait_for_each_other(
    system: System, world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    case_id = sent_case(system, world)
    _handle(monkeypatch, "count", lambda work, row: hold(work, row.case_id))
    with writing(system) as work:
        schedule(work, "count", work.now, case_id=case_id)
    timer = threading.Thread(target=run_all, args=(system,))
    with writing(system) as work:
        hold(work, case_id)
        timer.start()
        time.sleep(0.3)  # the timer waits by now
        unschedule(work, "count", case_id=case_id)
    timer.join()
    assert [row.outcome for row in rows(system) if row.kind == "count"] == ["taken_back"]
    assert caplog.messages == [], "neither was ended for the other's sake"
