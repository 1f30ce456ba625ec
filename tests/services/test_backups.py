"""What a backup refuses, survives and finds: wrong keys, cuts, damages, places that are not empty."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import delete, select

from dermavis.adapters.backups.sealed_store import SealedStore
from dermavis.domain.backups import Manifest, manifest_name, picture_name
from dermavis.domain.errors import NotFound, Refusal
from dermavis.models import UploadPiece
from dermavis.services import backup_pictures
from dermavis.services.backup_checks import find_backup, verify
from dermavis.services.backup_contents import index_of, kept_backups
from dermavis.services.backups import Stores
from dermavis.services.old_backups import remove_old
from dermavis.services.restoring import restore
from dermavis.services.work import System, reading, writing
from tests.backing_up import backed_up, counts, damage, drafted_with_pieces, objects_of, place_at, quiet
from tests.clock import FakeClock
from tests.factories import World
from tests.fixtures.systems import MASTER_KEY

OTHER_KEY = bytes(32)


def test_a_second_backup_copies_only_the_pictures_that_are_new(
    world: World, place: SealedStore, clock: FakeClock
) -> None:
    drafted_with_pieces(world)
    first = backed_up(world.system, place)
    drafted_with_pieces(world)
    clock.advance(hours=1)

    second = backed_up(world.system, place)

    assert (first.copied, second.copied) == (3, 3)
    assert second.manifest.pictures.rows == 6
    assert len(objects_of(place, "pictures")) == 6
    for manifest in (first.manifest, second.manifest):
        assert verify(place, manifest, quiet).damages == 0


def test_nothing_in_a_backup_is_readable_without_its_key(
    world: World, place: SealedStore, folder: Path
) -> None:
    drafted_with_pieces(world)
    backed_up(world.system, place)
    email = next(iter(world.people.values())).email.encode()
    names = [name for kind in ("manifests", "rows", "pictures") for name in objects_of(place, kind)]
    rows = b"".join(place.get(name) for name in objects_of(place, "manifests"))
    assert b"revision" in rows  # the key opens them

    for name in names:
        sealed = (folder / name).read_bytes()
        assert email not in sealed
        assert b"revision" not in sealed
    with pytest.raises(Refusal, match="autre clé de sauvegarde"):
        find_backup(place_at(folder, OTHER_KEY), None)


def test_a_place_of_another_key_is_not_written_to(world: World, place: SealedStore, folder: Path) -> None:
    backed_up(world.system, place)
    before = sorted(path for path in folder.rglob("*") if path.is_file())

    with pytest.raises(Refusal, match="avec une autre clé"):
        backed_up(world.system, place_at(folder, OTHER_KEY))

    assert sorted(path for path in folder.rglob("*") if path.is_file()) == before


def test_the_master_key_is_no_backup_key(system: System, folder: Path) -> None:
    from dermavis.adapters.cipher import decode_key

    with pytest.raises(Refusal, match="clé maîtresse"):
        backed_up(system, place_at(folder, decode_key(MASTER_KEY)))

    assert not folder.exists()


def test_each_damage_is_found_and_named(world: World, place: SealedStore, folder: Path) -> None:
    drafted_with_pieces(world)
    manifest = backed_up(world.system, place).manifest
    assert verify(place, manifest, quiet).damages == 0
    pictures, rows = objects_of(place, "pictures"), objects_of(place, "rows")
    people = next(name for name in rows if "/persons-" in name)

    damage(folder, pictures[0])
    (folder / pictures[1]).unlink()
    damage(folder, people)
    (folder / next(name for name in rows if "/cases-" in name)).unlink()

    findings = verify(place, manifest, quiet)
    assert findings.damages == 4
    assert f"{pictures[0]} est abîmé" in findings.shown
    assert f"{pictures[1]} manque" in findings.shown
    assert f"{people} est abîmé" in findings.shown


def test_an_object_put_in_the_place_of_another_does_not_open(
    world: World, place: SealedStore, folder: Path
) -> None:
    drafted_with_pieces(world)
    manifest = backed_up(world.system, place).manifest
    one, other, _ = objects_of(place, "pictures")

    (folder / one).write_bytes((folder / other).read_bytes())

    assert verify(place, manifest, quiet).shown == [f"{one} est abîmé"]


def test_a_damaged_picture_is_copied_again_once_it_was_taken_away(
    world: World, place: SealedStore, folder: Path, clock: FakeClock
) -> None:
    drafted_with_pieces(world)
    backed_up(world.system, place)
    (folder / objects_of(place, "pictures")[0]).unlink()
    clock.advance(hours=1)

    second = backed_up(world.system, place)

    assert second.copied == 1
    assert verify(place, second.manifest, quiet).damages == 0


def test_a_manifest_that_does_not_open_is_told_apart_from_a_wrong_key(
    system: System, place: SealedStore, folder: Path
) -> None:
    manifest = backed_up(system, place).manifest
    damage(folder, manifest_name(manifest.id))

    with pytest.raises(Refusal, match="illisible"):
        find_backup(place, None)


def test_where_there_is_no_backup_this_is_said(system: System, place: SealedStore) -> None:
    with pytest.raises(NotFound, match="aucune sauvegarde"):
        find_backup(place, None)
    manifest = backed_up(system, place).manifest
    assert find_backup(place, manifest.id) == manifest
    with pytest.raises(NotFound, match=manifest.id):
        find_backup(place, "20200101t000000z-00000000")


def test_a_backup_that_is_cut_leaves_the_last_one_whole_and_is_tidied_away(
    world: World, place: SealedStore, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafted_with_pieces(world)
    good = backed_up(world.system, place).manifest
    clock.advance(hours=1)
    rows = set(objects_of(place, "rows"))
    put = SealedStore.put

    def full(self: SealedStore, name: str, clear: bytes) -> None:
        if "/persons-" in name:
            raise OSError(28, "No space left on device")
        put(self, name, clear)

    monkeypatch.setattr(SealedStore, "put", full)
    with pytest.raises(OSError, match="No space"):
        backed_up(world.system, place)

    assert set(objects_of(place, "rows")) == rows
    assert find_backup(place, None) == good
    assert verify(place, good, quiet).damages == 0


def test_what_a_killed_backup_left_goes_a_day_later_its_pictures_too(
    world: World, system: System, place: SealedStore, clock: FakeClock
) -> None:
    drafted_with_pieces(world)
    killed = backed_up(system, place).manifest
    place.delete(manifest_name(killed.id))
    with writing(system) as work:
        work.session.execute(delete(UploadPiece))
    clock.advance(hours=23)
    kept = backed_up(system, place).manifest
    remove_old(place, 5, clock)
    assert any(killed.id in name for name in objects_of(place, "rows"))
    assert len(objects_of(place, "pictures")) == 3, "it may still be on its way"

    clock.advance(hours=1)
    remove_old(place, 5, clock)

    assert not any(killed.id in name for name in objects_of(place, "rows"))
    assert objects_of(place, "pictures") == []
    assert verify(place, kept, quiet).damages == 0


def test_old_backups_go_with_the_pictures_that_only_they_name(
    world: World, place: SealedStore, clock: FakeClock
) -> None:
    drafted_with_pieces(world)
    first = backed_up(world.system, place).manifest
    (gone, *_) = index_of(place, first)
    with writing(world.system) as work:
        work.session.execute(delete(UploadPiece).where(UploadPiece.store_key == gone.store_key))
    made = []
    for _ in range(2):
        clock.advance(days=1)
        made.append(backed_up(world.system, place).manifest)
    assert place.exists(picture_name(gone.sha256))

    assert remove_old(place, 2, clock) == [first.id]

    assert kept_backups(place) == [manifest.id for manifest in made]
    assert not place.exists(picture_name(gone.sha256))
    assert len(objects_of(place, "pictures")) == 2
    assert not any(first.id in name for name in objects_of(place, "rows"))
    for manifest in made:
        assert verify(place, manifest, quiet).damages == 0


def test_nothing_goes_while_another_backup_cannot_be_read(
    world: World, place: SealedStore, folder: Path, clock: FakeClock
) -> None:
    drafted_with_pieces(world)
    made: list[Manifest] = []
    for _ in range(2):
        made.append(backed_up(world.system, place).manifest)
        clock.advance(days=1)
    damage(folder, manifest_name(made[1].id))

    with pytest.raises(Exception, match=f"{made[1].id} est abîmé"):
        remove_old(place, 1, clock)

    assert verify(place, made[0], quiet).damages == 0


def test_a_picture_that_the_store_has_lost_is_told_and_the_rest_is_kept(
    world: World, place: SealedStore, empty: Stores, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup_pictures, "SETTLE_S", 0.05)  # nobody else is at work
    drafted_with_pieces(world)
    with reading(world.system) as work:
        lost = work.session.scalars(select(UploadPiece.store_key)).first()
    world.system.photo_store.delete(str(lost))

    made = backed_up(world.system, place)

    assert [named.store_key for named in made.lost] == [lost]
    assert made.manifest.missing == 1
    assert verify(place, made.manifest, quiet).damages == 0
    restore(place, made.manifest, empty, clock, quiet)
    assert counts(empty.engine) == counts(world.system.engine)
