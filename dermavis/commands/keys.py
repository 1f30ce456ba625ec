"""The master key and the backup key: making one, and checking that a kept copy is the right one."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from dermavis.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine


def keys_create(options: argparse.Namespace) -> int:
    """Write a new key in a file, for the master key or for the backups, and say how to keep it."""
    from dermavis.adapters.cipher import create_key_file

    path: Path = options.file
    try:
        create_key_file(path)
    except FileExistsError:
        raise SystemExit(
            f"{path} existe déjà : une clé n’est jamais remplacée, sa base serait perdue."
        ) from None
    print(
        f"Clé écrite dans {path}, lisible par ce seul compte.\n"
        "Clé maîtresse : sans elle, noms, textes et photographies sont perdus. Clé de sauvegarde : sans elle,\n"
        "aucune sauvegarde ne s’ouvre. Deux personnes en gardent chacune une copie, en deux lieux, jamais avec les\n"
        "sauvegardes ; docs/operations.md, « Keys, and who keeps them »."
    )
    return 0


def keys_check(options: argparse.Namespace) -> int:
    """Tell whether a key opens the database of the settings, without changing anything."""
    from dermavis.adapters.cipher import AesGcmCipher, decode_key
    from dermavis.adapters.database import open_engine

    settings = Settings.from_environment()
    path: Path = options.file or settings.master_key_file
    try:
        text = settings.master_key if settings.master_key and not options.file else path.read_text("ascii")
        cipher = AesGcmCipher(decode_key(text))
    except (OSError, ValueError) as error:
        raise SystemExit(f"Cette clé n’est pas lisible : {error}") from error
    engine = open_engine(settings.database_url)
    try:
        known = _known_value(engine, cipher.key_version)
    finally:
        engine.dispose()
    if known is None:
        print("La clé est bien formée ; la base est vide, elle n’a encore été ouverte par aucune clé.")
        return 0
    if known != cipher.check_value():
        print("Cette clé n’est PAS celle de cette base.")
        return 1
    print("Cette clé est bien celle de cette base.")
    return 0


def _known_value(engine: Engine, version: int) -> bytes | None:
    from sqlalchemy.orm import Session

    from dermavis.adapters.schema import current_revision
    from dermavis.models import KeyCheck

    if current_revision(engine) is None:
        return None
    with Session(engine) as session:
        row = session.get(KeyCheck, version)
        return None if row is None else row.value
