"""Making a backup while the service is writing, and letting the oldest ones go.

First one instant of every table, then the objects of the photo store that its rows name, last the manifest: a backup
that is cut anywhere before leaves those before it as they were.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from sqlalchemy import Connection, Engine, Table, select

from dermavis.adapters.backups.listings import read_rows, write_rows
from dermavis.adapters.backups.sealed_store import SealedStore
from dermavis.adapters.backups.tables import rows_of, snapshot
from dermavis.domain import backups
from dermavis.domain.backups import INDEX, BackupDamaged, Listing, Manifest, Named, PictureCopy, manifest_name
from dermavis.domain.errors import Refusal
from dermavis.domain.ports import Clock, PhotoStore
from dermavis.models import Base, KeyCheck, UploadPiece
from dermavis.services.backup_pictures import Copier, Overtaken, Remembered

ROUNDS: Final = 20
"""How often a backup begins again because the service removed, with its row, what was about to be copied."""

TABLES: Final = dict(sorted(Base.metadata.tables.items()))

Progress = Callable[[str, int, int], None]
"""Told what is being done (``tables``, ``pictures``, ``loading``), how many so far, and how many bytes."""


@dataclass(frozen=True)
class Stores:
    """What a service keeps its work in."""

    engine: Engine
    photo_store: PhotoStore


@dataclass(frozen=True)
class Made:
    """A backup that was made: objects new to the place, their bytes, and what the photo store had lost."""

    manifest: Manifest
    copied: int
    copied_bytes: int
    lost: tuple[Named, ...]


def refuse_other_key(place: SealedStore, stores: Stores) -> None:
    """Refuse a key that is not this place's, or that is a master key. Raises Refusal, in words."""
    if place.key_fits() is False:
        raise Refusal(
            "backup_key",
            "Cette adresse garde des sauvegardes faites avec une autre clé\u00a0: rien n’a été écrit.",
        )
    with stores.engine.connect() as connection:
        if place.check_value() in set(connection.scalars(select(KeyCheck.value))):
            raise Refusal(
                "master_key",
                "Cette clé est la clé maîtresse\u00a0: les sauvegardes ont la leur, faite par "
                "«\u00a0bin/dermavis keys create FICHIER\u00a0».",
            )


def make_backup(
    stores: Stores, place: SealedStore, clock: Clock, release: str, revision: str, told: Progress
) -> Made:
    """Copy every table and every object of the photo store that a row names.

    Raises Refusal, in words, when the key is not right or the service never holds still long enough.
    """
    refuse_other_key(place, stores)
    place.mark()
    for _ in range(ROUNDS):
        backup = backups.backup_id(clock.now(), uuid4().hex[:8])
        try:
            return _round(stores, place, clock, release, revision, told, backup)
        except Overtaken:
            _discard(place, backup)
        except BaseException:
            with contextlib.suppress(Exception):  # what stopped the backup may stop this as well
                _discard(place, backup)
            raise
    raise Refusal(
        "overtaken",
        "Le service retire des fichiers plus vite qu’ils ne sont copiés\u00a0: recommencez à une heure plus calme.",
    )


def kept_backups(place: SealedStore) -> list[str]:
    """Return the backups of a place, oldest first."""
    return sorted(name.removeprefix(backups.MANIFESTS) for name in place.list(backups.MANIFESTS))


def read_manifest(place: SealedStore, backup: str) -> Manifest:
    """Open a manifest. Raises BackupDamaged, in words."""
    content = place.get(manifest_name(backup))
    try:
        return Manifest.model_validate_json(content)
    except ValueError:
        raise BackupDamaged(f"{manifest_name(backup)} est d’une forme que cette version ne lit pas") from None


def index_of(place: SealedStore, manifest: Manifest) -> Iterator[PictureCopy]:
    """Yield where each object of the photo store stands, by table and id. Raises BackupDamaged."""
    for row in read_rows(place, manifest.id, INDEX, manifest.pictures):
        yield PictureCopy(*row)


def named_rows(place: SealedStore, backup: str, tables: Mapping[str, Listing]) -> Iterator[Named]:
    """Yield the rows of a backup that name an object of the photo store, by table and id. Raises BackupDamaged."""
    for name, listing in sorted(tables.items()):
        if "store_key" not in listing.columns:
            continue
        at_id, at_key = listing.columns.index("id"), listing.columns.index("store_key")
        for row in read_rows(place, backup, name, listing):
            yield Named(name, row[at_id], row[at_key])


def remove_old(place: SealedStore, keep: int, clock: Clock) -> list[str]:
    """Keep the ``keep`` newest backups, remove those before and whatever was cut; return the backups removed.

    Raises BackupDamaged when it cannot be told what the others still need: then nothing of that backup is removed.
    """
    removed = []
    for backup in backups.surplus(kept_backups(place), keep):
        unneeded = _needed_by_none_other(place, backup)
        place.delete(manifest_name(backup))
        _discard(place, backup)
        for sha256 in unneeded:
            place.delete(backups.picture_name(sha256))
        removed.append(backup)
    begun = {name.split("/")[1] for name in place.list(backups.rows_of())}
    for backup in backups.cut_short(begun - set(kept_backups(place)), clock.now()):
        _discard(place, backup)
    return removed


def _round(
    stores: Stores,
    place: SealedStore,
    clock: Clock,
    release: str,
    revision: str,
    told: Progress,
    backup: str,
) -> Made:
    copier = Copier(stores.engine, stores.photo_store, place, _last_index(place))
    begun_at = clock.now()
    with snapshot(stores.engine) as connection:
        # The pieces of an upload live for seconds: they are copied while their instant is hardly over.
        copier.copy_now(_named_in(connection, UploadPiece.__table__))  # type: ignore[arg-type]
        tables: dict[str, Listing] = {}
        for table in TABLES.values():
            told("tables", len(tables) + 1, 0)
            tables[table.name] = write_rows(
                place, backup, table.name, table.columns.keys(), rows_of(connection, table)
            )
    named = named_rows(place, backup, tables)
    index = write_rows(place, backup, INDEX, PictureCopy._fields, copier.copies(named, told))
    manifest = Manifest(
        id=backup,
        begun_at=begun_at,
        ended_at=clock.now(),
        release=release,
        revision=revision,
        database=stores.engine.dialect.name,
        tables=tables,
        pictures=index,
        picture_bytes=copier.bytes_named,
        missing=len(copier.lost),
    )
    place.put(manifest_name(backup), manifest.model_dump_json().encode())
    return Made(manifest, copier.copied, copier.copied_bytes, tuple(copier.lost))


def _last_index(place: SealedStore) -> Iterator[PictureCopy]:
    """Yield the index of the newest backup; what of it cannot be read is copied anew."""
    newest = kept_backups(place)[-1:]
    with contextlib.suppress(BackupDamaged):
        for backup in newest:
            yield from index_of(place, read_manifest(place, backup))


def _named_in(connection: Connection, table: Table) -> Iterator[Named]:
    for row_id, store_key in connection.execute(select(table.c.id, table.c.store_key)):
        yield Named(table.name, row_id.hex, store_key)


def _discard(place: SealedStore, backup: str) -> None:
    for name in list(place.list(backups.rows_of(backup))):
        place.delete(name)


def _needed_by_none_other(place: SealedStore, backup: str) -> list[str]:
    others = [
        Remembered(index_of(place, read_manifest(place, other)))
        for other in kept_backups(place)
        if other != backup
    ]
    return [
        entry.sha256
        for entry in index_of(place, read_manifest(place, backup))
        if entry.sha256 and not any(other.has(entry) for other in others)
    ]
