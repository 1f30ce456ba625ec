"""What a place of backups holds: reading it, and removing the rows of what is no backup."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from dermavis.adapters.backups.listings import read_rows
from dermavis.adapters.backups.sealed_store import SealedStore
from dermavis.domain import backups
from dermavis.domain.backups import INDEX, BackupDamaged, Listing, Manifest, Named, PictureCopy, manifest_name
from dermavis.models import Base

TABLES: Final = dict(sorted(Base.metadata.tables.items()))

Progress = Callable[[str, int, int], None]
"""Told what is being done (``tables``, ``pictures``, ``loading``), how many so far, and how many bytes."""


def kept_backups(place: SealedStore) -> list[str]:
    """Return the backups of a place, oldest first."""
    return sorted(name.removeprefix(backups.MANIFESTS) for name in place.list(backups.MANIFESTS))


def read_manifest(place: SealedStore, backup: str) -> Manifest:
    """Open a manifest. Raises BackupDamaged, in words."""
    content = place.get(manifest_name(backup))
    try:
        return Manifest.model_validate_json(content)
    except ValueError:
        raise BackupDamaged(f"{manifest_name(backup)} est d’une forme que cette version ne lit pas") from None


def index_of(place: SealedStore, manifest: Manifest) -> Iterator[PictureCopy]:
    """Yield where each object of the photo store stands, by table and id. Raises BackupDamaged."""
    return index_rows(place, manifest.id, manifest.pictures)


def index_rows(place: SealedStore, backup: str, listing: Listing) -> Iterator[PictureCopy]:
    """Yield the same of a backup that has no manifest yet. Raises BackupDamaged."""
    for row in read_rows(place, backup, INDEX, listing):
        yield PictureCopy(*row)


def named_rows(place: SealedStore, backup: str, tables: Mapping[str, Listing]) -> Iterator[Named]:
    """Yield the rows of a backup that name an object of the photo store, by table and id. Raises BackupDamaged."""
    for name, listing in sorted(tables.items()):
        if "store_key" not in listing.columns:
            continue
        at_id, at_key = listing.columns.index("id"), listing.columns.index("store_key")
        for row in read_rows(place, backup, name, listing):
            yield Named(name, row[at_id], row[at_key])


def discard_rows(place: SealedStore, backup: str) -> None:
    """Remove the rows of a backup that has no manifest, or none any more."""
    for name in list(place.list(backups.rows_of(backup))):
        place.delete(name)
