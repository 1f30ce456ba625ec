"""Letting the oldest backups go, with the pictures that none of the others names."""

from __future__ import annotations

from dermavis.adapters.backups.sealed_store import SealedStore
from dermavis.domain import backups
from dermavis.domain.backups import manifest_name
from dermavis.domain.ports import Clock
from dermavis.services.backup_contents import discard_rows, index_of, kept_backups, read_manifest
from dermavis.services.backup_pictures import Remembered


def remove_old(place: SealedStore, keep: int, clock: Clock) -> list[str]:
    """Keep the ``keep`` newest backups, remove those before and whatever was cut; return the backups removed.

    Raises BackupDamaged when it cannot be told what the others still need: then nothing of that backup is removed.
    """
    removed = []
    for backup in backups.surplus(kept_backups(place), keep):
        unneeded = _needed_by_none_other(place, backup)
        place.delete(manifest_name(backup))
        discard_rows(place, backup)
        for sha256 in unneeded:
            place.delete(backups.picture_name(sha256))
        removed.append(backup)
    begun = {name.split("/")[1] for name in place.list(backups.rows_of())}
    for backup in backups.cut_short(begun - set(kept_backups(place)), clock.now()):
        discard_rows(place, backup)
    return removed


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
