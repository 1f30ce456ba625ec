"""What an erased case leaves behind: no key, no sealed bytes and no file, in the tables, the database or the store."""

from __future__ import annotations

import dataclasses
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from dermavis.adapters.database_traces import stands_in, traces_files, wipe
from dermavis.domain.ports import PhotoStore, SealBroken
from dermavis.models import Case, CaseRevision, Patient, PatientIdentityVersion, PatientSearchKey
from dermavis.models.sealed import OF_CONTENT, UNDER_CASE_KEY
from dermavis.services.vault import Sealer
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.erasing import Life, erased
from tests.factories import World
from tests.planted import files_of


class BreakingStore:
    """A photo store that breaks after two deletions, as a killed process or a lost connection does."""

    def __init__(self, store: PhotoStore) -> None:
        self.store, self.deleted = store, 0

    def delete(self, key: str) -> None:
        if self.deleted == 2:
            raise ConnectionResetError
        self.deleted += 1
        self.store.delete(key)


def database_file(system: System) -> Path:
    return Path(system.engine.url.database or "")


@pytest.mark.sqlite_only
def test_neither_key_nor_sealed_bytes_are_left_in_any_file(system: System, world: World, life: Life) -> None:
    files = traces_files(database_file(system))
    for trace in (*life.keys, *life.sealed):
        assert stands_in(files, [trace]), "what is looked for is there before"
    assert len(life.store) > 8, "three pictures in three sizes and a report"

    told = erased(world)
    assert told.keys == life.keys
    assert told.with_patient
    assert wipe(system.engine, told.keys)

    raw = b"".join(file.read_bytes() for file in traces_files(database_file(system)))
    for trace in (*life.keys, *life.sealed):
        assert not stands_in(traces_files(database_file(system)), [trace])
        assert trace not in raw
    assert set(files_of(system.settings.data_dir / "photos")) == set()
    with closing(sqlite3.connect(database_file(system))) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_an_erasure_that_broke_off_is_completed_by_the_next(system: System, world: World, life: Life) -> None:
    broken: Any = BreakingStore(system.photo_store)
    with pytest.raises(ConnectionResetError):
        erased(dataclasses.replace(world, system=dataclasses.replace(system, photo_store=broken)))
    assert len(set(files_of(system.settings.data_dir / "photos"))) == len(life.store) - 2
    with reading(system) as work:
        assert work.session.get_one(Case, life.case_id).erased_at is None

    assert erased(world).files == len(life.store)

    assert set(files_of(system.settings.data_dir / "photos")) == set()


@pytest.mark.sqlite_only
def test_a_copy_of_the_key_in_a_page_that_nothing_uses_is_found_and_goes(
    system: System, world: World
) -> None:
    path, case_id = database_file(system), cases.closed(world)
    with reading(system) as work:
        key = work.session.get_one(Case, case_id).data_key
    with closing(sqlite3.connect(path, isolation_level=None)) as careless:
        careless.execute("PRAGMA secure_delete=OFF")
        careless.execute("CREATE TABLE scratch (bytes BLOB)")
        careless.executemany("INSERT INTO scratch VALUES (?)", [(key * 90,)] * 9)
        careless.execute("DROP TABLE scratch")
    with writing(system) as work:
        work.session.get_one(Case, case_id).data_key = b""
    assert stands_in(traces_files(path), [key])

    assert wipe(system.engine, [key])

    assert not stands_in(traces_files(path), [key])
    with reading(system) as work:
        assert work.session.get_one(Case, case_id).number == "D-1"


@pytest.mark.postgres
def test_nothing_that_was_sealed_is_left_in_the_tables_and_a_kept_copy_opens_no_more(
    system: System, world: World
) -> None:
    case_id = cases.closed(world)
    with reading(system) as work:
        copied = work.session.scalars(select(CaseRevision).where(CaseRevision.case_id == case_id)).one()
        sealed = bytes(copied.content_sealed)
        opened = Sealer(system.cipher, work.session.get_one(Case, case_id)).open(
            sealed, "case_revisions", copied.id, "content_sealed"
        )
        assert opened["patient"]["birth_name"] == "Vautrin"
        assert sum(_left(work)) > 4

    told = erased(world)

    assert told.with_patient
    assert len(told.keys) == 2
    with reading(system) as work:
        case = work.session.get_one(Case, case_id)
        assert case.erased_at is not None
        assert (case.number, case.state, case.motive) == ("D-1", "closed", "keratosis"), "statistics stay"
        with pytest.raises(SealBroken):
            Sealer(system.cipher, case)
        assert sum(_left(work)) == 0
        assert work.session.scalar(select(func.count()).select_from(PatientSearchKey)) == 0
        assert work.session.scalar(select(func.count()).select_from(PatientIdentityVersion)) == 0
        patient = work.session.scalars(select(Patient)).one()
        assert (patient.identity_sealed, patient.data_key) == (b"", b"")


def _left(work: Any) -> list[int]:
    return [
        work.session.scalar(
            select(func.count())
            .select_from(column.class_)
            .where(column.is_not(None), func.length(column) > 0)
        )
        for column in (*UNDER_CASE_KEY, *OF_CONTENT)
    ]
