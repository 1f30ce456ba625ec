"""Making a backup while the service is writing.

First one instant of every table, then the objects of the photo store that its rows name, last the manifest: a backup
that is cut anywhere before leaves those before it as they were.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import uuid4

from sqlalchemy import Connection, Engine, Table, select
from sqlalchemy.orm import Session

from dermavis.adapters.backups.listings import write_rows
from dermavis.adapters.backups.sealed_store import SealedStore
from dermavis.adapters.backups.tables import rows_of, snapshot
from dermavis.domain import backups
from dermavis.domain.backups import INDEX, BackupDamaged, Listing, Manifest, Named, PictureCopy, manifest_name
from dermavis.domain.errors import Refusal
from dermavis.domain.ports import Clock, PhotoStore
from dermavis.models import Heartbeat, KeyCheck, UploadPiece
from dermavis.models.notices import BACKUP_MADE
from dermavis.services.backup_contents import (
    TABLES,
    Progress,
    discard_rows,
    index_of,
    index_rows,
    kept_backups,
    named_rows,
    read_manifest,
)
from dermavis.services.backup_pictures import Copier, Overtaken

ROUNDS: Final = 20
"""How often a backup begins again because the service removed, with its row, what was about to be copied."""


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
    cut: list[str] = []
    copied: tuple[str, Listing] | None = None  # what a round that was overtaken late copied is not read again
    try:
        for _ in range(ROUNDS):
            backup = backups.backup_id(clock.now(), uuid4().hex[:8])
            cut.append(backup)
            last = index_rows(place, *copied) if copied else _last_index(place)
            try:
                made = _round(stores, place, clock, release, revision, told, backup, last)
            except Overtaken as overtaken:
                copied = (backup, overtaken.index) if overtaken.index else copied
            else:
                cut.remove(backup)
                return made
    finally:
        for backup in cut:
            with contextlib.suppress(Exception):  # what stopped the backup may stop this as well
                discard_rows(place, backup)
    raise Refusal(
        "overtaken",
        "Le service retire des fichiers plus vite qu’ils ne sont copiés\u00a0: recommencez à une heure plus calme.",
    )


def note_made(stores: Stores, at: datetime) -> None:
    """Let those who watch the service know when a backup was complete for the last time."""
    with Session(stores.engine.execution_options(writes=True)) as session, session.begin():
        session.merge(Heartbeat(name=BACKUP_MADE, at=at))


def _round(
    stores: Stores,
    place: SealedStore,
    clock: Clock,
    release: str,
    revision: str,
    told: Progress,
    backup: str,
    last: Iterator[PictureCopy],
) -> Made:
    copier = Copier(stores.engine, stores.photo_store, place, last)
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
    copier.check_losses(index)
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
