"""From the bytes of a phone to three clean pictures: runs in the child process only."""

from __future__ import annotations

import struct
import warnings
import zlib
from dataclasses import replace
from typing import Any, Final

from PIL import Image, ImageCms

from dermavis.adapters.imaging.card import find_card
from dermavis.adapters.imaging.colour import plain_pixels
from dermavis.adapters.imaging.heif import decode_heic
from dermavis.adapters.imaging.jpeg import strip_jpeg
from dermavis.adapters.imaging.measures import measure
from dermavis.adapters.imaging.png import strip_png
from dermavis.adapters.imaging.recognition import recognise
from dermavis.adapters.imaging.renditions import (
    decode,
    diagnostic_file,
    make_diagnostic,
    original_from_pixels,
    thumb_file,
    turn,
)
from dermavis.adapters.imaging.stripped import DeviceNotes
from dermavis.adapters.imaging.webp import strip_webp
from dermavis.domain.card_reading import CARD_VERSION
from dermavis.domain.pictures import LARGEST_FILE_BYTES, LARGEST_PICTURE_PIXELS, refusal
from dermavis.domain.ports import Picture, PictureFile

_STRIPPERS: Final = {"jpeg": strip_jpeg, "png": strip_png, "webp": strip_webp}
_BROKEN_FILE: Final = (
    OSError, ValueError, SyntaxError, TypeError, LookupError, ArithmeticError, EOFError, RuntimeError, Warning,
    struct.error, zlib.error, Image.DecompressionBombError, ImageCms.PyCMSError,
)  # fmt: skip


def process(content: bytes, close_up: bool) -> Picture:
    """Return the clean pictures. Raises PictureRefused; any warning of a decoder counts as damage."""
    if len(content) > LARGEST_FILE_BYTES:
        raise refusal("too_large")
    Image.MAX_IMAGE_PIXELS = LARGEST_PICTURE_PIXELS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return _make(content, close_up)
    except MemoryError as lack:
        raise refusal("too_heavy") from lack
    except _BROKEN_FILE as broken:
        raise refusal("damaged") from broken


def _make(content: bytes, close_up: bool) -> Picture:
    source = recognise(content)
    if source == "heic":
        original, pixels, profile, notes = _open_heic(content)
    else:
        stripped = _STRIPPERS[source](content)
        original = PictureFile(stripped.content, stripped.media_type, stripped.width, stripped.height)
        pixels, profile, notes = decode(stripped), stripped.profile, stripped.notes
    diagnostic = make_diagnostic(pixels, notes.orientation, profile)
    return Picture(
        original=original,
        diagnostic=diagnostic_file(diagnostic, close_up),
        thumb=thumb_file(diagnostic),
        source_format=source,
        orientation=notes.orientation,
        taken_at=notes.taken_at,
        lens=notes.lens,
        focal_length_mm=notes.focal_length_mm,
        focal_length_35mm=notes.focal_length_35mm,
        measures=measure(diagnostic, (original.width, original.height)),
        card=_card(diagnostic, notes),
    )


def _card(diagnostic: Image.Image, notes: DeviceNotes) -> dict[str, Any]:
    found = find_card(diagnostic, notes.focal_length_35mm)
    return {"version": CARD_VERSION, **(found.as_values() if found else {"found": False})}


def _open_heic(content: bytes) -> tuple[PictureFile, Image.Image, bytes | None, DeviceNotes]:
    """Decode a HEIC once; its original is an upright JPEG, so that no orientation is left to apply."""
    pixels, profile, notes, to_turn = decode_heic(content)
    pixels = plain_pixels(pixels).convert("RGB")
    if to_turn:
        pixels = turn(pixels, notes.orientation)
    return original_from_pixels(pixels, profile), pixels, profile, replace(notes, orientation=1)
