"""Sealing and opening: the one place where a case's or a patient's key is used.

The bound text names the owner, the table, the row and the column, so that a sealed value moved elsewhere does not open.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from dermavis.domain.ports import Cipher
from dermavis.models import Case, Patient


def new_case_key(cipher: Cipher, case_id: UUID) -> bytes:
    """Return a fresh data key for a case, wrapped."""
    return cipher.wrap(cipher.new_key(), _owner("cases", case_id))


def new_patient_key(cipher: Cipher, patient_id: UUID) -> bytes:
    """Return a fresh data key for a patient, wrapped."""
    return cipher.wrap(cipher.new_key(), _owner("patients", patient_id))


class Sealer:
    """Seals and opens values under the data key of one case or one patient."""

    def __init__(self, cipher: Cipher, owner: Case | Patient) -> None:
        self._cipher = cipher
        self._key = cipher.unwrap(owner.data_key, _owner(owner.__tablename__, owner.id))

    def seal(self, content: Any, table: str, row: UUID, column: str) -> bytes:
        """Seal any JSON value for its place."""
        clear = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
        return self._cipher.seal(self._key, clear, _place(table, row, column))

    def open(self, sealed: bytes, table: str, row: UUID, column: str) -> Any:
        """Open a JSON value. Raises SealBroken."""
        return json.loads(self._cipher.open(self._key, sealed, _place(table, row, column)))

    def seal_bytes(self, clear: bytes, table: str, row: UUID, column: str) -> bytes:
        """Seal raw bytes, such as a picture or a report."""
        return self._cipher.seal(self._key, clear, _place(table, row, column))

    def open_bytes(self, sealed: bytes, table: str, row: UUID, column: str) -> bytes:
        """Open raw bytes. Raises SealBroken."""
        return self._cipher.open(self._key, sealed, _place(table, row, column))


def seal_under_master(cipher: Cipher, content: Any, table: str, row: UUID, column: str) -> bytes:
    """Seal a small secret that belongs to no case: an authenticator's seed, a push subscription, a link to mail."""
    clear = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return cipher.wrap(clear, _place(table, row, column))


def open_under_master(cipher: Cipher, sealed: bytes, table: str, row: UUID, column: str) -> Any:
    """Open what ``seal_under_master`` sealed. Raises SealBroken."""
    return json.loads(cipher.unwrap(sealed, _place(table, row, column)))


def _owner(table: str, row: UUID) -> bytes:
    return f"{table}:{row}".encode()


def _place(table: str, row: UUID, column: str) -> bytes:
    return f"{table}:{row}:{column}".encode()
