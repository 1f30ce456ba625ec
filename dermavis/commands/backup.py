"""Backing up, verifying a backup, restoring one. None of them needs the master key."""

from __future__ import annotations

import argparse
import time
import tomllib
from pathlib import Path
from typing import Final

from dermavis.commands.backup_places import only_one, place_at, stopped_in_words, stores_of
from dermavis.domain.backups import Manifest
from dermavis.settings import Settings, SettingsRefused

PROJECT: Final = Path(__file__).resolve().parents[2] / "pyproject.toml"
SAID_EVERY_S: Final = 5.0
STAGES: Final = {
    "tables": "tables lues",
    "pictures": "photographies et documents",
    "loading": "tables écrites",
}
LOST_SHOWN: Final = 20


def backup(options: argparse.Namespace) -> int:
    """Make a backup, then let the oldest ones go where asked to."""
    from dermavis.adapters.clock import SystemClock
    from dermavis.adapters.schema import current_revision, head_revision
    from dermavis.services.backups import make_backup, note_made
    from dermavis.services.old_backups import remove_old

    settings = Settings.from_environment()
    with stopped_in_words("La sauvegarde n’est pas faite\u00a0; celles d’avant restent utilisables"):
        place = place_at(options.destination, options.key, settings)
        with only_one(settings), stores_of(settings) as stores:
            revision = current_revision(stores.engine)
            if revision is None or revision != head_revision():
                raise SettingsRefused(
                    "Les tables de cette base ne sont pas celles de cette version\u00a0: "
                    "lancez «\u00a0bin/dermavis migrate\u00a0»."
                )
            made = make_backup(stores, place, SystemClock(), _release(), revision, Told())
            kept = made.manifest
            print(
                f"Sauvegarde {kept.id} faite\u00a0: {_contents(kept)}, "
                f"dont nouveaux\u00a0: {_many(made.copied)} ({_size(made.copied_bytes)})."
            )
            if made.lost:
                print(f"INCOMPLÈTE\u00a0: fichiers absents du dépôt lui-même\u00a0: {_many(len(made.lost))}")
                for named in made.lost[:LOST_SHOWN]:
                    print(f"  {named.store_key} ({named.table} {named.id})")
                print("Rien d’ancien n’est retiré\u00a0: une sauvegarde d’avant les a peut-être encore.")
                return 1
            note_made(stores, kept.ended_at)
            if options.keep:
                with stopped_in_words("La sauvegarde est faite, mais rien d’ancien n’est plus retiré"):
                    removed = remove_old(place, options.keep, SystemClock())
                print(f"Anciennes sauvegardes retirées\u00a0: {', '.join(removed) or 'aucune'}.")
    return 0


def backup_verify(options: argparse.Namespace) -> int:
    """Open every object of a backup; say what it holds and what is wrong."""
    from dermavis.services.backup_checks import find_backup, verify

    settings = Settings.from_environment()
    with stopped_in_words("La vérification n’est pas allée au bout"):
        place = place_at(options.source, options.key, settings)
        manifest = find_backup(place, options.backup)
        print(
            f"Sauvegarde {manifest.id}, faite de {manifest.begun_at:%d/%m/%Y %H:%M} à {manifest.ended_at:%H:%M} UTC "
            f"par la version {manifest.release} (tables {manifest.revision}, {manifest.database})."
        )
        findings = verify(place, manifest, Told())
    print(f"{_contents(manifest)}.")
    if manifest.missing:
        print(
            f"Fichiers que le dépôt avait déjà perdus quand elle a été faite\u00a0: {_many(manifest.missing)}."
        )
    for damage in findings.shown:
        print(f"  ABÎMÉ\u00a0: {damage}")
    if findings.damages:
        print(
            f"Dommages\u00a0: {_many(findings.damages)}. Retirez de l’adresse les photographies abîmées, la prochaine "
            "sauvegarde les copie de nouveau\u00a0; ou prenez une autre sauvegarde (--backup)."
        )
        return 1
    print("Tout s’ouvre\u00a0; nombres et empreintes concordent.")
    return 1 if manifest.missing else 0


def restore(options: argparse.Namespace) -> int:
    """Restore a backup into an empty database and photo store."""
    from dermavis.adapters.clock import SystemClock
    from dermavis.services.backup_checks import find_backup
    from dermavis.services.restoring import restore as restore_backup

    settings = Settings.from_environment()
    with (
        stopped_in_words("La restauration n’est pas faite, la base reste comme elle était"),
        stores_of(settings) as stores,
    ):
        place = place_at(options.source, options.key, settings)
        manifest = find_backup(place, options.backup)
        restore_backup(place, manifest, stores, SystemClock(), Told())
    print(f"Sauvegarde {manifest.id} restaurée\u00a0: {_contents(manifest)}.")
    if manifest.missing:
        print(
            f"Fichiers que le dépôt d’origine avait perdus, et qui y manquent\u00a0: {_many(manifest.missing)}."
        )
    print(
        "Remettez la clé maîtresse de cette base, puis lancez «\u00a0bin/dermavis check\u00a0» et ouvrez un dossier."
    )
    return 0


class Told:
    """Says every few seconds how far it is."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def __call__(self, stage: str, done: int, size: int) -> None:
        """Say it, unless something was just said."""
        if time.monotonic() - self._last >= SAID_EVERY_S:
            self._last = time.monotonic()
            print(f"  {STAGES[stage]}\u00a0: {_many(done)}{f' ({_size(size)})' if size else ''}", flush=True)


def _contents(manifest: Manifest) -> str:
    return (
        f"{_many(len(manifest.tables))} tables, {_many(manifest.rows)} lignes\u00a0; "
        f"{_many(manifest.pictures.rows)} photographies et documents ({_size(manifest.picture_bytes)})"
    )


def _release() -> str:
    return str(tomllib.loads(PROJECT.read_text("utf-8"))["project"]["version"])


def _many(number: int) -> str:
    return f"{number:,}".replace(",", "\u00a0")


def _size(size: int) -> str:
    """Return a number of bytes as "830 octets", "12,3 ko", "4,0 Go"."""
    if size < 1000:
        return f"{size} octets"
    shown, units = float(size), ["To", "Go", "Mo", "ko"]
    while (shown := shown / 1000) >= 1000 and len(units) > 1:
        units.pop()
    return f"{shown:.1f}\u00a0{units[-1]}".replace(".", ",")
