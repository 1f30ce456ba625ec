"""What is measured on the final picture, version 4; ``domain/photo_quality.py`` says what the figures mean.

The phone measures the same in ``static/js/camera/measures.js``, whole number by whole number: sharpness on the central
region at 640 px, light and glare on the whole picture, some whole pixels in one, at about
480 px. Nothing here looks at the colour of skin.
"""

from __future__ import annotations

from typing import Any, Final

from PIL import Image

from dermavis.adapters.imaging.light import FRAME_LONG_SIDE, light_of
from dermavis.adapters.imaging.sharpness import sharpness_of, stretch_of

MEASURES_VERSION: Final = 4
_REGION_LONG_SIDE: Final = 640
_REGION_SHARE: Final = 0.7
_SHARE_IN_VIGNETTE: Final = 0.5
"""What a dermoscope shows is round: its dark rim must not count as the sharpest edge."""


def measure(diagnostic: Image.Image, original_size: tuple[int, int]) -> dict[str, Any]:
    """Return the measures: shares and ratios between 0 (all blur) and 1, levels of 255, sides in pixels."""
    rgb = diagnostic if diagnostic.mode == "RGB" else diagnostic.convert("RGB")
    light = light_of(rgb.reduce(max(1, _rounded(max(rgb.size) / FRAME_LONG_SIDE))))
    region = central_region(rgb, _SHARE_IN_VIGNETTE if light["vignette"] else _REGION_SHARE)
    return {
        "version": MEASURES_VERSION,
        "width": max(original_size),
        "height": min(original_size),
        **light,
        **_sharpness(region.convert("L")),
    }


def _sharpness(region: Image.Image) -> dict[str, float]:
    stretch = stretch_of(region)
    return sharpness_of(shrunk(stretch.applied(region), _REGION_LONG_SIDE), stretch)


def central_region(image: Image.Image, share: float) -> Image.Image:
    """Return the middle of a picture, that share of each side."""
    wide, high = (max(1, _rounded(side * share)) for side in image.size)
    left, top = (image.width - wide) // 2, (image.height - high) // 2
    return image.crop((left, top, left + wide, top + high))


def shrunk(image: Image.Image, long_side: int) -> Image.Image:
    """Return the picture averaged down to that long side; a smaller one stays as it is."""
    scale = long_side / max(image.size)
    if scale >= 1:
        return image
    size = (max(1, _rounded(image.width * scale)), max(1, _rounded(image.height * scale)))
    return image.resize(size, Image.Resampling.BOX)


def _rounded(value: float) -> int:
    return int(value + 0.5)
