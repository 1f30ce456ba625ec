"""Backups in tests: a place for them, what a service holds, and whether every picture of it opens."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from sqlalchemy import Engine, func, select

from dermavis.adapters.backups.sealed_store import SealedStore
from dermavis.adapters.photo_store import open_photo_store
from dermavis.adapters.schema import head_revision
from dermavis.domain.ports import Clock
from dermavis.domain.roles import Role
from dermavis.models import Base, Case, Document, Photo, PhotoFile, UploadPiece
from dermavis.services.backups import Made, Stores, make_backup
from dermavis.services.vault import Sealer
from dermavis.services.work import System, reading
from dermavis.settings import Settings
from tests import cases
from tests.factories import World
from tests.uploading import uploaded

KEY = bytes(range(100, 132))


def quiet(_stage: str, _done: int, _size: int) -> None:
    """Say nothing of how far a backup is."""


def place_at(url: str | Path, key: bytes = KEY) -> SealedStore:
    """Return a place of backups: a folder or an s3:// address."""
    return SealedStore(open_photo_store(url.as_uri() if isinstance(url, Path) else url), key)


def stores_of(system: System) -> Stores:
    """Return what a system keeps its work in."""
    return Stores(system.engine, system.photo_store)


def backed_up(system: System, place: SealedStore, clock: Clock | None = None) -> Made:
    """Make a backup of a system."""
    return make_backup(stores_of(system), place, clock or system.clock, "0.1.0", head_revision() or "", quiet)


def elsewhere(settings: Settings, database: str, folder: Path) -> Settings:
    """Return the settings of another service with the same master key."""
    return replace(
        settings, database_url=database, data_dir=folder, photo_store_url=(folder / "photos").as_uri()
    )


def drafted_with_pieces(world: World, bytes_sent: int = 150_000) -> UUID:
    """Return a draft with one upload whose pieces wait to be made into a picture: sealed objects at little cost."""
    case_id = cases.drafted(world)
    uploaded(world.system, world.actor(Role.REQUESTER), case_id, os.urandom(bytes_sent))
    return case_id


def counts(engine: Engine) -> dict[str, int]:
    """Return how many rows each table holds."""
    with engine.connect() as connection:
        return {
            name: connection.scalar(select(func.count()).select_from(table)) or 0
            for name, table in Base.metadata.tables.items()
        }


def opened(system: System) -> dict[UUID, str]:
    """Open everything that the store holds for a row: its id → the hash of its clear bytes, as the row has it."""
    with reading(system) as work:
        found = {}
        for file, photo in work.session.execute(
            select(PhotoFile, Photo).join(Photo, Photo.id == PhotoFile.photo_id)
        ):
            clear = _opened(system, work.session.get_one(Case, photo.case_id), file, "photo_files")
            assert hashlib.sha256(clear).digest() == file.sha256
            found[file.id] = file.sha256.hex()
        for document in work.session.scalars(select(Document)):
            clear = _opened(system, work.session.get_one(Case, document.case_id), document, "documents")
            assert hashlib.sha256(clear).digest() == document.sha256
            found[document.id] = document.sha256.hex()
        for piece in work.session.scalars(select(UploadPiece)):
            assert system.photo_store.exists(piece.store_key)
    return found


def _opened(system: System, case: Case, row: PhotoFile | Document, table: str) -> bytes:
    sealed = system.photo_store.get(row.store_key)
    return Sealer(system.cipher, case).open_bytes(sealed, table, row.id, "content")


def objects_of(place: SealedStore, kind: str) -> list[str]:
    """Return the names of a kind of objects: manifests, rows, pictures."""
    return list(place.list(f"{kind}/"))


def damage(folder: Path, name: str) -> None:
    """Change one byte in the middle of an object."""
    path = folder / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
