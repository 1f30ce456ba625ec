"""HEIC, decoded: browsers but one cannot show it, so its original becomes an upright JPEG with the same profile.

The container's own turn (``irot``, ``imir``) is applied by the decoder; EXIF's orientation counts only where neither
exists, or the picture would be turned twice.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Final

import pi_heif
from PIL import Image

from dermavis.adapters.imaging.exif import read_notes
from dermavis.adapters.imaging.icc import BT_2020, DISPLAY_P3, fitting_profile, matrix_profile
from dermavis.adapters.imaging.stripped import DeviceNotes, refuse_unfit_size
from dermavis.domain.pictures import LARGEST_PROFILE_BYTES, refusal

_MOST_BOXES: Final = 20_000
_NAMED_PRIMARIES: Final = {9: BT_2020, 12: DISPLAY_P3}

Properties = list[tuple[bytes, bytes]]


def decode_heic(content: bytes) -> tuple[Image.Image, bytes | None, DeviceNotes, bool]:
    """Return pixels, profile, notes, and whether EXIF's orientation is still to be applied. Raises PictureRefused."""
    properties = _primary_properties(content)
    sizes = [body for kind, body in properties if kind == b"ispe" and len(body) >= 12]
    if not sizes:
        raise refusal("damaged")
    refuse_unfit_size(int.from_bytes(sizes[0][4:8], "big"), int.from_bytes(sizes[0][8:12], "big"))
    pi_heif.options.DECODE_THREADS = 1
    pi_heif.options.THUMBNAILS = pi_heif.options.DEPTH_IMAGES = pi_heif.options.AUX_IMAGES = False
    container = pi_heif.open_heif(io.BytesIO(content), convert_hdr_to_8bit=True)
    refuse_unfit_size(*container.size)
    info = container.info
    profile = _profile(info)
    notes = read_notes(info.get("exif"))
    turned = any(kind in {b"irot", b"imir"} for kind, _ in properties)
    image: Image.Image = container.to_pillow()
    image.info.clear()
    return image, profile, notes, not turned


def _profile(info: dict[str, object]) -> bytes | None:
    profile, named = info.get("icc_profile"), info.get("nclx_profile")
    if isinstance(profile, bytes) and profile:
        if len(profile) > LARGEST_PROFILE_BYTES:
            raise refusal("colour_profile")
        return fitting_profile(profile, b"RGB ")
    if isinstance(named, dict) and named.get("color_primaries") in _NAMED_PRIMARIES:
        return matrix_profile(_NAMED_PRIMARIES[named["color_primaries"]])
    return None


def _primary_properties(content: bytes) -> Properties:
    """Return the properties tied to the primary picture, as kind and body."""
    top = dict(_boxes(content))
    meta = dict(_boxes(top.get(b"meta", b"")[4:]))
    primary_box, tied = meta.get(b"pitm", b""), dict(_boxes(meta.get(b"iprp", b"")))
    if len(primary_box) < 6:
        raise refusal("damaged")
    primary = int.from_bytes(primary_box[4:6] if primary_box[0] == 0 else primary_box[4:8], "big")
    known = list(_boxes(tied.get(b"ipco", b"")))
    wanted = _associations(tied.get(b"ipma", b""), primary)
    return [known[index - 1] for index in wanted if 0 < index <= len(known)]


def _associations(box: bytes, primary: int) -> list[int]:
    """Return the property numbers that ``ipma`` ties to the primary picture."""
    if len(box) < 8:
        return []
    id_size, wide = (4 if box[0] else 2), box[3] & 1
    at = 8
    for _ in range(min(int.from_bytes(box[4:8], "big"), _MOST_BOXES)):
        item, count = int.from_bytes(box[at : at + id_size], "big"), box[at + id_size : at + id_size + 1]
        at += id_size + 1
        if not count:
            break
        step = 2 if wide else 1
        if item == primary:
            raw = (box[i : i + step] for i in range(at, at + step * count[0], step))
            return [int.from_bytes(one, "big") & (0x7FFF if wide else 0x7F) for one in raw]
        at += step * count[0]
    return []


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield each whole box as kind and body; a phone may append what is no box at all."""
    at = 0
    for _ in range(_MOST_BOXES):
        if at + 8 > len(content):
            return
        size, kind, head = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8], 8
        if size == 1:
            size, head = int.from_bytes(content[at + 8 : at + 16], "big"), 16
        elif size == 0:
            size = len(content) - at
        if size < head or at + size > len(content):
            return
        yield kind, content[at + head : at + size]
        at += size
