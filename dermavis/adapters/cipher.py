"""AES-256-GCM sealing, and the keyed hashes that make sealed names searchable."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from dermavis.domain.ports import SealBroken

_NONCE = 12
_FORMAT = b"\x01"


class AesGcmMasterKey:
    """What is derived from one 32-byte master key."""

    def __init__(self, key: bytes) -> None:
        if len(key) != 32:
            raise ValueError("a master key is 32 bytes")
        self._wrapping = AESGCM(_derived(key, b"dermavis wrapping"))
        self._search = _derived(key, b"dermavis search")
        self.check_value = hmac.digest(_derived(key, b"dermavis check"), b"key check value", hashlib.sha256)

    @property
    def own_lasting(self) -> bytes:
        """The secret of what outlives rotations, where no older key handed one down."""
        return self._search

    def wrap(self, key: bytes, bound: bytes) -> bytes:
        """Seal a data key under this key."""
        nonce = os.urandom(_NONCE)
        return _FORMAT + nonce + self._wrapping.encrypt(nonce, key, bound)

    def unwrap(self, wrapped: bytes, bound: bytes) -> bytes:
        """Open a data key that this key wrapped. Raises SealBroken."""
        return _open(self._wrapping, wrapped, bound)

    def search_hash(self, kind: str, value: str) -> bytes:
        """Return the keyed hash (32 bytes) of a normalised value of one kind."""
        return _keyed_hash(self._search, kind, value)


class AesGcmCipher:
    """Seals with AES-256-GCM; data keys are wrapped by a master key, or by the previous one while it is replaced.

    A sealed value is a format byte, a random 96-bit nonce and the ciphertext with its tag.
    """

    def __init__(self, master_key: bytes, previous: bytes | None = None) -> None:
        keys = dict.fromkeys(key for key in (master_key, previous) if key is not None)
        self.masters = tuple(AesGcmMasterKey(key) for key in keys)
        self.lasting = self.masters[0].own_lasting

    def master(self, check_value: bytes) -> AesGcmMasterKey | None:
        """Return the key at hand that has this check value."""
        return next((key for key in self.masters if key.check_value == check_value), None)

    def new_key(self) -> bytes:
        """Return a fresh random data key of 32 bytes."""
        return os.urandom(32)

    def unwrap(self, wrapped: bytes, bound: bytes) -> bytes:
        """Open a data key that any key at hand wrapped. Raises SealBroken."""
        for key in self.masters[:-1]:
            try:
                return key.unwrap(wrapped, bound)
            except SealBroken:
                continue
        return self.masters[-1].unwrap(wrapped, bound)

    def seal(self, key: bytes, clear: bytes, bound: bytes) -> bytes:
        """Seal bytes under a data key, bound to their place."""
        nonce = os.urandom(_NONCE)
        return _FORMAT + nonce + AESGCM(key).encrypt(nonce, clear, bound)

    def open(self, key: bytes, sealed: bytes, bound: bytes) -> bytes:
        """Open sealed bytes. Raises SealBroken."""
        return _open(AESGCM(key), sealed, bound)

    def lasting_hash(self, kind: str, value: str) -> bytes:
        """Return a keyed hash (32 bytes) that stays the same whatever master key replaces this one."""
        return _keyed_hash(self.lasting, kind, value)


def read_previous_key(path: Path | None, text: str) -> bytes | None:
    """Return the key that is being replaced, from ``text`` (base64) or ``path``; None where it is not given any more.

    A file that is gone is no fault: its key was destroyed once nothing needed it. Raises ValueError, in words.
    """
    if text:
        return decode_key(text)
    return decode_key(path.read_text("ascii")) if path is not None and path.exists() else None


def read_or_create_master_key(path: Path, text: str, may_create: bool) -> bytes:
    """Return the 32-byte master key from ``text`` (base64) or from ``path``; create the file where allowed.

    Raises ValueError, in words, when there is none or it is malformed.
    """
    if text:
        return decode_key(text)
    if path.exists():
        return decode_key(path.read_text("ascii"))
    if not may_create:
        raise ValueError(f"Aucune clé maîtresse dans {path}.")
    create_key_file(path)
    return decode_key(path.read_text("ascii"))


def create_key_file(path: Path) -> None:
    """Write a new random key, readable by this user only. An existing file is never overwritten (FileExistsError)."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(base64.b64encode(os.urandom(32)).decode("ascii") + "\n")
        file.flush()
        os.fsync(file.fileno())


def decode_key(text: str) -> bytes:
    """Return the key in base64 text. Raises ValueError, in words."""
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except ValueError as error:
        raise ValueError("La clé maîtresse n’est pas lisible : 32 octets en base64 sont attendus.") from error
    if len(key) != 32:
        raise ValueError("La clé maîtresse doit faire 32 octets, écrits en base64.")
    return key


def _derived(master: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(master)


def _keyed_hash(secret: bytes, kind: str, value: str) -> bytes:
    return hmac.digest(secret, f"{kind}\x00{value}".encode(), hashlib.sha256)


def _open(aead: AESGCM, sealed: bytes, bound: bytes) -> bytes:
    if sealed[:1] != _FORMAT or len(sealed) < 1 + _NONCE + 16:
        raise SealBroken
    try:
        return aead.decrypt(sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], bound)
    except InvalidTag as error:
        raise SealBroken from error
