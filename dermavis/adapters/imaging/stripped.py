"""A compressed picture from which everything but the picture has been left out."""

from __future__ import annotations

from dataclasses import dataclass, field

from dermavis.domain.pictures import LARGEST_PICTURE_PIXELS, refusal


@dataclass(frozen=True)
class DeviceNotes:
    """What is kept of the camera's notes: no place, no maker note, no serial number.

    ``orientation`` is EXIF's, 1 to 8; ``taken_at`` the device's local time in ISO 8601, with its offset where noted.
    """

    orientation: int = 1
    taken_at: str | None = None
    lens: str | None = None
    focal_length_mm: float | None = None
    focal_length_35mm: float | None = None


@dataclass(frozen=True)
class Stripped:
    """The picture's own compressed bytes. ``profile`` is the ICC profile that they carry, if any."""

    content: bytes
    pillow_format: str
    media_type: str
    width: int
    height: int
    profile: bytes | None = None
    notes: DeviceNotes = field(default_factory=DeviceNotes)


def refuse_unfit_size(width: int, height: int) -> None:
    """Raise PictureRefused for a picture without area, or with more pixels than may be decoded."""
    if width < 1 or height < 1:
        raise refusal("damaged")
    if width * height > LARGEST_PICTURE_PIXELS:
        raise refusal("too_many_pixels")
