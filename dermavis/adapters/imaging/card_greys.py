"""The greys of the card: per channel, what would make them neutral, and how even the light on the card is.

Paper white is clipped in a fifth of all photographs: it is never the reference. All arithmetic is in linear light.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from PIL import Image

from dermavis.domain import reference_card as card
from dermavis.domain.card_reading import LEAST_GREYS
from dermavis.domain.homography import Map, NoMap, Point, apply

_INNER: Final = 0.6
"""Of a patch's side: its edge mixes with the paper."""

_SAMPLES: Final = 9
_CLIPPED: Final = 250
_DARKEST: Final = 8
_LEAST_USABLE: Final = 0.9
_LUMA: Final = (0.2126, 0.7152, 0.0722)
_LINEAR: Final = tuple(
    level / 255 / 12.92 if level <= 10 else ((level / 255 + 0.055) / 1.055) ** 2.4 for level in range(256)
)

Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Greys:
    """``gains`` per channel keep the luminance; ``uneven``: the most light over the least on one grey."""

    gains: Colour | None
    uneven: float | None


def read_greys(upright: Image.Image, into_picture: Map) -> Greys:
    """Return what the greys say; ``into_picture`` goes from the card's millimetres to this picture's pixels."""
    colours = upright if upright.mode == "RGB" else upright.convert("RGB")
    greys = [
        (level, _patch(colours, into_picture, corner, card.GREY_MM)) for level, corner in card.GREY_PATCHES
    ]
    lights = [_patch(colours, into_picture, corner, card.LIGHT_MM) for corner in card.LIGHT_PATCHES]
    seen = [patch for _, patch in greys if patch is not None]
    same = [patch for level, patch in greys if level == card.LIGHT_LEVEL and patch is not None]
    return Greys(_gains(seen), _uneven([each for each in lights if each is not None], same))


def _gains(patches: list[Colour]) -> Colour | None:
    if len(patches) < LEAST_GREYS:
        return None
    sums = [sum(patch[channel] for patch in patches) for channel in range(3)]
    luminance = sum(weight * each for weight, each in zip(_LUMA, sums, strict=True))
    red, green, blue = (round(luminance / each, 4) for each in sums)
    return red, green, blue


def _uneven(lights: list[Colour], same: list[Colour]) -> float | None:
    """The two patches at the top tell; the same grey in the middle besides, where it is seen."""
    if len(lights) < len(card.LIGHT_PATCHES):
        return None
    levels = [
        sum(weight * each for weight, each in zip(_LUMA, patch, strict=True)) for patch in (*lights, *same)
    ]
    return round(max(levels) / min(levels), 3)


def _patch(colours: Image.Image, into_picture: Map, corner: Point, side: float) -> Colour | None:
    """Return the mean linear colour of a patch's middle; None where it is clipped, too dark or out of the picture."""
    margin = side * (1 - _INNER) / 2
    step = side * _INNER / (_SAMPLES - 1)
    sums = [0.0, 0.0, 0.0]
    count = 0
    for row in range(_SAMPLES):
        for column in range(_SAMPLES):
            try:
                x, y = apply(
                    into_picture, (corner[0] + margin + column * step, corner[1] + margin + row * step)
                )
            except NoMap:
                return None
            if not (math.isfinite(x) and 0 <= x <= colours.width - 1 and 0 <= y <= colours.height - 1):
                return None
            pixel = colours.getpixel((round(x), round(y)))
            if not isinstance(pixel, tuple) or max(pixel) >= _CLIPPED or min(pixel) <= _DARKEST:
                continue
            for channel in range(3):
                sums[channel] += _LINEAR[int(pixel[channel])]
            count += 1
    if count < _LEAST_USABLE * _SAMPLES**2:
        return None
    return sums[0] / count, sums[1] / count, sums[2] / count
