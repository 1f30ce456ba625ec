"""Letting the oldest backups go, with the pictures that none of the others names and whatever a cut backup left."""

from __future__ import annotations

from dermavis.adapters.backups.sealed_store import SealedStore
from dermavis.domain import backups
from dermavis.domain.backups import manifest_name
from dermavis.domain.ports import Clock
from dermavis.services.backup_contents import discard_rows, index_of, kept_backups, read_manifest


def remove_old(place: SealedStore, keep: int, clock: Clock) -> list[str]:
    """Keep the ``keep`` newest backups, remove those before and whatever was cut; return the backups removed.

    Raises BackupDamaged when it cannot be told what the others still need: then nothing is removed.
    """
    kept = kept_backups(place)
    surplus = backups.surplus(kept, keep)
    needed = _named_by(place, [backup for backup in kept if backup not in surplus])
    for backup in surplus:
        place.delete(manifest_name(backup))
        discard_rows(place, backup)
    half_done = {name.split("/")[1] for name in place.list(backups.rows_of())} - set(kept)
    cut = backups.cut_short(half_done, clock.now())
    for backup in cut:
        discard_rows(place, backup)
    if half_done == cut:  # one on its way has pictures that no index names yet
        _sweep(place, needed)
    return surplus


def _named_by(place: SealedStore, staying: list[str]) -> set[bytes]:
    """Hashes of all that these backups need: some hundred bytes of memory each."""
    return {
        bytes.fromhex(entry.sha256)
        for backup in staying
        for entry in index_of(place, read_manifest(place, backup))
        if entry.sha256
    }


def _sweep(place: SealedStore, needed: set[bytes]) -> None:
    for name in list(place.list(backups.PICTURES)):
        if bytes.fromhex(name.rsplit("/", 1)[1]) not in needed:
            place.delete(name)
