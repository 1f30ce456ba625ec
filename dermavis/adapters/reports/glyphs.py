"""Which characters the report's font can print.

PDF/A refuses a character without a glyph, and a report must never fail on a character. The font's own table (OpenType
``cmap``, formats 4 and 12) says what it holds; anything else is printed as a white square.
"""

from __future__ import annotations

import struct
import unicodedata
from functools import lru_cache
from pathlib import Path

SQUARE = "\u25a1"
# Drawn by one glyph of the font, and copied out of the PDF as whichever came first: one spelling is kept.
SAME_GLYPH = str.maketrans({"\u2010": "-", "\u03bc": "\u00b5", "\u2206": "\u0394", "\u03d5": "\u03c6"})
LINE_BREAKS = {
    "\r\n": "\n",
    "\r": "\n",
    "\u2028": "\n",
    "\u2029": "\n",
    "\x0b": "\n",
    "\x0c": "\n",
    "\x85": "\n",
}


def printable(text: str, font: Path) -> str:
    """Return the text in composed form (NFC), each character without a glyph replaced, controls left out."""
    for found, kept in LINE_BREAKS.items():
        text = text.replace(found, kept)
    known = characters(font)
    composed = unicodedata.normalize("NFC", text).translate(SAME_GLYPH)
    return "".join(_printed(character, known) for character in composed)


def _printed(character: str, known: frozenset[int]) -> str:
    if character == "\n":
        return character
    if character == "\t":
        return " "
    category = unicodedata.category(character)
    if category in {"Cc", "Cf", "Cs"}:
        # Of the invisible characters the soft hyphen alone is text; the others steer direction or joining.
        return character if character == "\u00ad" else ""
    if category in {"Co", "Cn"}:
        return SQUARE
    return character if ord(character) in known else SQUARE


@lru_cache(maxsize=8)
def characters(font: Path) -> frozenset[int]:
    """Return the code points that the font maps to a glyph. Raises ValueError for a file without a Unicode map."""
    content = font.read_bytes()
    found: set[int] = set()
    start = _table(content, b"cmap")
    (count,) = struct.unpack_from(">H", content, start + 2)
    for record in range(count):
        platform, encoding, offset = struct.unpack_from(">HHL", content, start + 4 + 8 * record)
        if (platform, encoding) in {(0, 3), (0, 4), (3, 1), (3, 10)}:
            found |= _mapped(content, start + offset)
    if not found:
        raise ValueError(f"{font.name} has no Unicode map")
    return frozenset(found)


def _table(content: bytes, tag: bytes) -> int:
    (count,) = struct.unpack_from(">H", content, 4)
    for record in range(count):
        name, _, offset, _ = struct.unpack_from(">4sLLL", content, 12 + 16 * record)
        if name == tag:
            return int(offset)
    raise ValueError(f"the font has no table {tag!r}")


def _mapped(content: bytes, at: int) -> set[int]:
    (form,) = struct.unpack_from(">H", content, at)
    if form == 12:
        (groups,) = struct.unpack_from(">L", content, at + 12)
        found: set[int] = set()
        for group in range(groups):
            first, last, glyph = struct.unpack_from(">LLL", content, at + 16 + 12 * group)
            found.update(code for code in range(first, last + 1) if glyph + code - first)
        return found
    return _mapped_by_segments(content, at) if form == 4 else set()


def _mapped_by_segments(content: bytes, at: int) -> set[int]:
    (doubled,) = struct.unpack_from(">H", content, at + 6)
    ends, starts = at + 14, at + 16 + doubled
    deltas, ranges = starts + doubled, starts + 2 * doubled
    found: set[int] = set()
    for segment in range(0, doubled, 2):
        last, first, delta, offset = (
            struct.unpack_from(">H", content, table + segment)[0] for table in (ends, starts, deltas, ranges)
        )
        for code in range(first, last + 1):
            glyph = code
            if offset:
                place = ranges + segment + offset + 2 * (code - first)
                (glyph,) = struct.unpack_from(">H", content, place)
            if (glyph + delta) & 0xFFFF and (glyph or not offset):
                found.add(code)
    return found - {0xFFFF}
