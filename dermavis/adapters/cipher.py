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


class AesGcmCipher:
    """Seals with AES-256-GCM under keys derived from one 32-byte master key.

    A sealed value is a format byte, a random 96-bit nonce and the ciphertext with its tag.
    """

    def __init__(self, master_key: bytes, key_version: int = 1) -> None:
        if len(master_key) != 32:
            raise ValueError("a master key is 32 bytes")
        self.key_version = key_version
        self._wrapping = AESGCM(_derived(master_key, b"dermavis wrapping"))
        self._search = _derived(master_key, b"dermavis search")
        self._check = _derived(master_key, b"dermavis check")

    def new_key(self) -> bytes:
        """Return a fresh random data key of 32 bytes."""
        return os.urandom(32)

    def wrap(self, key: bytes, bound: bytes) -> bytes:
        """Seal a data key under the master key."""
        nonce = os.urandom(_NONCE)
        return _FORMAT + nonce + self._wrapping.encrypt(nonce, key, bound)

    def unwrap(self, wrapped: bytes, bound: bytes) -> bytes:
        """Open a data key. Raises SealBroken."""
        return _open(self._wrapping, wrapped, bound)

    def seal(self, key: bytes, clear: bytes, bound: bytes) -> bytes:
        """Seal bytes under a data key, bound to their place."""
        nonce = os.urandom(_NONCE)
        return _FORMAT + nonce + AESGCM(key).encrypt(nonce, clear, bound)

    def open(self, key: bytes, sealed: bytes, bound: bytes) -> bytes:
        """Open sealed bytes. Raises SealBroken."""
        return _open(AESGCM(key), sealed, bound)

    def search_hash(self, kind: str, value: str) -> bytes:
        """Return the keyed hash (32 bytes) of a normalised value of one kind."""
        return hmac.digest(self._search, f"{kind}\x00{value}".encode(), hashlib.sha256)

    def check_value(self) -> bytes:
        """Return the value that tells whether a database belongs to this master key; it reveals nothing of it."""
        return hmac.digest(self._check, b"key check value", hashlib.sha256)


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


def _open(aead: AESGCM, sealed: bytes, bound: bytes) -> bytes:
    if sealed[:1] != _FORMAT or len(sealed) < 1 + _NONCE + 16:
        raise SealBroken
    try:
        return aead.decrypt(sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], bound)
    except InvalidTag as error:
        raise SealBroken from error
