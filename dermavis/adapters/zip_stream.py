"""A ZIP archive written as it is read: no file on the disk, no more in memory than one entry."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Entry:
    """A file of the archive. ``packed``: its bytes are compressed already, as a picture's are."""

    name: str
    content: bytes
    packed: bool = False


class _Passage(io.RawIOBase):
    """What the archive is written to: it cannot be gone back in, and is emptied after each entry."""

    def __init__(self) -> None:
        super().__init__()
        self._written = bytearray()

    def writable(self) -> bool:
        """Tell that it is written to."""
        return True

    def write(self, chunk: object) -> int:
        """Take some bytes."""
        view = memoryview(chunk)  # type: ignore[arg-type]
        self._written += view
        return view.nbytes

    def taken(self) -> bytes:
        """Return what was written since the last time."""
        taken = bytes(self._written)
        self._written.clear()
        return taken


def zip_stream(entries: Iterable[Entry], at: datetime) -> Iterator[bytes]:
    """Yield the archive piece by piece, an entry at a time; ``at`` is the hour that its entries bear."""
    passage = _Passage()
    with zipfile.ZipFile(passage, "w") as archive:
        for entry in entries:
            told = zipfile.ZipInfo(entry.name, at.timetuple()[:6])
            told.external_attr = 0o600 << 16
            how = zipfile.ZIP_STORED if entry.packed else zipfile.ZIP_DEFLATED
            archive.writestr(told, entry.content, how)
            yield passage.taken()
    yield passage.taken()
