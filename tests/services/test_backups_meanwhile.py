"""A backup while the service removes, with its row, what was about to be copied: it begins again, and loses nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest
from sqlalchemy import delete

from dermavis.adapters.backups.sealed_store import SealedStore
from dermavis.adapters.photo_store import FolderStore
from dermavis.domain.backups import Named, PictureCopy
from dermavis.domain.roles import Role
from dermavis.models import PhotoFile, UploadPiece
from dermavis.services.backup_checks import verify
from dermavis.services.backup_contents import Progress
from dermavis.services.backup_pictures import Copier
from dermavis.services.work import System, writing
from tests import cases
from tests.backing_up import backed_up, drafted_with_pieces, objects_of, quiet
from tests.factories import World
from tests.material import jpeg, scene
from tests.uploading import process_all, uploaded


def test_a_piece_that_became_a_picture_meanwhile_makes_the_backup_begin_again(
    world: World, place: SealedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafted_with_pieces(world)
    drafted_with_pieces(world)
    rounds: list[str] = []
    copy_now = Copier.copy_now

    def overtaken(copier: Copier, named: Iterable[Named]) -> None:
        rows = list(named)
        if not rounds:
            _remove(world.system, UploadPiece, rows[0].store_key)
        rounds.append("round")
        copy_now(copier, rows)

    monkeypatch.setattr(Copier, "copy_now", overtaken)
    made = backed_up(world.system, place)

    assert len(rounds) == 2
    assert made.lost == ()
    assert made.manifest.tables["upload_pieces"].rows == 5
    assert {name.split("/")[1] for name in objects_of(place, "rows")} == {made.manifest.id}
    assert verify(place, made.manifest, quiet).damages == 0


def test_a_picture_replaced_meanwhile_makes_the_backup_begin_again_but_reads_no_other_again(
    world: World, place: SealedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id, small = cases.drafted(world), jpeg(scene(320, 240))
    for _ in range(2):
        uploaded(world.system, world.actor(Role.REQUESTER), case_id, small)
    process_all(world.system)
    rounds: list[int] = []
    read: list[str] = []
    copies, get = Copier.copies, FolderStore.get

    def replaced(copier: Copier, named: Iterable[Named], told: Progress) -> Iterator[PictureCopy]:
        rows = list(named)
        if not rounds:
            _remove(world.system, PhotoFile, rows[0].store_key)
        rounds.append(len(rows))
        yield from copies(copier, rows, told)

    def counted(store: FolderStore, key: str) -> bytes:
        content = get(store, key)
        if key.startswith("photos/"):
            read.append(key)
        return content

    monkeypatch.setattr(Copier, "copies", replaced)
    monkeypatch.setattr(FolderStore, "get", counted)
    made = backed_up(world.system, place)

    assert rounds == [4, 3]  # two pictures, each with its thumb
    assert len(read) == len(set(read)) == 3
    assert made.lost == ()
    assert {name.split("/")[1] for name in objects_of(place, "rows")} == {made.manifest.id}
    assert verify(place, made.manifest, quiet).damages == 0


def _remove(system: System, kind: type[UploadPiece] | type[PhotoFile], store_key: str) -> None:
    with writing(system) as work:
        system.photo_store.delete(store_key)
        work.session.execute(delete(kind).where(kind.store_key == store_key))
