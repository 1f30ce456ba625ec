"""The seal on the audit: what is hashed, in which order, and how one seal is chained to the one before.

Leaves, nodes and heads are hashed apart, so that none can pass for another (RFC 9162, section 2.1.1).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

Cell = int | float | str | bytes | datetime | UUID | None

GENESIS = bytes(32)
"""What stands in place of the head before the first seal."""

LEAF, NODE, HEAD = b"\x00", b"\x01", b"\x02"


@dataclass(frozen=True)
class Seal:
    """A root over the rows ``first_id`` to ``last_id``, gaps included: a row that appears in one changes the root."""

    number: int
    first_id: int
    last_id: int
    root: bytes
    sealed_at: datetime
    head: bytes


def row_bytes(row: Mapping[str, Cell]) -> bytes:
    """Return one row, all its columns by name, as the bytes that are hashed.

    JSON in ASCII, columns in the order of their names; an instant in UTC to the microsecond. What differs in a column's
    kind differs here: the text "1" is not the number 1. Any value a database may hold has its bytes.
    """
    cells = [[name, _plain(row[name])] for name in sorted(row)]
    return json.dumps(cells, ensure_ascii=True, separators=(",", ":")).encode("ascii")


def leaf_hash(content: bytes) -> bytes:
    """Return the hash of one row's bytes."""
    return hashlib.sha256(LEAF + content).digest()


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes in their order (RFC 9162, section 2.1.1); of none, the hash of nothing."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    left = 1 << ((len(leaves) - 1).bit_length() - 1)  # the largest power of two below the number of leaves
    return hashlib.sha256(NODE + merkle_root(leaves[:left]) + merkle_root(leaves[left:])).digest()


def sealed(
    before: Seal | None, first_id: int, last_id: int, leaves: Sequence[bytes], sealed_at: datetime
) -> Seal:
    """Return the seal that follows ``before`` over these leaves."""
    number = before.number + 1 if before else 1
    root = merkle_root(leaves)
    return Seal(
        number, first_id, last_id, root, sealed_at, head_of(before, first_id, last_id, root, sealed_at)
    )


def head_of(before: Seal | None, first_id: int, last_id: int, root: bytes, sealed_at: datetime) -> bytes:
    """Return the head of the seal that follows ``before``: it stands for every row up to ``last_id``."""
    number = before.number + 1 if before else 1
    words = json.dumps([number, first_id, last_id, root.hex(), _instant(sealed_at)], separators=(",", ":"))
    return hashlib.sha256(HEAD + (before.head if before else GENESIS) + words.encode("ascii")).digest()


def follows(before: Seal | None, seal: Seal) -> bool:
    """Tell whether a seal takes up where the one before ends, in number and rows."""
    if before is None:
        return seal.number == 1 and seal.first_id == 1
    return seal.number == before.number + 1 and seal.first_id == before.last_id + 1


def _plain(value: Cell) -> object:
    match value:
        case None | int() | str():
            return value
        case UUID():
            return {"uuid": value.hex}
        case datetime():
            return {"at": _instant(value)}
        case float():
            return {"float": value.hex()}
        case bytes():
            return {"bytes": value.hex()}


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
