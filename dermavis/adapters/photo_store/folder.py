"""The photo store in a local folder: what ``put`` returned from is on the disk, whole, under its name.

A temporary file is written and fsynced, linked under its final name (a link never replaces), and every folder that
got a new name is fsynced.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from dermavis.adapters.durable import sync_folder
from dermavis.adapters.photo_store.keys import KeyTaken, fit, fit_prefix
from dermavis.domain.ports import NotFoundInStore

_PARTIAL: Final = ".partial"


class FolderStore:
    """Keys are relative paths below ``root``; files and folders are readable by their owner only."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._partial = root / _PARTIAL
        self._making = threading.RLock()

    def put(self, key: str, content: bytes) -> None:
        """Store durably. Raises KeyTaken when the key has other content, OSError when the disk is full."""
        target = self._root / fit(key)
        self._make_folder(self._partial)
        self._make_folder(target.parent)
        handle, name = tempfile.mkstemp(dir=self._partial)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(name, target)
            except FileExistsError:
                if target.read_bytes() != content:
                    raise KeyTaken(key) from None
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name)
        sync_folder(target.parent)

    def get(self, key: str) -> bytes:
        """Return the content. Raises NotFoundInStore."""
        try:
            return (self._root / fit(key)).read_bytes()
        except FileNotFoundError:
            raise NotFoundInStore(key) from None

    def delete(self, key: str) -> None:
        """Remove the object, silently when it is absent."""
        (self._root / fit(key)).unlink(missing_ok=True)

    def exists(self, key: str) -> bool:
        """Tell whether the object is there."""
        return (self._root / fit(key)).is_file()

    def list(self, prefix: str) -> Iterator[str]:
        """Yield the keys that begin with ``prefix``, in order."""
        folder = fit_prefix(prefix).rpartition("/")[0]
        for place, folders, names in os.walk(self._root / folder):
            folders[:] = sorted(name for name in folders if name != _PARTIAL)
            for name in sorted(names):
                key = (Path(place) / name).relative_to(self._root).as_posix()
                if key.startswith(prefix):
                    yield key

    def _make_folder(self, folder: Path) -> None:
        """Make a folder and those above it, each durable in the one that holds it."""
        with self._making:  # whoever finds the folder there also finds it durable
            if folder.is_dir():
                return
            if folder != self._root:
                self._make_folder(folder.parent)
            folder.mkdir(mode=0o700, parents=folder == self._root, exist_ok=True)
            sync_folder(folder.parent)
