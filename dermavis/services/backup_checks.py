"""Whether a backup is whole: every object opens, every count and every hash is the one announced."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice, zip_longest
from typing import Final

from dermavis.adapters.backups.listings import read_rows
from dermavis.adapters.backups.sealed_store import SealedStore
from dermavis.domain.backups import FORMAT, BackupDamaged, Manifest, PictureCopy
from dermavis.domain.errors import NotFound, Refusal
from dermavis.services.backup_contents import Progress, index_of, kept_backups, named_rows, read_manifest
from dermavis.services.backup_pictures import BATCH, LANES

SHOWN: Final = 20
"""Damages told one by one; beyond, they are counted."""


@dataclass
class Findings:
    """What is wrong with a backup, in words: ``damages`` in all, the first of them in ``shown``."""

    damages: int = 0
    shown: list[str] = field(default_factory=list)

    def note(self, damage: str) -> None:
        """Add one."""
        self.damages += 1
        if len(self.shown) < SHOWN:
            self.shown.append(damage)


def find_backup(place: SealedStore, backup: str | None) -> Manifest:
    """Return the manifest of a backup, or of the newest one.

    Raises NotFound where there is none, Refusal when the key is another or the manifest cannot be read; all in words.
    """
    if place.key_fits() is False:
        raise Refusal(
            "backup_key",
            "Cette clé n’ouvre pas ces sauvegardes\u00a0: elles ont été faites avec une autre clé de sauvegarde.",
        )
    kept = kept_backups(place)
    if not kept:
        raise NotFound("Il n’y a aucune sauvegarde à cette adresse.")
    if backup and backup not in kept:
        raise NotFound(
            f"Il n’y a pas de sauvegarde «\u00a0{backup}\u00a0» ici, mais\u00a0: {', '.join(kept)}."
        )
    try:
        manifest = read_manifest(place, backup or kept[-1])
    except BackupDamaged as damage:
        raise Refusal("backup_damaged", f"Sauvegarde illisible\u00a0: {damage}.") from damage
    if manifest.format != FORMAT:
        raise Refusal(
            "backup_format",
            f"Cette sauvegarde a été faite par la version {manifest.release}, sous une forme que celle-ci ne lit pas.",
        )
    return manifest


def verify(place: SealedStore, manifest: Manifest, told: Progress) -> Findings:
    """Open every object of a backup and compare it with what the manifest announces."""
    findings = Findings()
    for number, (name, listing) in enumerate(manifest.tables.items(), 1):
        told("tables", number, 0)
        try:
            for _ in read_rows(place, manifest.id, name, listing):
                pass
        except BackupDamaged as damage:
            findings.note(str(damage))
    try:
        _verify_pictures(place, manifest, told, findings)
        if not findings.damages:
            _verify_names(place, manifest, findings)
    except BackupDamaged as damage:  # the index itself
        findings.note(str(damage))
    return findings


def _verify_pictures(place: SealedStore, manifest: Manifest, told: Progress, findings: Findings) -> None:
    size = 0
    for number, (entry, damage) in enumerate(_opened(place, index_of(place, manifest)), 1):
        size += entry.size
        told("pictures", number, size)
        if damage:
            findings.note(damage)
    if size != manifest.picture_bytes:
        findings.note("les photographies ne font pas le nombre d’octets annoncé")


def _opened(place: SealedStore, entries: Iterator[PictureCopy]) -> Iterator[tuple[PictureCopy, str | None]]:
    def damage_of(entry: PictureCopy) -> str | None:
        try:
            if entry.sha256 and len(place.picture(entry.sha256)) != entry.size:
                return f"{entry.store_key} n’a pas la taille annoncée"
        except BackupDamaged as damage:
            return str(damage)
        return None

    with ThreadPoolExecutor(LANES) as pool:
        while batch := list(islice(entries, BATCH)):
            yield from zip(batch, pool.map(damage_of, batch), strict=True)


def _verify_names(place: SealedStore, manifest: Manifest, findings: Findings) -> None:
    """Compare what the rows name with what the index holds: both are in one order."""
    rows = named_rows(place, manifest.id, manifest.tables)
    missing = 0
    for named, entry in zip_longest(rows, index_of(place, manifest)):
        if entry is None or named != entry.names:
            findings.note("l’index des photographies ne suit pas les lignes des tables")
            return
        missing += not entry.sha256
    if missing != manifest.missing:
        findings.note("le nombre de photographies manquantes n’est pas celui annoncé")
