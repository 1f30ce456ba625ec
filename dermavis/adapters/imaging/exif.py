"""A reader of the few EXIF fields that stay: it never raises, whatever the bytes are, and follows no pointer twice."""

from __future__ import annotations

import re
import struct
from datetime import datetime
from typing import Final

from dermavis.adapters.imaging.stripped import DeviceNotes

_EXIF_IFD: Final = 0x8769
_ORIENTATION, _DATE, _DATE_TAKEN, _OFFSET_TAKEN = 0x0112, 0x0132, 0x9003, 0x9011
_FOCAL, _FOCAL_35, _LENS = 0x920A, 0xA405, 0xA434
_ASCII, _SHORT, _LONG, _RATIONAL = 2, 3, 4, 5
_WIDTHS: Final = {1: 1, _ASCII: 1, _SHORT: 2, _LONG: 4, _RATIONAL: 8, 7: 1}
_MOST_ENTRIES: Final = 256

Entries = dict[int, tuple[int, bytes]]


def read_notes(block: bytes | None) -> DeviceNotes:
    """Return what the camera noted. ``block`` is a TIFF block, with or without ``Exif\\0\\0`` before it."""
    if not block:
        return DeviceNotes()
    tiff = block[6:] if block.startswith(b"Exif\0\0") else block
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None or len(tiff) < 8:
        return DeviceNotes()
    first = _entries(tiff, order, struct.unpack(order + "L", tiff[4:8])[0])
    taken = _entries(tiff, order, _integer(first, _EXIF_IFD, order) or 0)
    orientation = _integer(first, _ORIENTATION, order)
    return DeviceNotes(
        orientation=orientation if orientation is not None and 1 <= orientation <= 8 else 1,
        taken_at=_instant(_text(taken, _DATE_TAKEN) or _text(first, _DATE), _text(taken, _OFFSET_TAKEN)),
        lens=_plain_words(_text(taken, _LENS)),
        focal_length_mm=_length(_rational(taken, _FOCAL, order)),
        focal_length_35mm=_length(_integer(taken, _FOCAL_35, order)),
    )


def _entries(tiff: bytes, order: str, offset: int) -> Entries:
    """Return the entries of one directory as type and raw value, without those that point outside the block."""
    found: Entries = {}
    if not 8 <= offset <= len(tiff) - 2:
        return found
    count = min(struct.unpack(order + "H", tiff[offset : offset + 2])[0], _MOST_ENTRIES)
    for start in range(offset + 2, offset + 2 + 12 * count, 12):
        entry = tiff[start : start + 12]
        if len(entry) < 12:
            break
        tag, kind, number = struct.unpack(order + "HHL", entry[:8])
        size = _WIDTHS.get(kind, 0) * number
        if not 0 < size <= 4096:
            continue
        where = struct.unpack(order + "L", entry[8:])[0]
        value = entry[8 : 8 + size] if size <= 4 else tiff[where : where + size]
        if len(value) == size:
            found.setdefault(tag, (kind, value))
    return found


def _integer(entries: Entries, tag: int, order: str) -> int | None:
    kind, value = entries.get(tag, (0, b""))
    if kind == _SHORT:
        return int(struct.unpack(order + "H", value[:2])[0])
    if kind == _LONG:
        return int(struct.unpack(order + "L", value[:4])[0])
    return None


def _rational(entries: Entries, tag: int, order: str) -> float | None:
    kind, value = entries.get(tag, (0, b""))
    if kind != _RATIONAL:
        return None
    above, below = struct.unpack(order + "LL", value[:8])
    return float(above / below) if below else None


def _text(entries: Entries, tag: int) -> str:
    kind, value = entries.get(tag, (0, b""))
    return value.split(b"\0", 1)[0].decode("ascii", "replace").strip() if kind == _ASCII else ""


def _instant(text: str, offset: str) -> str | None:
    """Return EXIF's ``2024:05:31 14:02:11`` in ISO 8601, or None when it is no date."""
    if not re.fullmatch(r"\d{4}:\d\d:\d\d \d\d:\d\d:\d\d", text, re.ASCII):
        return None
    zone = offset if re.fullmatch(r"[+-]\d\d:\d\d", offset, re.ASCII) else ""
    iso = f"{text[:10].replace(':', '-')}T{text[11:]}{zone}"
    try:
        datetime.fromisoformat(iso)
    except ValueError:
        return None
    return iso


def _plain_words(text: str) -> str | None:
    """Keep the letters, figures and signs that a lens's name is made of; a formula or a tag loses its teeth."""
    words = " ".join(re.sub(r"[^A-Za-z0-9 .,/()+-]", " ", text).split()).lstrip(" +-.,/")
    return words[:80] or None


def _length(millimetres: float | None) -> float | None:
    return round(millimetres, 2) if millimetres is not None and 0 < millimetres < 5000 else None
