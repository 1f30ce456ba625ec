"""Looks for what a stored or served picture must not hold. Knows nothing of how it is removed."""

from __future__ import annotations

import io
import re
import warnings

import pi_heif
from PIL import ExifTags, Image

from tests.material import PLANTED

SIGNS = {
    "exif": [b"Exif\0\0", b"eXIf", b"EXIF"],
    "xmp": [b"http://ns.adobe.com/", b"XML:com.adobe.xmp", b"<x:xmpmeta", b"XMP "],
    "photoshop": [b"Photoshop 3.0"],
    "other pictures": [b"MPF\0", b"acTL", b"fdAT", b"ANMF", b"urn:iso:std:iso:ts:21496"],
    "comment": [b"\xff\xfe", b"tEXt", b"zTXt", b"iTXt"],
    "planted": [PLANTED, b"<script", b"<?php", b"%PDF", b"PK\x03\x04", b"ftypmp4"],
}


def find_traces(content: bytes) -> set[str]:
    """Return the kinds of traces found in a picture file."""
    found = {kind for kind, signs in SIGNS.items() if any(_stands(content, sign) for sign in signs)}
    if _after_the_end(content):
        found.add("trailing bytes")
    if len(re.findall(rb"\xff\xd8\xff[\xc0-\xfe]", content)) > 1:
        found.add("other pictures")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found |= _told_by_a_reader(content)
    return found


def _stands(content: bytes, sign: bytes) -> bool:
    """Tell whether a sign stands in the file; short ones are looked for outside compressed pixels only."""
    if len(sign) > 4:
        return sign in content
    return sign in _outside_pixels(content)


def _outside_pixels(content: bytes) -> bytes:
    if content[:2] == b"\xff\xd8":
        scan = content.find(b"\xff\xda")
        return content[:scan] if scan > 0 else content
    if content[:4] == b"\x89PNG":
        kinds, at = [], 8
        while at + 8 <= len(content):
            kinds.append(content[at + 4 : at + 8])
            at += 12 + int.from_bytes(content[at : at + 4], "big")
        return b" ".join(kinds)
    if content[:4] == b"RIFF":
        kinds, at = [], 12
        while at + 8 <= len(content):
            kinds.append(content[at : at + 4] + b"\0")
            size = int.from_bytes(content[at + 4 : at + 8], "little")
            at += 8 + size + size % 2
        return b" ".join(kinds)
    return content


def _after_the_end(content: bytes) -> bytes:
    if content[:2] == b"\xff\xd8":
        scan = content.rfind(b"\xff\xda")
        end = content.find(b"\xff\xd9", scan)
        return content[end + 2 :] if 0 <= scan <= end else b""
    if content[:4] == b"\x89PNG":
        end = content.find(b"IEND\xaeB`\x82")
        return content[end + 8 :] if end > 0 else b""
    if content[:4] == b"RIFF":
        return content[int.from_bytes(content[4:8], "little") + 8 :]
    return b""


def _told_by_a_reader(content: bytes) -> set[str]:
    """Ask ordinary readers of pictures what they see."""
    if content[4:8] == b"ftyp":
        return {"exif"} if pi_heif.open_heif(io.BytesIO(content)).info.get("exif") else set()
    try:
        image = Image.open(io.BytesIO(content))
        exif = image.getexif()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return set()
    found = set()
    if exif:
        found.add("exif")
    if exif.get_ifd(ExifTags.IFD.GPSInfo):
        found.add("place")
    if ExifTags.Base.MakerNote in exif.get_ifd(ExifTags.IFD.Exif):
        found.add("maker note")
    if getattr(image, "n_frames", 1) > 1:
        found.add("other pictures")
    if image.info.get("comment") or getattr(image, "text", None):
        found.add("comment")
    return found
