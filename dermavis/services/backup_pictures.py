"""The objects of the photo store on their way into a backup: each once, whatever number of backups name it.

An object never changes under its key, so what the last backup copied is not read again. Indexes are walked side by
side, in their common order, so that none of them has to fit into memory.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import Final
from uuid import UUID

from sqlalchemy import Engine, select

from dermavis.adapters.backups.sealed_store import SealedStore
from dermavis.domain.backups import Listing, Named, PictureCopy, picture_name
from dermavis.domain.ports import NotFoundInStore, PhotoStore
from dermavis.services.backup_contents import TABLES, Progress

LANES: Final = 4
"""Objects copied at the same time: a distant storage answers slowly, and each is held whole in memory."""

BATCH: Final = 64

SETTLE_S: Final = 2.0
"""The service removes an object first and commits the end of its row then: two seconds are ample."""


class Overtaken(Exception):
    """The service removed an object together with its row while the backup was on its way.

    ``index`` lists what was copied until then, where that was all.
    """

    def __init__(self, index: Listing | None) -> None:
        super().__init__()
        self.index = index


class Remembered:
    """An index of another backup, asked in its own order (table, then id)."""

    def __init__(self, entries: Iterator[PictureCopy]) -> None:
        self._entries = entries
        self._next = next(entries, None)

    def of(self, named: Named) -> PictureCopy | None:
        """Return where the object that this row names was copied, or None."""
        while self._next is not None and self._next[:2] < named[:2]:
            self._next = next(self._entries, None)
        if self._next is not None and self._next.names == named and self._next.sha256:
            return self._next
        return None


@dataclass
class Copier:
    """Copies what rows name, counting; ``last`` is the index of the last backup."""

    engine: Engine
    photo_store: PhotoStore
    place: SealedStore
    last: Iterator[PictureCopy]
    copied: int = 0
    copied_bytes: int = 0
    bytes_named: int = 0
    lost: list[Named] = field(default_factory=list)
    _early: dict[Named, PictureCopy] = field(default_factory=dict)

    def copy_now(self, named: Iterable[Named]) -> None:
        """Copy what may soon be removed; ``copies`` does not look for it again. Raises Overtaken."""
        self._early = {found.names: found for found in self._each((row, None) for row in named)}
        self.check_losses()
        self._early = {row: found for row, found in self._early.items() if found.sha256}
        self.lost.clear()  # ``copies`` comes to them again

    def copies(self, named: Iterable[Named], told: Progress) -> Iterator[PictureCopy]:
        """Copy what these rows name, in order of table and id, and yield where it stands."""
        remembered = Remembered(self.last)
        pairs = ((row, self._early.get(row) or remembered.of(row)) for row in named)
        for number, found in enumerate(self._each(pairs), 1):
            self.bytes_named += found.size
            told("pictures", number, self.bytes_named)
            yield found

    def check_losses(self, index: Listing | None = None) -> None:
        """Tell what the store has lost from what the service removed meanwhile. Raises Overtaken, with the index."""
        for pause in (0, SETTLE_S) if self.lost else ():
            time.sleep(pause)
            if any(self._row_is_gone(named) for named in self.lost):
                raise Overtaken(index)

    def _each(self, pairs: Iterable[tuple[Named, PictureCopy | None]]) -> Iterator[PictureCopy]:
        remaining = iter(pairs)
        with ThreadPoolExecutor(LANES) as pool:
            while batch := list(islice(remaining, BATCH)):
                for found, new in pool.map(self._copy, batch):
                    if not found.sha256:
                        self.lost.append(found.names)
                    if new:
                        self.copied += 1
                        self.copied_bytes += found.size
                    yield found

    def _copy(self, pair: tuple[Named, PictureCopy | None]) -> tuple[PictureCopy, bool]:
        """Return where an object stands in the backup, and whether it was not there before."""
        named, known = pair
        if known is not None and self.place.exists(picture_name(known.sha256)):
            return known, False
        try:
            content = self.photo_store.get(named.store_key)
        except NotFoundInStore:
            return PictureCopy(*named, sha256="", size=0), False
        found = PictureCopy(*named, sha256=hashlib.sha256(content).hexdigest(), size=len(content))
        if self.place.exists(picture_name(found.sha256)):
            return found, False
        self.place.put(picture_name(found.sha256), content)
        return found, True

    def _row_is_gone(self, named: Named) -> bool:
        table = TABLES[named.table]
        with self.engine.connect() as connection:
            there = select(table.c.id).where(
                table.c.id == UUID(named.id), table.c.store_key == named.store_key
            )
            return connection.scalar(there) is None
