"""The two pictures that people look at: upright, sRGB, without a word beside the pixels."""

from __future__ import annotations

import io
from typing import Final

from PIL import Image, ImageStat

from dermavis.adapters.imaging.colour import plain_pixels, to_srgb
from dermavis.adapters.imaging.stripped import Stripped
from dermavis.domain.pictures import DIAGNOSTIC_LONG_SIDE, THUMB_LONG_SIDE, refusal
from dermavis.domain.ports import PictureFile

_CLOSE_UP_QUALITY: Final = 90
_ORDINARY_QUALITY: Final = 85
_THUMB_QUALITY: Final = 80
_WHOLE_COLOUR: Final = "4:4:4"
_HALVED_COLOUR: Final = "4:2:0"
_FLAT_RANGE: Final = 3
_SAMPLE: Final = (64, 64)
_NEUTRAL_CHROMA: Final = 24
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def decode(stripped: Stripped) -> Image.Image:
    """Decode the stripped picture, a JPEG at the smallest scale that holds the diagnostic picture."""
    image = Image.open(io.BytesIO(stripped.content), formats=(stripped.pillow_format,))
    if image.size != (stripped.width, stripped.height):
        raise refusal("damaged")
    if stripped.pillow_format == "JPEG":
        upright = image.width >= image.height
        image.draft(None, (DIAGNOSTIC_LONG_SIDE, 1) if upright else (1, DIAGNOSTIC_LONG_SIDE))
    image.load()
    return image


def make_diagnostic(image: Image.Image, orientation: int, profile: bytes | None) -> Image.Image:
    """Return the pixels of the diagnostic picture. Raises PictureRefused when nothing can be seen on it."""
    shrunk = shrink(plain_pixels(image), DIAGNOSTIC_LONG_SIDE)
    pixels = turn(to_srgb(shrunk, profile), orientation)
    refuse_uniform(pixels)
    return pixels


def shrink(image: Image.Image, long_side: int) -> Image.Image:
    """Return the picture with that long side; a smaller one stays as it is."""
    longest = max(image.size)
    if longest <= long_side:
        return image
    if longest % long_side == 0:
        return image.reduce(longest // long_side)
    size = tuple(max(1, round(side * long_side / longest)) for side in image.size)
    return image.resize((size[0], size[1]), Image.Resampling.BICUBIC, reducing_gap=1.5)


def turn(image: Image.Image, orientation: int) -> Image.Image:
    """Apply EXIF's orientation to the pixels."""
    return image.transpose(_TURNS[orientation]) if orientation in _TURNS else image


def refuse_uniform(image: Image.Image) -> None:
    """Raise PictureRefused for a black, white or grey sheet: what a canvas or a decoder that failed leaves behind."""
    # A few of its own pixels already tell of nearly every picture that it is none.
    if _is_flat(image.resize(_SAMPLE, Image.Resampling.NEAREST)) and _is_flat(image):
        means = ImageStat.Stat(image).mean
        if max(means) - min(means) <= _NEUTRAL_CHROMA:
            raise refusal("uniform")


def _is_flat(image: Image.Image) -> bool:
    return all(isinstance(r, tuple) and r[1] - r[0] <= _FLAT_RANGE for r in image.getextrema())


def diagnostic_file(pixels: Image.Image, close_up: bool) -> PictureFile:
    """Compress the diagnostic picture: whole colour for close-ups and dermoscopy."""
    if close_up:
        return _compress(pixels, _CLOSE_UP_QUALITY, _WHOLE_COLOUR)
    return _compress(pixels, _ORDINARY_QUALITY, _HALVED_COLOUR)


def thumb_file(pixels: Image.Image) -> PictureFile:
    """Make the thumb from the diagnostic picture."""
    return _compress(shrink(pixels, THUMB_LONG_SIDE), _THUMB_QUALITY, _HALVED_COLOUR)


def original_from_pixels(pixels: Image.Image, profile: bytes | None) -> PictureFile:
    """Compress whole pixels that no browser could show otherwise, with their profile."""
    return _compress(pixels, 95, _WHOLE_COLOUR, profile)


def _compress(pixels: Image.Image, quality: int, colour: str, profile: bytes | None = None) -> PictureFile:
    pixels.info.clear()
    file = io.BytesIO()
    pixels.save(file, "JPEG", quality=quality, subsampling=colour, icc_profile=profile)
    return PictureFile(file.getvalue(), "image/jpeg", pixels.width, pixels.height)
