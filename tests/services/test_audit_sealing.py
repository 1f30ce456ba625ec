"""Sealing the audit: which rows, when, by whom; and the witness, which is told again until it knows."""

from __future__ import annotations

import dataclasses
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, func, insert, select

from dermavis.adapters.witness import FileWitness, MailWitness
from dermavis.domain.audit_witness import attested_in
from dermavis.domain.errors import Forbidden
from dermavis.domain.roles import Role
from dermavis.models import AuditEvent, AuditSeal, Heartbeat
from dermavis.services.audit_sealing import newest_seal, seal, seal_all, seal_due, standing, tell_witness
from dermavis.services.audit_verification import verify
from dermavis.services.health import complaints
from dermavis.services.work import System, reading, writing
from tests.clock import FakeClock
from tests.factories import World
from tests.fixtures.systems import letters

SOON = timedelta(seconds=0.2)


def note(system: System, times: int = 1) -> int:
    """Write rows of the audit, and return the last one's id."""
    with writing(system) as work:
        for _ in range(times):
            work.audit("sign_out")
    with reading(system) as work:
        return work.session.scalar(select(func.max(AuditEvent.id))) or 0


def ranges(system: System) -> list[tuple[int, int, int]]:
    with reading(system) as work:
        rows = work.session.scalars(select(AuditSeal).order_by(AuditSeal.number))
        return [(row.number, row.first_id, row.last_id) for row in rows]


def kinds(system: System) -> set[str]:
    return {fault.kind for fault in verify(system).faults}


def test_rows_are_sealed_once_their_grace_is_over(system: System, clock: FakeClock) -> None:
    last = note(system, 3)
    seal_due(system)
    assert ranges(system) == []
    clock.advance(seconds=10)
    seal_due(system)
    assert ranges(system) == [(1, 1, last)]
    seal_due(system)
    assert len(ranges(system)) == 1, "nothing new, no seal"
    later = note(system)
    clock.advance(minutes=1)
    seal_due(system)
    assert ranges(system)[1:] == [(2, last + 1, later)]
    assert kinds(system) == set()


def test_a_long_past_is_sealed_piece_by_piece(system: System) -> None:
    first = note(system)
    last = note(system, 6)
    made = [seal(system, most=3) for _ in range(3)]
    assert [one and one.last_id for one in made] == [first + 2, first + 5, last]
    assert seal(system, most=3) is None
    assert kinds(system) == set()


def test_two_workers_that_seal_at_once_leave_one_chain(system: System) -> None:
    note(system, 4)
    together = threading.Barrier(4)

    def work() -> None:
        together.wait()
        seal(system)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [number for number, _, _ in ranges(system)] == [1]
    assert kinds(system) == set()


def test_what_may_still_appear_below_is_waited_for(system: System) -> None:
    if system.on_sqlite:
        # One writer follows the other here: nothing appears below what was seen.
        note(system)
        assert seal(system, patience=SOON) is not None
        return
    note(system)
    with system.engine.connect() as slow:
        slow.execute(insert(AuditEvent).values(_row(system)))
        note(system)  # a higher id, and visible first
        assert seal(system, patience=SOON) is None
        slow.commit()
    made = seal(system, patience=SOON)
    assert made is not None
    with reading(system) as work:
        assert work.session.scalar(select(func.count()).select_from(AuditEvent)) == 3
    assert kinds(system) == set()


def test_a_row_that_appears_below_a_seal_would_be_found(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    if system.on_sqlite:
        note(system, 2)
        with writing(system) as work:
            work.session.execute(delete(AuditEvent).where(AuditEvent.id == 1))
        assert seal(system) is not None
        with writing(system) as work:
            work.session.execute(insert(AuditEvent).values(_row(system) | {"id": 1}))
        assert kinds(system) == {"rows_changed"}
        return
    note(system)
    monkeypatch.setattr("dermavis.services.audit_sealing.writers_have_ended", lambda *_: True)
    with system.engine.connect() as slow:
        slow.execute(insert(AuditEvent).values(_row(system)))
        note(system)
        assert seal(system) is not None, "sealed without a look at who still writes"
        slow.commit()
    assert kinds(system) == {"rows_changed"}


def test_an_id_that_was_rolled_back_is_covered_by_its_seal(system: System) -> None:
    note(system)
    with system.engine.execution_options(writes=True).connect() as given_up:
        given_up.execute(insert(AuditEvent).values(_row(system)))
        given_up.rollback()
    gap = note(system)  # PostgreSQL leaves a gap before it, SQLite gives the id again
    if system.on_sqlite:
        with writing(system) as work:
            work.session.execute(insert(AuditEvent).values(_row(system) | {"id": gap + 2}))
        gap += 1
    else:
        gap -= 1
    assert seal_all(system) is not None
    assert kinds(system) == set()
    with writing(system) as work:
        assert work.session.get(AuditEvent, gap) is None
        work.session.execute(insert(AuditEvent).values(_row(system) | {"id": gap}))
    assert kinds(system) == {"rows_changed"}


def test_the_witness_is_told_after_each_seal(system: System, tmp_path: Path, clock: FakeClock) -> None:
    system = dataclasses.replace(system, witness=FileWitness(tmp_path / "witness.txt"))
    for _ in range(2):
        note(system)
        clock.advance(minutes=1)
        seal_due(system)
    seal_due(system)
    lines = list(attested_in((tmp_path / "witness.txt").read_text()))
    with reading(system) as work:
        heads = work.session.scalars(select(AuditSeal.head).order_by(AuditSeal.number)).all()
    assert [(line.number, line.head) for line in lines] == [(1, heads[0]), (2, heads[1])]
    assert verify(system, lines).faults == ()


def test_a_witness_that_fails_is_told_again_and_its_lateness_shows(
    system: System, world: World, tmp_path: Path, clock: FakeClock
) -> None:
    share = tmp_path / "share"
    system = dataclasses.replace(system, witness=FileWitness(share / "witness.txt"))

    def wrong() -> list[str]:
        with writing(system) as work:
            work.session.merge(Heartbeat(name="worker.seals", at=work.now))
        return complaints(system)

    note(system)
    clock.advance(minutes=1)
    seal_due(system)
    assert wrong() == []
    clock.advance(minutes=15)
    seal_due(system)
    assert wrong() == ["witness_late"]
    share.mkdir()
    seal_due(system)
    assert wrong() == []
    assert [line.number for line in attested_in((share / "witness.txt").read_text())] == [1]


def test_rows_that_nobody_seals_show(system: System, world: World, clock: FakeClock) -> None:
    note(system)
    clock.advance(minutes=16)
    with writing(system) as work:
        work.session.add(Heartbeat(name="worker.push", at=work.now))
    assert complaints(system) == ["seals_late"]
    seal_due(system)
    assert complaints(system) == []


def test_a_letter_leaves_once_an_hour_and_stands_for_all_before(system: System, clock: FakeClock) -> None:
    system = dataclasses.replace(system, witness=MailWitness(system.mail, "dpo@example.fr"))

    def told() -> list[int]:
        return sorted(line.number for letter in letters(system) for line in attested_in(letter.text))

    for _ in range(4):
        note(system)
        clock.advance(minutes=20)
        seal_due(system)
    assert told() == [1, 4]
    with reading(system) as work:
        assert work.session.scalar(select(func.count()).where(AuditSeal.witnessed_at.is_(None))) == 0
    note(system)
    assert seal_all(system) is not None
    assert not tell_witness(system)
    assert tell_witness(system, at_once=True)
    assert told() == [1, 4, 5]
    with reading(system) as work:
        lines = [line for letter in letters(system) for line in attested_in(letter.text)]
        assert newest_seal(work) is not None
    assert verify(system, lines).faults == ()


def test_where_the_seal_stands_is_told_to_whoever_reads_the_audit(
    system: System, world: World, tmp_path: Path, clock: FakeClock
) -> None:
    officer = world.actor(Role.DATA_PROTECTION_OFFICER)
    with reading(system, officer) as work:
        assert (standing(work).until, standing(work).witness) == (None, False)
    system = dataclasses.replace(system, witness=FileWitness(tmp_path / "witness.txt"))
    note(system)
    last = clock.now()
    clock.advance(minutes=1)
    seal_due(system)
    with reading(system, officer) as work:
        found = standing(work)
    assert (found.until, found.number, found.witnessed_at, found.witness) == (last, 1, clock.now(), True)
    with reading(system, world.actor(Role.EXPERT)) as work, pytest.raises(Forbidden):
        standing(work)


def _row(system: System) -> dict[str, object]:
    return {"at": system.clock.now(), "action": "sign_out", "subject_kind": "", "detail": {}}
