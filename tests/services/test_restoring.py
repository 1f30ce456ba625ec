"""A restore: into an empty place only, all of it or nothing, and what is refused before."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Table, select

from dermavis.adapters import schema
from dermavis.adapters.backups.sealed_store import SealedStore
from dermavis.adapters.schema import current_revision, upgrade
from dermavis.domain.errors import Conflict, Refusal
from dermavis.models import Heartbeat, KeyCheck
from dermavis.services import restoring
from dermavis.services.backup_contents import index_of
from dermavis.services.backups import Stores
from dermavis.services.restoring import restore
from dermavis.services.work import System
from tests.backing_up import backed_up, counts, damage, drafted_with_pieces, objects_of, quiet, stores_of
from tests.clock import FakeClock
from tests.factories import World


def test_a_backup_is_restored_over_nobodys_work(
    world: World, place: SealedStore, empty: Stores, clock: FakeClock
) -> None:
    manifest = backed_up(world.system, place).manifest

    with pytest.raises(Conflict, match="n’est pas vide"):
        restore(place, manifest, stores_of(world.system), clock, quiet)
    restore(place, manifest, empty, clock, quiet)
    with pytest.raises(Conflict, match="n’est pas vide"):
        restore(place, manifest, empty, clock, quiet)

    assert counts(empty.engine) == counts(world.system.engine)


def test_what_a_first_start_left_is_no_obstacle_and_a_running_service_is(
    world: World, place: SealedStore, empty: Stores, clock: FakeClock
) -> None:
    manifest = backed_up(world.system, place).manifest
    upgrade(empty.engine)
    with empty.engine.execution_options(writes=True).begin() as connection:
        connection.execute(
            KeyCheck.__table__.insert().values(version=1, value=b"other", created_at=clock.now())
        )
        connection.execute(Heartbeat.__table__.insert().values(name="worker.push", at=clock.now()))

    with pytest.raises(Conflict, match="arrêtez-le"):
        restore(place, manifest, empty, clock, quiet)
    clock.advance(minutes=1)
    restore(place, manifest, empty, clock, quiet)

    with empty.engine.connect() as connection:
        assert connection.scalar(select(KeyCheck.value)) == world.system.cipher.masters[0].check_value
    assert counts(empty.engine) == counts(world.system.engine)


def test_a_restore_that_was_cut_shows_nothing_and_goes_on_where_it_was(
    world: World, place: SealedStore, empty: Stores, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafted_with_pieces(world)
    manifest = backed_up(world.system, place).manifest
    load_rows, loaded = restoring.load_rows, []

    def cut(connection: Connection, table: Table, *rest: Any) -> None:
        if len(loaded) == 20:
            raise OSError(5, "Input/output error")
        loaded.append(table.name)
        load_rows(connection, table, *rest)

    monkeypatch.setattr(restoring, "load_rows", cut)
    with pytest.raises(OSError, match="Input/output"):
        restore(place, manifest, empty, clock, quiet)
    assert sum(counts(empty.engine).values()) == 0
    monkeypatch.setattr(restoring, "load_rows", load_rows)

    restore(place, manifest, empty, clock, quiet)

    assert counts(empty.engine) == counts(world.system.engine)


def test_a_store_with_other_files_under_the_same_keys_is_refused(
    world: World, place: SealedStore, empty: Stores, clock: FakeClock
) -> None:
    drafted_with_pieces(world)
    manifest = backed_up(world.system, place).manifest
    taken = next(index_of(place, manifest)).store_key
    empty.photo_store.put(taken, b"other")

    with pytest.raises(Conflict, match=taken):
        restore(place, manifest, empty, clock, quiet)

    assert empty.photo_store.get(taken) == b"other"
    assert sum(counts(empty.engine).values()) == 0


def test_a_backup_of_newer_tables_is_refused_in_words(
    system: System, place: SealedStore, empty: Stores, clock: FakeClock
) -> None:
    manifest = backed_up(system, place).manifest.model_copy(update={"revision": "9999"})

    with pytest.raises(Refusal, match="plus récentes"):
        restore(place, manifest, empty, clock, quiet)

    assert current_revision(empty.engine) is None


def test_a_backup_of_older_tables_is_refused_with_the_way_to_restore_it(
    system: System, place: SealedStore, empty: Stores, clock: FakeClock, tmp_path: Path, monkeypatch: Any
) -> None:
    manifest = backed_up(system, place).manifest
    newer = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, newer)
    (newer / "versions" / "9000_planted.py").write_text(
        f'revision = "9000"\ndown_revision = "{manifest.revision}"\n'
    )
    monkeypatch.setattr(schema, "MIGRATIONS", newer)

    with pytest.raises(Refusal, match="la version qui l’a faite, puis lancez"):
        restore(place, manifest, empty, clock, quiet)

    assert current_revision(empty.engine) is None


@pytest.mark.parametrize("kind", ["pictures", "rows"])
def test_a_damaged_backup_is_refused_before_anything_is_written(
    world: World, place: SealedStore, folder: Path, empty: Stores, tmp_path: Path, kind: str
) -> None:
    drafted_with_pieces(world)
    manifest = backed_up(world.system, place).manifest
    name = objects_of(place, kind)[-1]
    damage(folder, name)

    with pytest.raises(Refusal, match="rien n’a été restauré") as refused:
        restore(place, manifest, empty, FakeClock(), quiet)

    assert name in refused.value.message
    assert current_revision(empty.engine) is None
    assert not (tmp_path / "restored").exists()
