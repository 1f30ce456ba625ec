"""WEBP without its metadata, its other frames and its trailing bytes; the compressed data is copied untouched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from dermavis.adapters.imaging.exif import read_notes
from dermavis.adapters.imaging.icc import fitting_profile
from dermavis.adapters.imaging.stripped import Stripped, refuse_unfit_size
from dermavis.domain.pictures import LARGEST_PROFILE_BYTES, refusal

_HAS_PROFILE: Final = 0x20
_HAS_ALPHA: Final = 0x10
_FRAME_HEADER: Final = 16


def strip_webp(content: bytes) -> Stripped:
    """Return the picture alone, the first one of an animation. Raises PictureRefused."""
    size = int.from_bytes(content[4:8], "little")
    if size + 8 > len(content):
        raise refusal("truncated")
    chunks = _first_of_each(_chunks(content[12 : size + 8]))
    if b"ANMF" in chunks:
        chunks |= _first_of_each(_chunks(chunks[b"ANMF"][_FRAME_HEADER:]))
    pixels = chunks.get(b"VP8L") or chunks.get(b"VP8 ")
    if pixels is None:
        raise refusal("damaged")
    lossless = b"VP8L" in chunks
    width, height, alpha = _measure_lossless(pixels) if lossless else _measure_lossy(pixels)
    refuse_unfit_size(width, height)
    transparency = None if lossless else chunks.get(b"ALPH")
    profile = chunks.get(b"ICCP", b"")
    if len(profile) > LARGEST_PROFILE_BYTES:
        raise refusal("colour_profile")
    fitting = fitting_profile(profile, b"RGB ")
    body = _chunk(b"VP8L" if lossless else b"VP8 ", pixels)
    if fitting or transparency:
        flags = (_HAS_PROFILE if fitting else 0) | (_HAS_ALPHA if transparency or alpha else 0)
        sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
        extended = _chunk(b"VP8X", bytes([flags, 0, 0, 0]) + sides)
        extended += _chunk(b"ICCP", fitting) if fitting else b""
        extended += _chunk(b"ALPH", transparency) if transparency else b""
        body = extended + body
    return Stripped(
        content=b"RIFF" + (len(body) + 4).to_bytes(4, "little") + b"WEBP" + body,
        pillow_format="WEBP",
        media_type="image/webp",
        width=width,
        height=height,
        profile=fitting,
        notes=read_notes(chunks.get(b"EXIF")),
    )


def _chunks(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(body):
        size = int.from_bytes(body[at + 4 : at + 8], "little")
        if at + 8 + size > len(body):
            raise refusal("truncated")
        yield body[at : at + 4], body[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def _first_of_each(chunks: Iterator[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for kind, body in chunks:
        found.setdefault(kind, body)
    return found


def _measure_lossy(pixels: bytes) -> tuple[int, int, bool]:
    if pixels[3:6] != b"\x9d\x01\x2a" or len(pixels) < 10:
        raise refusal("damaged")
    sides = (int.from_bytes(pixels[i : i + 2], "little") & 0x3FFF for i in (6, 8))
    return next(sides), next(sides), False


def _measure_lossless(pixels: bytes) -> tuple[int, int, bool]:
    if pixels[:1] != b"\x2f" or len(pixels) < 5:
        raise refusal("damaged")
    packed = int.from_bytes(pixels[1:5], "little")
    return (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1, bool(packed >> 28 & 1)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return kind + len(body).to_bytes(4, "little") + body + bytes(len(body) % 2)
