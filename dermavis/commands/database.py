"""The tables, and whether everything is fit to serve."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

from dermavis.commands.prepared import is_prepared
from dermavis.settings import Settings, SettingsRefused

if TYPE_CHECKING:
    from dermavis.services.work import System


def migrate(_options: argparse.Namespace) -> int:
    """Bring the tables up to this version of the code."""
    from dermavis.adapters.database import open_engine
    from dermavis.adapters.schema import current_revision, upgrade

    engine = open_engine(Settings.from_environment().database_url)
    try:
        before = current_revision(engine)
        upgrade(engine)
        after = current_revision(engine)
    finally:
        engine.dispose()
    print(
        f"Base à jour ({after})." if before == after else f"Base mise à jour : {before or 'vide'} → {after}."
    )
    return 0


def prepare(_options: argparse.Namespace) -> int:
    """Make what a first start needs: keys, tables and, in demonstration, its people and cases. Safe to repeat."""
    settings = Settings.from_environment()
    if is_prepared(settings):
        return 0
    from dermavis.adapters.schema import upgrade
    from dermavis.bootstrap import check

    system = _built(settings)
    try:
        upgrade(system.engine)
        check(system)
        if settings.demonstration:
            from dermavis.commands.demonstration import load_once

            load_once(system)
    finally:
        system.engine.dispose()
    return 0


def check_all(_options: argparse.Namespace) -> int:
    """Try everything that the service relies on, and say in words what is wrong."""
    settings = Settings.from_environment()
    trials: dict[str, Callable[[System], str]] = {
        "base de données": _try_database,
        "dépôt des photographies": _try_photo_store,
        "courriel": _try_mail,
        "témoin de l’audit": _try_witness,
    }
    failed = False
    with ready_system(settings) as system:
        print(f"{'réglages et clé maîtresse':28} en ordre ({settings.environment}, {settings.origin})")
        for name, trial in trials.items():
            try:
                print(f"{name:28} en ordre ({trial(system)})")
            except Exception as error:  # noqa: BLE001 - whatever goes wrong here is what the person asked to know
                failed = True
                print(f"{name:28} EN PANNE : {type(error).__name__} : {error}")
    return 1 if failed else 0


@contextmanager
def ready_system(settings: Settings) -> Iterator[System]:
    """Give the system when its tables and its key are the right ones, and close it afterwards.

    Raises SettingsRefused, in words.
    """
    from dermavis.adapters.schema import current_revision, head_revision
    from dermavis.bootstrap import check

    system = _built(settings)
    try:
        if current_revision(system.engine) != head_revision():
            raise SettingsRefused(
                "Les tables de cette base ne sont pas celles de cette version : lancez « bin/dermavis migrate »."
            )
        check(system)
        yield system
    finally:
        system.engine.dispose()


def _built(settings: Settings) -> System:
    from dermavis.bootstrap import build
    from dermavis.domain.specialty import SpecialtyError

    try:
        return build(settings)
    except SpecialtyError as wrong:
        raise SettingsRefused(f"Fichier de spécialité refusé : {wrong}") from wrong


def _try_database(system: System) -> str:
    from dermavis.services.work import writing

    with writing(system):
        return "SQLite" if system.on_sqlite else "PostgreSQL"


def _try_photo_store(system: System) -> str:
    key = f"zz/check-{uuid4()}"
    system.photo_store.put(key, b"check")
    read = system.photo_store.get(key)
    system.photo_store.delete(key)
    if read != b"check":
        raise ValueError("ce qui est lu n’est pas ce qui a été écrit")
    return system.settings.photo_store_url.split(":", 1)[0]


def _try_mail(system: System) -> str:
    import socket
    from urllib.parse import urlsplit

    if not system.settings.smtp_url:
        return "gardé dans la boîte de démonstration"
    server = urlsplit(system.settings.smtp_url)
    with socket.create_connection((str(server.hostname), server.port or 25), timeout=10):
        return str(server.hostname)


def _try_witness(system: System) -> str:
    from dermavis.adapters.witness import FileWitness

    if not isinstance(system.witness, FileWitness):
        return "par courriel" if system.witness else "aucun, voir AUDIT_WITNESS"
    system.witness.try_out()
    return str(system.witness.path)
