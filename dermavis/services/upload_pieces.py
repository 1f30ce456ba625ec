"""The bytes of an upload on their way: sealed before they touch the disk, destroyed once the picture is stripped.

What a phone sends may hold the place where it was taken; in clear it exists only in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import delete, select

from dermavis.domain.pictures import PIECE_BYTES
from dermavis.models import Upload, UploadPiece
from dermavis.services.vault import Sealer
from dermavis.services.work import System, Work


@dataclass(frozen=True)
class StoredPiece:
    """A sealed piece that the store holds and the database does not know yet."""

    id: UUID
    start: int
    size: int
    store_key: str


def store_pieces(system: System, sealer: Sealer, start: int, content: bytes) -> list[StoredPiece]:
    """Seal the bytes in pieces and store them durably. Outside any transaction: it waits for the disk."""
    stored = []
    for at in range(0, len(content), PIECE_BYTES):
        clear = content[at : at + PIECE_BYTES]
        piece = StoredPiece(piece_id := uuid4(), start + at, len(clear), _key(piece_id))
        system.photo_store.put(
            piece.store_key, sealer.seal_bytes(clear, "upload_pieces", piece_id, "content")
        )
        stored.append(piece)
    return stored


def forget_pieces(system: System, pieces: Sequence[StoredPiece]) -> None:
    """Take back stored pieces that no row names."""
    for piece in pieces:
        system.photo_store.delete(piece.store_key)


def assemble(work: Work, upload: Upload, sealer: Sealer) -> bytes:
    """Return the bytes of a complete upload. Raises ValueError when a piece is missing or out of its place."""
    rows = work.session.scalars(
        select(UploadPiece).where(UploadPiece.upload_id == upload.id).order_by(UploadPiece.start)
    )
    content = bytearray()
    for row in rows:
        sealed = work.system.photo_store.get(row.store_key)
        clear = sealer.open_bytes(sealed, "upload_pieces", row.id, "content")
        if row.start != len(content) or row.size != len(clear):
            raise ValueError(f"upload {upload.id} has a gap at {len(content)}")
        content += clear
    if len(content) != upload.length:
        raise ValueError(f"upload {upload.id} is short: {len(content)} of {upload.length}")
    return bytes(content)


def destroy_pieces(work: Work, upload_id: UUID) -> None:
    """Destroy the pieces of an upload that nobody adds to any more: the bytes, then the rows that name them."""
    keys = list(work.session.scalars(select(UploadPiece.store_key).where(UploadPiece.upload_id == upload_id)))
    for key in keys:
        work.system.photo_store.delete(key)
    work.session.execute(delete(UploadPiece).where(UploadPiece.upload_id == upload_id))


def sweep_pieces(work: Work, suspects: Iterable[str]) -> list[str]:
    """Destroy stored pieces that no row names and none named at the sweep before; return today's suspects.

    A process that dies between a piece and its row leaves one; a piece of this very moment has no row yet either.
    """
    named = set(work.session.scalars(select(UploadPiece.store_key)))
    unnamed = {key for key in work.system.photo_store.list("pieces/") if key not in named}
    twice = unnamed.intersection(suspects)
    for key in twice:
        work.system.photo_store.delete(key)
    return sorted(unnamed - twice)


def _key(piece_id: UUID) -> str:
    return f"pieces/{piece_id.hex[:2]}/{piece_id.hex}"
