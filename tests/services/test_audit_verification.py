"""Everything that somebody may do to the audit behind the program's back is planted here, and found."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import Connection, Delete, Update, delete, func, insert, select, text, update

from dermavis.domain.audit_witness import Attested, attested_in, witness_line
from dermavis.domain.roles import Role
from dermavis.models import AuditEvent, AuditSeal, Case, DueRow
from dermavis.models.queries.audit_rows import TABLE, cells_of, rows_between
from dermavis.services.audit_sealing import as_seal, seal, seal_all
from dermavis.services.audit_verification import verify
from dermavis.services.readings import record_reading
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.clock import START, FakeClock
from tests.factories import World

pytestmark = pytest.mark.postgres


@pytest.fixture
def case_id(system: System, world: World, clock: FakeClock) -> UUID:
    """A case that was begun, worked on and read, under three seals."""
    found = cases.drafted(world)
    seal(system)
    clock.advance(minutes=1)
    with writing(system, world.actor(Role.EXPERT)) as work:
        work.audit("case.claim", case_id=found, subject_kind="transition", to="claimed")
        work.audit("notices.choose", subject_kind="person", subject_id=work.acting.person_id)
    seal(system)
    clock.advance(minutes=1)
    record_reading(system, world.actor(Role.EXPERT), "case.read", case_id=found, screen="expert")
    record_reading(system, world.actor(Role.EXPERT), "photo.read", case_id=found, role="original")
    seal(system)
    return found


def witness_of(system: System) -> list[Attested]:
    """What a witness would remember of each seal as it stands."""
    with reading(system) as work:
        rows = work.session.scalars(select(AuditSeal).order_by(AuditSeal.number))
        return [line for row in rows for line in attested_in(witness_line(as_seal(row)))]


def tamper(system: System, change: Callable[[Connection], object]) -> None:
    """Change the database as somebody would who has it, past the program."""
    with system.engine.execution_options(writes=True).begin() as connection:
        change(connection)


def told(system: System, witness: list[Attested] | None = None) -> list[tuple[str, str]]:
    """What the verification finds, as (kind, place)."""
    return [(fault.kind, fault.place) for fault in verify(system, witness or []).faults]


def row_of(system: System, action: str) -> int:
    with reading(system) as work:
        return work.session.scalars(select(AuditEvent.id).where(AuditEvent.action == action)).all()[-1]


def test_an_untouched_audit_is_intact(system: System, case_id: UUID) -> None:
    found = verify(system, witness_of(system))
    assert found.faults == ()
    assert (found.seals, found.attested, found.attested_to, found.unsealed) == (3, 3, 3, 0)
    with reading(system) as work:
        assert found.rows == work.session.scalar(select(func.count()).select_from(AuditEvent))
    assert found.rows == 5


def test_every_column_of_a_row_is_under_the_seal(system: System, case_id: UUID) -> None:
    with reading(system) as work:
        row = work.session.execute(rows_between(1, 10**9)).first()
        assert row is not None
        assert set(cells_of(row)) == set(TABLE.columns.keys())
    changed = {
        "at": "at", "action": "'sign_out'", "actor_id": "NULL", "organization_id": "NULL", "on_behalf_of": "actor_id",
        "session_id": "actor_id", "case_id": "NULL", "subject_kind": "'x'", "subject_id": "actor_id",
        "detail": "'{\"screen\": \"other\"}'",
    }  # fmt: skip
    assert set(changed) == set(TABLE.columns.keys()) - {"id"}
    changed["at"] = "'2026-03-12 08:00:00.000000'"
    reading_id = row_of(system, "case.read")
    for column, value in changed.items():
        with system.engine.execution_options(writes=True).connect() as connection:
            kept = connection.execute(select(TABLE.c[column]).where(TABLE.c.id == reading_id)).scalar()
            connection.execute(text(f"UPDATE audit_events SET {column} = {value} WHERE id = {reading_id}"))  # noqa: S608
            connection.commit()
        assert told(system) == [("rows_changed", "3")], column
        tamper(
            system,
            lambda connection, column=column, kept=kept: connection.execute(  # type: ignore[misc]
                update(TABLE).where(TABLE.c.id == reading_id).values({column: kept})
            ),
        )
        assert told(system) == [], column


def test_a_removed_row_is_found_and_its_number_named(system: System, case_id: UUID) -> None:
    gone = row_of(system, "case.read")
    tamper(system, lambda connection: connection.execute(delete(TABLE).where(TABLE.c.id == gone)))
    assert told(system) == [("rows_changed", "3")]
    (fault,) = verify(system).faults
    assert re.search(rf"Numéros sans ligne\s: {gone}\.", fault.words)


def test_an_inserted_row_is_found_in_anothers_place_and_before_the_first(
    system: System, case_id: UUID
) -> None:
    def insert_at(row_id: int) -> None:
        row = {"at": system.clock.now(), "action": "case.read", "subject_kind": "", "detail": {}}
        tamper(system, lambda connection: connection.execute(insert(TABLE).values(row | {"id": row_id})))

    place = row_of(system, "case.read")
    tamper(system, lambda connection: connection.execute(delete(TABLE).where(TABLE.c.id == place)))
    insert_at(place)
    assert told(system) == [("rows_changed", "3")]
    insert_at(-5)
    assert told(system) == [("rows_changed", "3"), ("row_inserted", "-5")]


def test_a_cut_tail_is_found_by_the_seals(system: System, case_id: UUID) -> None:
    last = row_of(system, "photo.read")
    tamper(system, lambda connection: connection.execute(delete(TABLE).where(TABLE.c.id >= last)))
    assert told(system) == [("rows_changed", "3"), ("tail_cut", "3")]
    tamper(system, lambda connection: connection.execute(delete(TABLE)))
    words = {fault.kind: fault.words for fault in verify(system).faults}
    assert "L’audit est vide" in words["tail_cut"]


def test_a_tail_cut_with_its_seals_is_found_by_the_witness(system: System, case_id: UUID) -> None:
    witness = witness_of(system)
    first = row_of(system, "case.read")
    tamper(system, lambda connection: connection.execute(delete(TABLE).where(TABLE.c.id >= first)))
    tamper(system, lambda connection: connection.execute(delete(AuditSeal).where(AuditSeal.number == 3)))
    assert told(system) == [], "the database alone cannot know"
    assert told(system, witness) == [("seals_cut", "3")]
    tamper(system, lambda connection: connection.execute(delete(AuditSeal)))
    assert told(system, witness) == [("seals_cut", "3")]


def test_an_audit_sealed_anew_after_a_change_is_found_by_the_witness(system: System, case_id: UUID) -> None:
    witness = witness_of(system)
    changed = row_of(system, "case.begin")

    def rewrite(connection: Connection) -> None:
        connection.execute(update(TABLE).where(TABLE.c.id == changed).values(actor_id=None))
        connection.execute(delete(AuditSeal))

    tamper(system, rewrite)
    seal_all(system)
    assert told(system) == [], "the database alone cannot know"
    assert {kind for kind, _ in told(system, witness)} == {"witness_differs", "seals_cut"}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (delete(AuditSeal).where(AuditSeal.number == 2), [("seals_missing", "2")]),
        (delete(AuditSeal).where(AuditSeal.number == 1), [("seals_missing", "1")]),
        (
            update(AuditSeal).where(AuditSeal.number == 2).values(head=bytes(32)),
            [("chain_broken", "2"), ("chain_broken", "3")],
        ),
        (
            update(AuditSeal).where(AuditSeal.number == 3).values(sealed_at=START),
            [("chain_broken", "3")],
        ),
    ],
)
def test_a_broken_chain_is_found(
    system: System, case_id: UUID, change: Update | Delete, expected: list[tuple[str, str]]
) -> None:
    tamper(system, lambda connection: connection.execute(change))
    assert told(system) == expected


@pytest.mark.sqlite_only
def test_seals_that_cannot_be_read_are_told_and_not_a_failure(system: System, case_id: UUID) -> None:
    change = text("UPDATE audit_seals SET sealed_at = 'hier' WHERE number = 2")
    tamper(system, lambda connection: connection.execute(change))
    assert told(system) == [("seals_unreadable", "1")]


def test_a_case_that_was_removed_and_one_that_was_slipped_in_are_found(system: System, case_id: UUID) -> None:
    slipped = UUID(int=7)

    def swap(connection: Connection) -> None:
        connection.execute(delete(DueRow).where(DueRow.case_id == case_id))
        connection.execute(update(Case).where(Case.id == case_id).values(id=slipped))

    tamper(system, swap)
    assert told(system) == [("case_missing", str(case_id)), ("case_unannounced", str(slipped))]


@pytest.mark.sqlite_only
def test_an_id_that_no_query_finds_any_more_is_another_row(system: System, case_id: UUID) -> None:
    changed = row_of(system, "case.read")
    for change in (
        "case_id = upper(case_id)",
        "detail = replace(detail, ': ', ':')",
        "at = substr(at, 1, 19)",
        "action = CAST(action AS BLOB)",
    ):
        with system.engine.execution_options(writes=True).begin() as connection:
            connection.execute(text(f"CREATE TABLE kept AS SELECT * FROM audit_events WHERE id = {changed}"))  # noqa: S608
            connection.execute(text(f"UPDATE audit_events SET {change} WHERE id = {changed}"))  # noqa: S608
        assert ("rows_changed", "3") in told(system), change
        with system.engine.execution_options(writes=True).begin() as connection:
            connection.execute(text(f"DELETE FROM audit_events WHERE id = {changed}"))  # noqa: S608
            connection.execute(text("INSERT INTO audit_events SELECT * FROM kept"))
            connection.execute(text("DROP TABLE kept"))
        assert told(system) == [], change


@pytest.mark.sqlite_only
def test_a_row_that_cannot_be_read_is_told_and_not_a_failure(system: System, case_id: UUID) -> None:
    changed = row_of(system, "case.begin")
    tamper(
        system,
        lambda connection: connection.execute(
            text(f"UPDATE audit_events SET at = 'hier', action = CAST(x'ff' AS TEXT) WHERE id = {changed}")  # noqa: S608
        ),
    )
    assert told(system)[0][0] in {"rows_unreadable", "rows_changed"}
