"""The drill: a backup while people work, a restore elsewhere, every row counted, every picture opened."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from dermavis.adapters.backups.sealed_store import SealedStore
from dermavis.adapters.schema import current_revision
from dermavis.bootstrap import build, check
from dermavis.domain.backups import Manifest
from dermavis.domain.roles import Role
from dermavis.models import AuditEvent, Case
from dermavis.services.backup_checks import find_backup, verify
from dermavis.services.restoring import restore
from dermavis.services.work import System, reading, writing
from dermavis.settings import Settings, SettingsRefused
from tests import cases
from tests.backing_up import (
    backed_up,
    counts,
    drafted_with_pieces,
    elsewhere,
    opened,
    place_at,
    quiet,
    stores_of,
)
from tests.clock import FakeClock
from tests.factories import World
from tests.fixtures.systems import MASTER_KEY
from tests.material import jpeg, scene
from tests.pictured_cases import sent_with_pictures
from tests.uploading import process_all, uploaded

PATIENCE_S = 120
OTHER_MASTER_KEY = MASTER_KEY.replace("A", "B", 1)


@pytest.mark.postgres
def test_what_was_acknowledged_before_a_backup_is_in_it_whatever_is_written_meanwhile(
    world: World, backend: str, new_database: Callable[[str], str], settings: Settings, tmp_path: Path
) -> None:
    before = {sent_with_pictures(world), drafted_with_pieces(world)}
    pictures = opened(world.system)
    assert len(pictures) == 8  # three views, two of them in their full format too
    place = place_at(tmp_path / "backups")
    with closing(Writer(world)) as writer:
        writer.wait_for_more()
        before |= set(writer.acknowledged)
        made = backed_up(world.system, place)
        writer.wait_for_more()  # what was in hand
        writer.wait_for_more()
    assert writer.failure is None
    there = elsewhere(settings, new_database(backend), tmp_path / "elsewhere")

    assert _restored(place, made.manifest, there) >= before

    with _running(there) as restored:
        assert pictures.items() <= opened(restored).items() <= opened(world.system).items()
        rows, rows_now = counts(restored.engine), counts(world.system.engine)
    assert rows["cases"] < rows_now["cases"]  # people did work meanwhile
    again = backed_up(world.system, place)
    assert 0 < again.copied <= again.manifest.pictures.rows - len(pictures)


@pytest.mark.postgres
def test_a_backup_of_either_database_is_restored_into_the_other_which_goes_on_from_there(
    world: World, backend: str, new_database: Callable[[str], str], settings: Settings, tmp_path: Path
) -> None:
    case_id = cases.answered(world)
    place = place_at(tmp_path / "backups")
    made = backed_up(world.system, place)
    there = elsewhere(settings, new_database(_OTHER[backend]), tmp_path / "elsewhere")

    assert case_id in _restored(place, made.manifest, there)

    with _running(there) as restored:
        assert counts(restored.engine) == counts(world.system.engine)
        back = backed_up(restored, place_at(tmp_path / "back"), FakeClock())
        assert back.manifest.tables == made.manifest.tables
        with writing(restored) as work:
            last = work.session.scalar(select(func.max(AuditEvent.id)))
            work.audit("network.created")
            work.session.flush()
            assert work.session.scalar(select(func.max(AuditEvent.id))) == last + 1
        if not restored.on_sqlite:
            deferred = "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND condeferrable"
            with restored.engine.connect() as connection:
                assert connection.scalar(text(deferred)) == 0


@pytest.mark.s3
def test_a_backup_goes_to_s3_and_comes_back_into_s3(
    world: World, empty_database: str, settings: Settings, tmp_path: Path, s3: Any
) -> None:
    drafted_with_pieces(world)
    place = place_at(s3.url("backups"))
    made = backed_up(world.system, place)
    there = elsewhere(settings, empty_database, tmp_path / "other")
    there = replace(there, photo_store_url=s3.url("restored"))

    _restored(place, made.manifest, there)

    with _running(there) as restored:
        assert counts(restored.engine) == counts(world.system.engine)
        opened(restored)
    assert made.copied == 3
    assert backed_up(world.system, place).copied == 0


@contextmanager
def _running(settings: Settings) -> Iterator[System]:
    system = build(settings)
    yield system
    system.engine.dispose()


_OTHER = {"sqlite": "postgresql", "postgresql": "sqlite"}


class Writer:
    """Somebody who sends requests and pictures, one after the other, until closed."""

    def __init__(self, world: World) -> None:
        self.acknowledged: list[UUID] = []
        self.failure: BaseException | None = None
        self._world = world
        self._over, self._more = threading.Event(), threading.Condition()
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._thread.start()

    def wait_for_more(self) -> None:
        """Wait until one more request was acknowledged."""
        known = len(self.acknowledged)
        with self._more:
            assert self._more.wait_for(lambda: len(self.acknowledged) > known or self.failure, PATIENCE_S)

    def close(self) -> None:
        """Stop, after what is in hand."""
        self._over.set()
        self._thread.join(PATIENCE_S)

    def _write(self) -> None:
        small = jpeg(scene(320, 240))
        actor = self._world.actor(Role.REQUESTER)
        try:
            while not self._over.is_set():
                case_id = cases.sent(self._world)
                draft = cases.drafted(self._world)
                uploaded(self._world.system, actor, draft, small)
                with self._more:
                    self.acknowledged += [case_id, draft]
                    self._more.notify_all()
                process_all(self._world.system)
        except BaseException as error:  # noqa: BLE001 - told to the test
            self.failure = error


def _restored(place: SealedStore, manifest: Manifest, there: Settings) -> set[UUID]:
    """Restore a backup elsewhere; return its cases. Every picture was opened, with the right key only."""
    assert verify(place, find_backup(place, manifest.id), quiet).damages == 0
    with _running(there) as restored:
        assert current_revision(restored.engine) is None
        restore(place, manifest, stores_of(restored), restored.clock, quiet)
        assert {name: listing.rows for name, listing in manifest.tables.items()} == counts(restored.engine)
        check(restored)
        opened(restored)
        with reading(restored) as work:
            found = set(work.session.scalars(select(Case.id)))
    stranger = replace(there, master_key=OTHER_MASTER_KEY)
    with _running(stranger) as other, pytest.raises(SettingsRefused, match="autre clé maîtresse"):
        check(other)
    return found
