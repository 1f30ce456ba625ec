"""PNG without its texts, its dates, its other frames and its trailing bytes; the compressed data is copied untouched.

Kept: the critical chunks, the transparency and what colours need (iCCP, sRGB, gAMA, cHRM). Of an animation only the
plain picture stays.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Final

from dermavis.adapters.imaging.exif import read_notes
from dermavis.adapters.imaging.icc import SRGB, Chromaticities, fitting_profile, matrix_profile
from dermavis.adapters.imaging.stripped import Stripped, refuse_unfit_size
from dermavis.domain.pictures import LARGEST_PROFILE_BYTES, refusal

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_DEPTHS: Final = {0: {1, 2, 4, 8, 16}, 2: {8, 16}, 3: {1, 2, 4, 8}, 4: {8, 16}, 6: {8, 16}}
_PASSES: Final = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)
_LONGEST: Final = {
    b"IHDR": 13,
    b"iCCP": LARGEST_PROFILE_BYTES,
    b"PLTE": 768,
    b"tRNS": 256,
    b"sRGB": 1,
    b"gAMA": 4,
    b"cHRM": 32,
}
_SRGB_GAMMA: Final = 0.45455
_INFLATED_AT_ONCE: Final = 1 << 20

Header = tuple[int, int, int, int, int, int, int]


def strip_png(content: bytes) -> Stripped:
    """Return the picture alone. Raises PictureRefused when it is cut, broken or too large."""
    kept: dict[bytes, bytes] = {}
    data: list[bytes] = []
    exif = None
    for kind, body in _chunks(content):
        if kind == b"IDAT":
            data.append(body)
        elif kind == b"eXIf":
            exif = exif or body
        elif kind in _LONGEST:
            if len(body) <= _LONGEST[kind]:
                kept.setdefault(kind, body)
        elif not kind[0] & 0x20 and kind != b"IEND":
            raise refusal("damaged")
    header = _header(kept.get(b"IHDR", b""))
    if not data or (header[3] == 3 and b"PLTE" not in kept):
        raise refusal("damaged")
    profile = _profile(kept.pop(b"iCCP", b""), header[3])
    if profile:
        kept[b"iCCP"] = b"ICC\0\0" + zlib.compress(profile)
    written = [_chunk(b"IHDR", kept[b"IHDR"])]
    written += [
        _chunk(k, kept[k]) for k in (b"cHRM", b"gAMA", b"iCCP", b"sRGB", b"PLTE", b"tRNS") if k in kept
    ]
    written += [_chunk(b"IDAT", _only_the_picture(b"".join(data), header)), _chunk(b"IEND", b"")]
    return Stripped(
        content=_SIGNATURE + b"".join(written),
        pillow_format="PNG",
        media_type="image/png",
        width=header[0],
        height=header[1],
        profile=profile or (_named_colours(kept) if header[3] in {2, 3, 6} else None),
        notes=read_notes(exif),
    )


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield each chunk to the end mark, each checked."""
    at, kind = len(_SIGNATURE), b""
    while kind != b"IEND":
        if at + 12 > len(content):
            raise refusal("truncated")
        size, kind = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        if at + 12 + size > len(content):
            raise refusal("truncated" if kind.isalpha() else "damaged")
        body = content[at + 8 : at + 8 + size]
        if zlib.crc32(body, zlib.crc32(kind)) != int.from_bytes(
            content[at + 8 + size : at + 12 + size], "big"
        ):
            raise refusal("damaged")
        yield kind, body
        at += 12 + size


def _header(body: bytes) -> Header:
    if len(body) != 13:
        raise refusal("damaged")
    header: Header = struct.unpack(">LLBBBBB", body)
    width, height, depth, kind, compression, filtering, interlaced = header
    if depth not in _DEPTHS.get(kind, set()) or compression or filtering or interlaced > 1:
        raise refusal("damaged")
    refuse_unfit_size(width, height)
    return header


def _profile(chunk: bytes, kind: int) -> bytes | None:
    """Inflate the profile within bounds: a bomb is refused, what is no profile is left out."""
    _, _, packed = chunk.partition(b"\0")
    if not packed:
        return None
    unpacker = zlib.decompressobj()
    try:
        profile = unpacker.decompress(packed[1:], LARGEST_PROFILE_BYTES)
    except zlib.error:
        return None
    if unpacker.unconsumed_tail:
        raise refusal("colour_profile")
    return fitting_profile(profile, b"RGB " if kind in {2, 3, 6} else b"GRAY")


def _only_the_picture(packed: bytes, header: Header) -> bytes:
    """Cut what follows the end of the compressed picture. Raises PictureRefused when it is no whole picture."""
    expected, found = _inflated_size(header), 0
    unpacker = zlib.decompressobj()
    waiting = packed
    try:
        while not unpacker.eof and found <= expected:
            piece = unpacker.decompress(waiting, _INFLATED_AT_ONCE)
            waiting = unpacker.unconsumed_tail
            found += len(piece)
            if not piece and not waiting:
                break
    except zlib.error as broken:
        raise refusal("damaged") from broken
    if found > expected:
        raise refusal("damaged")
    if not unpacker.eof or found < expected:
        raise refusal("truncated")
    return packed[: len(packed) - len(unpacker.unused_data)]


def _inflated_size(header: Header) -> int:
    width, height, depth, kind, _, _, interlaced = header
    bits = depth * _CHANNELS[kind]
    passes = _PASSES if interlaced else ((0, 0, 1, 1),)
    total = 0
    for left, top, across, down in passes:
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        if columns > 0 and rows > 0:
            total += rows * (1 + (columns * bits + 7) // 8)
    return total


def _named_colours(kept: dict[bytes, bytes]) -> bytes | None:
    """Return a profile for gAMA and cHRM where they name other colours than sRGB's."""
    if b"sRGB" in kept or len(kept.get(b"gAMA", b"")) != 4:
        return None
    gamma = int.from_bytes(kept[b"gAMA"], "big") / 100_000
    primaries: Chromaticities = SRGB
    if len(kept.get(b"cHRM", b"")) == 32:
        _, _, *xy = (part / 100_000 for part in struct.unpack(">8L", kept[b"cHRM"]))
        primaries = ((xy[0], xy[1]), (xy[2], xy[3]), (xy[4], xy[5]))
    flat = [part for pair in primaries for part in pair]
    usual = [part for pair in SRGB for part in pair]
    if abs(gamma - _SRGB_GAMMA) < 0.01 and all(abs(a - b) < 0.01 for a, b in zip(flat, usual, strict=True)):
        return None
    if not 0.1 < gamma < 2 or not all(0.01 < part < 0.9 for part in flat):
        return None
    return matrix_profile(primaries, None if abs(gamma - _SRGB_GAMMA) < 0.01 else 1 / gamma)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(body, zlib.crc32(kind)).to_bytes(4, "big")
