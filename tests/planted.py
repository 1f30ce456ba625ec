"""Looks for what must not be lying about: a patient's words in any writing, and pictures in clear."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, quote_plus

from dermavis.domain.text import normalise_name, plain

PICTURES = {
    "JPEG with its application block": b"\xff\xd8\xff\xe0\x00\x10JFIF",
    "JPEG without": b"\xff\xd8\xff\xdb\x00\x43\x00",
    "EXIF": b"Exif\x00\x00",
    "PNG": b"\x89PNG\r\n\x1a\n",
    "PDF": b"%PDF-1.",
}
"""Beginnings long enough not to stand in a few megabytes of sealed bytes by chance."""

BEGINNINGS = (b"\xff\xd8\xff", b"RIFF", b"\x89PNG", b"%PDF")
"""Beginnings that no whole file may have; three bytes are too few to be looked for inside one."""


@dataclass
class Planted:
    """What was planted: each word under its name, and whether pictures are looked for."""

    words: dict[str, str]
    pictures: bool = True
    _needles: dict[str, list[bytes]] = field(init=False)

    def __post_init__(self) -> None:
        self._needles = {name: sorted(writings_of(word)) for name, word in self.words.items()}

    def in_bytes(self, content: bytes) -> set[str]:
        """Return the names of what stands in some bytes."""
        lower = content.lower()
        found = {
            name for name, needles in self._needles.items() if any(needle in lower for needle in needles)
        }
        if self.pictures:
            found |= {name for name, sign in PICTURES.items() if sign in content}
            found |= {f"file begins with {sign!r}" for sign in BEGINNINGS if content.startswith(sign)}
        return found

    def in_text(self, text: str) -> set[str]:
        """Return the names of the words that stand in a text."""
        return Planted(self.words, pictures=False).in_bytes(text.encode("utf-8", "surrogatepass"))

    def in_folder(self, *folders: Path) -> dict[str, set[str]]:
        """Return what stands in the files of some folders: path → names, files with nothing left out."""
        found = {str(path): self.in_bytes(path.read_bytes()) for path in files_of(*folders)}
        return {path: names for path, names in found.items() if names}


def files_of(*folders: Path) -> Iterator[Path]:
    """Return every file of some folders."""
    for folder in folders:
        yield from (path for path in sorted(folder.rglob("*")) if path.is_file())


def writings_of(word: str) -> set[bytes]:
    """Return how a word may be written in a file, in small letters: each alphabet, escaped for JSON and addresses."""
    forms = {
        word,
        plain(word),
        normalise_name(word),
        *(unicodedata.normalize(form, word) for form in ("NFC", "NFD")),
    }
    written: set[bytes] = set()
    for form in forms:
        for text in (form, form.lower(), json.dumps(form)[1:-1], quote(form), quote_plus(form)):
            for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
                written.add(text.encode(encoding).lower())
            written.add(text.encode("latin-1", "ignore").lower())
    return {needle for needle in written if len(needle) > 4}


def birth_dates(iso: str) -> dict[str, str]:
    """Return the ways in which a birth date is written, each under a name."""
    year, month, day = iso.split("-")
    return {
        "birth date, year first": iso,
        "birth date, day first": f"{day}/{month}/{year}",
        "birth date, year first, in one piece": f"{year}{month}{day}",
        "birth date, day first, in one piece": f"{day}{month}{year}",
    }


def addresses_that_tell(addresses: Iterable[str], planted: Planted) -> list[str]:
    """Return the addresses in which something planted stands."""
    return [address for address in addresses if planted.in_text(address)]
