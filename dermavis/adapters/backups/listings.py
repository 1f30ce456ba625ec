"""Rows as lines of JSON, compressed and sealed in pieces: no more than one piece is in memory at a time."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from dermavis.adapters.backups.sealed_store import SealedStore
from dermavis.domain.backups import BackupDamaged, Listing, chunk_name

CHUNK_BYTES: Final = 1 << 20
"""A piece is closed once it holds so many bytes of lines."""

_QUICKEST: Final = 1
"""Most of a row is sealed: more effort would find nothing to compress."""


def write_rows(
    store: SealedStore, backup: str, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> Listing:
    """Write rows of plain JSON values, and return what was written."""
    digest, count, chunks = hashlib.sha256(), 0, 0
    for chunk in _chunks(line_of(row) for row in rows):
        store.put(chunk_name(backup, name, chunks), zlib.compress(chunk, _QUICKEST))
        digest.update(chunk)
        count += chunk.count(b"\n")
        chunks += 1
    return Listing(columns=tuple(columns), rows=count, chunks=chunks, sha256=digest.hexdigest())


def read_rows(store: SealedStore, backup: str, name: str, listing: Listing) -> Iterator[list[Any]]:
    """Yield the rows of a listing, in order. Raises BackupDamaged, at the end also when they are not those written."""
    digest, count = hashlib.sha256(), 0
    for number in range(listing.chunks):
        chunk = zlib.decompress(store.get(chunk_name(backup, name, number)))
        digest.update(chunk)
        for line in chunk.splitlines():
            count += 1
            yield json.loads(line)
    if (count, digest.hexdigest()) != (listing.rows, listing.sha256):
        raise BackupDamaged(f"les lignes de « {name} » ne sont pas celles que la sauvegarde annonce")


def line_of(row: Sequence[Any]) -> bytes:
    """Return a row as one line: ASCII, so that nothing in it ends a line but its end."""
    return json.dumps(list(row), separators=(",", ":")).encode("ascii") + b"\n"


def _chunks(lines: Iterable[bytes]) -> Iterator[bytes]:
    chunk = bytearray()
    for line in lines:
        chunk += line
        if len(chunk) >= CHUNK_BYTES:
            yield bytes(chunk)
            chunk.clear()
    if chunk:
        yield bytes(chunk)
