"""JPEG without its metadata, its trailing bytes and its second pictures; the compressed data is copied untouched.

Kept: frame, tables, scans, the colour profile and the first twelve bytes of Adobe's APP14 (which tell RGB from YCbCr
and CMYK from YCCK). A JFIF mark is written anew, without its thumbnail. Everything after the first end mark goes:
that is where MPO, Ultra-HDR and motion photos keep their other pictures.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from dermavis.adapters.imaging.exif import read_notes
from dermavis.adapters.imaging.icc import fitting_profile
from dermavis.adapters.imaging.stripped import Stripped, refuse_unfit_size
from dermavis.domain.pictures import LARGEST_PROFILE_BYTES, LARGEST_PROGRESSIVE_PIXELS, refusal

_SOI, _EOI, _SOS, _DHT, _DQT, _DRI = 0xD8, 0xD9, 0xDA, 0xC4, 0xDB, 0xDD
_APP0, _APP1, _APP2, _APP14 = 0xE0, 0xE1, 0xE2, 0xEE
_BASELINE, _EXTENDED, _PROGRESSIVE = 0xC0, 0xC1, 0xC2
_FRAMES: Final = {0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}
_ALONE: Final = {0x01, *range(0xD0, 0xD8)}
_END_OF_SCAN: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # neither a stuffed byte nor a restart
_MOST_SCANS: Final = 64
_PLAIN_JFIF: Final = b"JFIF\0\1\1\0\0\1\0\1\0\0"
_PROFILE_PIECE: Final = 65_519
_SPACES: Final = {1: b"GRAY", 3: b"RGB ", 4: b"CMYK"}


@dataclass
class _Reading:
    """What has been seen so far of one file."""

    picture: list[bytes] = field(default_factory=list)
    jfif: bool = False
    adobe: bytes = b""
    exif: bytes | None = None
    profile: dict[int, bytes] = field(default_factory=dict)
    frame: tuple[int, int, int, int] | None = None  # marker, width, height, components
    scans: int = 0


def strip_jpeg(content: bytes) -> Stripped:
    """Return the picture alone. Raises PictureRefused when it is cut, broken, too large or of an unusual kind."""
    reading = _Reading()
    at = 2
    while True:
        at, marker = _next_marker(content, at)
        if marker == _EOI:
            break
        if marker in _ALONE:
            continue
        size = int.from_bytes(content[at : at + 2], "big")
        if at + size > len(content):
            raise refusal("truncated")
        if size < 2 or marker == _SOI:
            raise refusal("damaged")
        _take_segment(reading, marker, content[at + 2 : at + size])
        at += size
        if marker == _SOS:
            end = _END_OF_SCAN.search(content, at)
            if end is None:
                raise refusal("truncated")
            reading.picture.append(content[at : end.start()])
            at = end.start()
    if reading.frame is None or not reading.scans:
        raise refusal("damaged")
    return _join(reading, reading.frame)


def _next_marker(content: bytes, at: int) -> tuple[int, int]:
    """Return the position after the next marker, and the marker; bytes lost between segments are passed over."""
    at = content.find(b"\xff", at)
    while at >= 0 and content[at : at + 2] in {b"\xff\xff", b"\xff\x00"}:
        at = content.find(b"\xff", at + 1)
    if at < 0 or at + 2 > len(content):
        raise refusal("truncated")
    return at + 2, content[at + 1]


def _take_segment(reading: _Reading, marker: int, body: bytes) -> None:
    if marker in _FRAMES:
        _take_frame(reading, marker, body)
    elif marker == _SOS:
        reading.scans += 1
        if reading.frame is None or reading.scans > _MOST_SCANS:
            raise refusal("damaged")
    if marker in _FRAMES or marker in {_SOS, _DHT, _DQT, _DRI}:
        reading.picture.append(_segment(marker, body))
    elif marker == _APP0 and body.startswith(b"JFIF\0"):
        reading.jfif = True
    elif marker == _APP14 and body.startswith(b"Adobe") and len(body) >= 12:
        reading.adobe = body[:12]
    elif marker == _APP1 and body.startswith(b"Exif\0\0") and reading.exif is None:
        reading.exif = body
    elif marker == _APP2 and body.startswith(b"ICC_PROFILE\0") and len(body) > 14:
        reading.profile.setdefault(body[12], body[14:])


def _take_frame(reading: _Reading, marker: int, body: bytes) -> None:
    if marker not in {_BASELINE, _EXTENDED, _PROGRESSIVE}:
        raise refusal("unsupported")
    if reading.frame is not None or len(body) < 6:
        raise refusal("damaged")
    depth, components = body[0], body[5]
    height, width = int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big")
    if depth != 8 or components not in _SPACES:
        raise refusal("unsupported")
    refuse_unfit_size(width, height)
    if marker == _PROGRESSIVE and width * height > LARGEST_PROGRESSIVE_PIXELS:
        raise refusal("progressive_too_large")
    reading.frame = (marker, width, height, components)


def _join(reading: _Reading, frame: tuple[int, int, int, int]) -> Stripped:
    _, width, height, components = frame
    whole = b"".join(piece for _, piece in sorted(reading.profile.items()))
    if len(whole) > LARGEST_PROFILE_BYTES:
        raise refusal("colour_profile")
    profile = fitting_profile(whole, _SPACES[components])
    head = [b"\xff\xd8"]
    if reading.jfif:
        head.append(_segment(_APP0, _PLAIN_JFIF))
    if reading.adobe:
        head.append(_segment(_APP14, reading.adobe))
    pieces = (
        [profile[i : i + _PROFILE_PIECE] for i in range(0, len(profile), _PROFILE_PIECE)] if profile else []
    )
    for number, piece in enumerate(pieces, 1):
        head.append(_segment(_APP2, b"ICC_PROFILE\0" + bytes([number, len(pieces)]) + piece))
    return Stripped(
        content=b"".join([*head, *reading.picture, b"\xff\xd9"]),
        pillow_format="JPEG",
        media_type="image/jpeg",
        width=width,
        height=height,
        profile=profile,
        notes=read_notes(reading.exif),
    )


def _segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(body) + 2).to_bytes(2, "big") + body
