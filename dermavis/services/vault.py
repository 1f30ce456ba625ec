"""Sealing and opening: the one place where a case's or a patient's key is used.

The bound text names the owner, the table, the row and the column, so that a sealed value moved elsewhere does not open.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from dermavis.domain.ports import Cipher
from dermavis.models import Case, Patient
from dermavis.services.master_keys import newest_key
from dermavis.services.work import Work

DATA_KEY_VERSION = 1
"""A data key is never replaced; only what wraps it is."""


@dataclass(frozen=True)
class WrappedKey:
    """A data key as its row keeps it, and the version of the master key that wraps it."""

    wrapped: bytes
    version: int


def new_case_key(work: Work, case_id: UUID) -> WrappedKey:
    """Return a fresh data key for a case, wrapped. Raises KeyAway."""
    return _new_key(work, owner_place("cases", case_id))


def wrap_case_key(work: Work, case_id: UUID, key: bytes) -> WrappedKey:
    """Wrap a data key in hand for a case that is written now. Raises KeyAway."""
    newest = newest_key(work)
    return WrappedKey(newest.master.wrap(key, owner_place("cases", case_id)), newest.version)


def new_patient_key(work: Work, patient_id: UUID) -> WrappedKey:
    """Return a fresh data key for a patient, wrapped. Raises KeyAway."""
    return _new_key(work, owner_place("patients", patient_id))


class Sealer:
    """Seals and opens values under the data key of one case or one patient."""

    def __init__(self, cipher: Cipher, owner: Case | Patient) -> None:
        self._cipher = cipher
        self._key = cipher.unwrap(owner.data_key, owner_place(owner.__tablename__, owner.id))

    @classmethod
    def of_case(cls, cipher: Cipher, case_id: UUID, wrapped: bytes) -> Sealer:
        """Return one for a case of which only a row of columns is at hand."""
        return cls.under(cipher, cipher.unwrap(wrapped, owner_place("cases", case_id)))

    @classmethod
    def under(cls, cipher: Cipher, key: bytes) -> Sealer:
        """Return one for a data key in hand, of a case that is not written yet."""
        sealer = cls.__new__(cls)
        sealer._cipher, sealer._key = cipher, key
        return sealer

    def seal(self, content: Any, table: str, row: UUID, column: str) -> bytes:
        """Seal any JSON value for its place."""
        clear = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
        return self._cipher.seal(self._key, clear, place_of(table, row, column))

    def open(self, sealed: bytes, table: str, row: UUID, column: str) -> Any:
        """Open a JSON value. Raises SealBroken."""
        return json.loads(self._cipher.open(self._key, sealed, place_of(table, row, column)))

    def seal_bytes(self, clear: bytes, table: str, row: UUID, column: str) -> bytes:
        """Seal raw bytes, such as a picture or a report."""
        return self._cipher.seal(self._key, clear, place_of(table, row, column))

    def open_bytes(self, sealed: bytes, table: str, row: UUID, column: str) -> bytes:
        """Open raw bytes. Raises SealBroken."""
        return self._cipher.open(self._key, sealed, place_of(table, row, column))


def seal_under_master(work: Work, content: Any, table: str, row: UUID, column: str) -> bytes:
    """Seal a small secret that belongs to no case: an authenticator's seed, a push subscription, a link to mail.

    Raises KeyAway.
    """
    clear = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return newest_key(work).master.wrap(clear, place_of(table, row, column))


def open_under_master(cipher: Cipher, sealed: bytes, table: str, row: UUID, column: str) -> Any:
    """Open what ``seal_under_master`` sealed. Raises SealBroken."""
    return json.loads(cipher.unwrap(sealed, place_of(table, row, column)))


def owner_place(table: str, row: UUID) -> bytes:
    """Return what the data key of a case or a patient is bound to."""
    return f"{table}:{row}".encode()


def place_of(table: str, row: UUID, column: str) -> bytes:
    """Return what a sealed value is bound to."""
    return f"{table}:{row}:{column}".encode()


def _new_key(work: Work, place: bytes) -> WrappedKey:
    newest = newest_key(work)
    return WrappedKey(newest.master.wrap(work.system.cipher.new_key(), place), newest.version)
