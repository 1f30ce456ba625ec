"""Light of a whole picture at 480 px: what is clipped, and glare.

Exposure is judged by clipping, never by how light a skin is. A dermoscope's black rim and a white thing (sheet, gauze,
ruler, card) are no part of it. Glare is a small near-white spot with something coloured around it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from PIL import Image, ImageChops

from dermavis.adapters.imaging.spots import Spot, spots_of

FRAME_LONG_SIDE: Final = 480
DARK: Final = 15
BRIGHT: Final = 250
NEAR_WHITE: Final = 235
WHITER: Final = 247
"""Of a large near-white area that is no thing: the lightest skin is near-white, what shines or lies on it is more."""
MOST_CHROMA: Final = 20
LARGEST_SPOT: Final = 0.02
LARGEST_THING: Final = 0.5
"""Of the picture: what is white beyond that is burnt, or leaves too little to look at, however it ends."""
SMALLEST_SPOT: Final = 4  # pixels
RING: Final = 6  # pixels between a spot's box and what is looked at around it: beyond its soft edge
NEUTRAL: Final = 32
"""A pixel is neutral where max − min is less than that part of max: paper and gauze are, no skin is."""
TOO_DARK_TO_TELL: Final = 100
LEAST_COLOURED: Final = 5  # for each neutral pixel around a spot
ENDED: Final = {NEAR_WHITE: 215, WHITER: 242}
"""Of an area of that level: what is no lighter two pixels beyond it has ended at once."""
_CELL: Final = 8
_RIM: Final = 40
_DISC: Final = 0.3
_MOST_RIM_IN_DISC: Final = 0.02


def light_of(frame: Image.Image) -> dict[str, Any]:
    """Return the mean luma, the clipped shares, the glare and whether a dermoscope's rim was left out."""
    luma = frame.convert("L")
    red, green, blue = frame.split()
    high = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    low = ImageChops.darker(ImageChops.darker(red, green), blue)
    counts = luma.histogram()
    pixels = frame.width * frame.height
    rim = vignette(luma)
    seen = [count - outside for count, outside in zip(counts, rim, strict=True)]
    kept = sum(seen)
    glare, bright = 0, sum(counts[BRIGHT + 1 :])
    if bright:
        around = _Around(frame.size, high.tobytes(), low.tobytes())
        clipped = luma.point([255 if level > BRIGHT else 0 for level in range(256)]).tobytes()
        for spot, thing in _white_spots(around, high, low):
            shines = spot.area < LARGEST_SPOT * pixels and around.is_glare(spot)
            burnt = spot.count(clipped, frame.width)
            glare += burnt if shines else 0  # what shines is clipped; the lightest skin is not
            bright -= burnt if shines or thing else 0
    return {
        "mean_luma": round(sum(level * count for level, count in enumerate(seen)) / kept, 1),
        "dark_share": round(sum(seen[:DARK]) / kept, 4),
        "bright_share": round(max(0, bright) / kept, 4),
        "glare_share": round(glare / kept, 4),
        "vignette": kept < pixels,
        "spread": max(_range(channel) for channel in (red, green, blue)),
    }


def _white_spots(around: _Around, high: Image.Image, low: Image.Image) -> Iterator[tuple[Spot, bool]]:
    """Give the white areas that are large enough to look at, and whether each is a thing."""
    grey = ImageChops.subtract(high, low).point([255 if level < MOST_CHROMA else 0 for level in range(256)])

    def as_white_as(least: int) -> Image.Image:
        return ImageChops.darker(grey, low.point([255 if level >= least else 0 for level in range(256)]))

    largest = LARGEST_SPOT * low.width * low.height
    for spot in _seen(spots_of(as_white_as(NEAR_WHITE))):
        thing = around.is_thing(spot, NEAR_WHITE)
        if thing or spot.area < largest:
            yield spot, thing
        else:
            for part in _seen(spots_of(spot.alone(as_white_as(WHITER)))):
                yield part, around.is_thing(part, WHITER)


def _seen(spots: list[Spot]) -> list[Spot]:
    return [spot for spot in spots if spot.area >= SMALLEST_SPOT]


def _range(channel: Image.Image) -> int:
    used = [level for level, count in enumerate(channel.histogram()) if count]
    return used[-1] - used[0]


class _Around:
    """The lightest and the darkest channel of each pixel, to look around a spot."""

    def __init__(self, size: tuple[int, int], high: bytes, low: bytes) -> None:
        self.width, self.height = size
        self.high, self.low = high, low

    def is_glare(self, spot: Spot) -> bool:
        """Whether a small spot shines on something coloured; one that the picture cuts off is a thing."""
        if spot.left == 0 or spot.top == 0 or spot.right == self.width - 1 or spot.bottom == self.height - 1:
            return False
        coloured = neutral = 0
        for at in self._ring(spot):
            high = self.high[at]
            if high < TOO_DARK_TO_TELL or (high - self.low[at]) * NEUTRAL >= high:
                coloured += 1
            else:
                neutral += 1
        return coloured >= LEAST_COLOURED * neutral

    def is_thing(self, spot: Spot, level: int) -> bool:
        """Whether a white area ends at once, as paper does, and not little by little, as light on skin does."""
        if spot.area > LARGEST_THING * self.width * self.height:
            return False
        beyond = [self.low[at] for at in spot.rim(self.width, self.height) if self.low[at] < level]
        return sum(low <= ENDED[level] for low in beyond) * 2 > len(beyond)

    def _ring(self, spot: Spot) -> list[int]:
        left, right = spot.left - RING, spot.right + RING
        top, bottom = spot.top - RING, spot.bottom + RING
        across = [x for x in range(left, right + 1) if 0 <= x < self.width]
        down = [y for y in range(top + 1, bottom) if 0 <= y < self.height]
        ring = [y * self.width + x for y in (top, bottom) if 0 <= y < self.height for x in across]
        return ring + [y * self.width + x for x in (left, right) if 0 <= x < self.width for y in down]


def _without_border(small: Image.Image) -> bytes:
    (wide, high), inner = small.size, small.copy()
    if high > 2:
        inner.paste(small.crop((0, 1, wide, 2)), (0, 0))
        inner.paste(small.crop((0, high - 2, wide, high - 1)), (0, high - 1))
    if wide > 2:
        inner.paste(inner.crop((1, 0, 2, high)), (0, 0))
        inner.paste(inner.crop((wide - 2, 0, wide - 1, high)), (wide - 1, 0))
    return ImageChops.darker(small, inner).tobytes()


def vignette(luma: Image.Image) -> list[int]:
    """Return the histogram of a dermoscope's rim; all zero without one.

    A rim is what is dark and hangs together with all four corners while the disc in the middle is free of it. A line
    drawn along the border hides none: the outermost cells are as dark as those inside of them.
    """
    small = luma.reduce(_CELL)
    wide, high = small.size
    cells = _without_border(small)
    corners = [0, wide - 1, (high - 1) * wide, high * wide - 1]
    if any(cells[corner] >= _RIM for corner in corners):
        return [0] * 256
    inside = bytearray(wide * high)
    waiting = list(corners)
    while waiting:
        at = waiting.pop()
        if inside[at] or cells[at] >= _RIM:
            continue
        inside[at] = 255
        x = at % wide
        waiting += [
            *([at - 1] if x else []), *([at + 1] if x < wide - 1 else []),
            *([at - wide] if at >= wide else []), *([at + wide] if at < wide * (high - 1) else []),
        ]  # fmt: skip
    reach = _DISC * min(wide, high)
    disc = taken = 0
    for at, value in enumerate(cells):
        across, down = at % wide - (wide - 1) / 2, at // wide - (high - 1) / 2
        if across * across + down * down <= reach * reach:
            disc += 1
            taken += value < _RIM
    if taken > disc * _MOST_RIM_IN_DISC:
        return [0] * 256
    mask = Image.frombytes("L", small.size, bytes(inside)).resize(
        (wide * _CELL, high * _CELL), Image.Resampling.NEAREST
    ).crop((0, 0, *luma.size))  # fmt: skip
    return luma.histogram(mask)
