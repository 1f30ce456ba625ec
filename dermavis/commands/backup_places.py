"""What the commands of backups stand on: the place and its key, the service's stores, and words for what goes wrong."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dermavis.domain.backups import BackupDamaged
from dermavis.domain.errors import Refusal
from dermavis.settings import Settings, SettingsRefused

if TYPE_CHECKING:
    from dermavis.adapters.backups.sealed_store import SealedStore
    from dermavis.services.backups import Stores


def place_at(address: str, key_file: Path | None, settings: Settings) -> SealedStore:
    from dermavis.adapters.backups.sealed_store import SealedStore
    from dermavis.adapters.cipher import decode_key
    from dermavis.adapters.photo_store import open_photo_store

    path = key_file or settings.backup_key_file
    if path is None:
        raise SettingsRefused(
            "Une sauvegarde se scelle avec une clé à elle\u00a0: donnez son fichier par --key ou par BACKUP_KEY_FILE. "
            "«\u00a0bin/dermavis keys create FICHIER\u00a0» en fait une."
        )
    try:
        key = decode_key(path.read_text("ascii"))
    except (OSError, ValueError) as error:
        raise SettingsRefused(
            f"La clé de sauvegarde {path} n’est pas lisible\u00a0: un fichier de 32 octets en base64 est attendu."
        ) from error
    url = address if "://" in address else Path(address).resolve().as_uri()
    if url.rstrip("/") == settings.photo_store_url.rstrip("/"):
        raise SettingsRefused("Une sauvegarde ne se garde pas dans le dépôt des photographies lui-même.")
    try:
        return SealedStore(open_photo_store(url), key)
    except ValueError as error:
        raise SettingsRefused(
            f"Adresse de sauvegarde inconnue\u00a0: «\u00a0{address}\u00a0». Attendu\u00a0: un dossier, ou s3://…"
        ) from error


@contextmanager
def stores_of(settings: Settings) -> Iterator[Stores]:
    from dermavis.adapters.database import open_engine
    from dermavis.adapters.photo_store import open_photo_store
    from dermavis.services.backups import Stores

    engine = open_engine(settings.database_url)
    try:
        yield Stores(engine, open_photo_store(settings.photo_store_url))
    finally:
        engine.dispose()


@contextmanager
def only_one(settings: Settings) -> Iterator[None]:
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(settings.data_dir / "backup.lock", os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise Refusal("busy", "Une sauvegarde est déjà en cours\u00a0; celle-ci n’a pas commencé.") from None
    finally:
        os.close(handle)


@contextmanager
def stopped_in_words(what: str) -> Iterator[None]:
    """Turn what a disk, a network, a database or a damaged object may do into a sentence, and exit code 1."""
    from obstore.exceptions import BaseError
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except BackupDamaged as damage:
        raise Refusal("backup_damaged", f"{what}\u00a0: {damage}.") from damage
    except (OSError, SQLAlchemyError, BaseError) as error:
        raise Refusal("backup_stopped", f"{what}\u00a0: {type(error).__name__}, {error}") from error
