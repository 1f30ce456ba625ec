"""The master key and the backup key: making one, checking a kept copy, replacing the master key."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING

from dermavis.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from dermavis.adapters.cipher import AesGcmMasterKey
    from dermavis.services.work import System

SHORTEST_PAUSE_S = 0.005
TOLD_EVERY_S = 1.0


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
    from dermavis.adapters.database import open_engine

    settings = Settings.from_environment()
    path: Path = options.file or settings.master_key_file
    key = _key_in(path, settings.master_key if not options.file else "")
    engine = open_engine(settings.database_url)
    try:
        known = _known_values(engine)
    finally:
        engine.dispose()
    if not known:
        print("La clé est bien formée ; la base est vide, elle n’a encore été ouverte par aucune clé.")
        return 0
    if key.check_value not in known:
        print("Cette clé n’est PAS celle de cette base.")
        return 1
    print("Cette clé est bien celle de cette base.")
    if len(known) > 1:
        newest = key.check_value == known[-1]
        print(
            f"Son remplacement est en cours : c’est {'la nouvelle' if newest else 'l’ancienne, encore nécessaire'}."
        )
    return 0


def keys_rotate(options: argparse.Namespace) -> int:
    """Replace the master key while the service runs; stopped, the same command goes on where it was."""
    from dermavis.commands.database import ready_system
    from dermavis.services import key_rotation

    new = _key_in(options.file, "")
    with ready_system(Settings.from_environment()) as system:
        if system.cipher.master(new.check_value) is None:
            print(
                "Le service doit d’abord tenir les deux clés :\n"
                f"1. dans ses réglages, MASTER_KEY_FILE={options.file} et PREVIOUS_MASTER_KEY_FILE=(l’actuelle) ;\n"
                "2. relancez web et worker, partout où ils tournent ;\n"
                "3. relancez cette commande avec les mêmes réglages."
            )
            return 1
        version = key_rotation.begin(system, new)
        print(f"Remplacement de la clé maîtresse, version {version}. Le service continue.")
        left = _rotate(system)
    if any(left.values()):
        words = ", ".join(f"{key_rotation.WORDS[name]} {count}" for name, count in left.items() if count)
        print(
            f"Reste : {words}. Ces lignes ne s’ouvrent avec aucune des deux clés : gardez l’ancienne, et voyez\n"
            "docs/operations.md, « Replacing the master key »."
        )
        return 1
    print(
        "Reste : 0. Plus rien dans la base ne tient à l’ancienne clé.\n"
        "Retirez PREVIOUS_MASTER_KEY_FILE des réglages et relancez web et worker. Détruisez l’ancienne clé et ses\n"
        "deux copies quand aucune sauvegarde d’avant aujourd’hui ne sert plus : sans elle, elles sont illisibles."
    )
    return 0


def _rotate(system: System) -> dict[str, int]:
    """Go through all rows until nothing remains, or what remains no longer becomes less."""
    from dermavis.services import key_rotation

    left: dict[str, int] = {}
    while True:
        _one_pass(system)
        before, left = left, key_rotation.end(system)
        if not any(left.values()) or left == before:
            return left


def _one_pass(system: System) -> None:
    from dermavis.services import key_rotation

    table, told_at = "", 0.0
    began = time.monotonic()
    for progress in key_rotation.rewrap(system):
        now = time.monotonic()
        if progress.table != table or progress.seen >= progress.rows or now - told_at > TOLD_EVERY_S:
            print(f"{key_rotation.WORDS[progress.table]} : {progress.seen} sur {progress.rows}", flush=True)
            table, told_at = progress.table, now
        # As long a pause as the work took: whoever serves people comes first.
        time.sleep(max(SHORTEST_PAUSE_S, now - began))
        began = time.monotonic()


def _key_in(path: Path, text: str) -> AesGcmMasterKey:
    from dermavis.adapters.cipher import AesGcmMasterKey, decode_key

    try:
        return AesGcmMasterKey(decode_key(text or path.read_text("ascii")))
    except (OSError, ValueError) as error:
        raise SystemExit(f"Cette clé n’est pas lisible : {error}") from error


def _known_values(engine: Engine) -> list[bytes]:
    from sqlalchemy import select
    from sqlalchemy.orm import Session

    from dermavis.adapters.schema import current_revision
    from dermavis.models import KeyCheck

    if current_revision(engine) is None:
        return []
    with Session(engine) as session:
        return list(session.scalars(select(KeyCheck.value).order_by(KeyCheck.version)))
