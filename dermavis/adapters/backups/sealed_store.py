"""A place of backups: a folder or S3-compatible storage whose objects are sealed under the backup key."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator

from dermavis.adapters.cipher import AesGcmMasterKey
from dermavis.domain.backups import KEY_MARK, BackupDamaged, picture_name
from dermavis.domain.ports import NotFoundInStore, PhotoStore, SealBroken


class SealedStore:
    """Objects by name. The name is bound to what is sealed: an object that was moved or replaced does not open."""

    def __init__(self, store: PhotoStore, key: bytes) -> None:
        self._store = store
        self._key = AesGcmMasterKey(key)

    def check_value(self) -> bytes:
        """Return what tells this backup key from another; a master key of the same bytes has the same value."""
        return self._key.check_value

    def key_fits(self) -> bool | None:
        """Tell whether this key is the one of this place; None where nothing was ever kept."""
        try:
            return hmac.compare_digest(self._store.get(KEY_MARK), self.check_value())
        except NotFoundInStore:
            return None

    def mark(self) -> None:
        """Note which key this place belongs to. Raises KeyTaken when it is another's."""
        self._store.put(KEY_MARK, self.check_value())

    def put(self, name: str, clear: bytes) -> None:
        """Seal and store durably. Raises KeyTaken when the name is taken, OSError when the disk is full."""
        self._store.put(name, self._key.wrap(clear, name.encode()))

    def get(self, name: str) -> bytes:
        """Open an object. Raises BackupDamaged, in words, when it is missing or was altered."""
        try:
            return self._key.unwrap(self._store.get(name), name.encode())
        except NotFoundInStore:
            raise BackupDamaged(f"{name} manque") from None
        except SealBroken:
            raise BackupDamaged(f"{name} est abîmé") from None

    def picture(self, sha256: str) -> bytes:
        """Open an object of the photo store by its hash. Raises BackupDamaged."""
        content = self.get(picture_name(sha256))
        if hashlib.sha256(content).hexdigest() != sha256:
            raise BackupDamaged(f"{picture_name(sha256)} n’a pas l’empreinte de son nom")
        return content

    def exists(self, name: str) -> bool:
        """Tell whether there is an object of that name."""
        return self._store.exists(name)

    def delete(self, name: str) -> None:
        """Remove the object, silently when it is absent."""
        self._store.delete(name)

    def list(self, prefix: str) -> Iterator[str]:
        """Yield the names that begin with ``prefix``."""
        return self._store.list(prefix)
