"""One disc of the card: looked at as if the card lay straight, it is where its darkness has its middle."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from PIL import Image

from dermavis.domain import reference_card as card
from dermavis.domain.homography import Map, Point, apply

_STEP_MM: Final = 0.2
_REACH_MM: Final = 3.4
"""Around the disc's centre: 1.4 mm of white around it, never the edge of the card 5.5 mm away."""

_RECENTRINGS: Final = 4
_STILL_MM: Final = 0.005
_FARTHEST_MM: Final = 1.8
_OUT_OF_SIGHT_MM: Final = 4.5
_LEAST_AREA, _MOST_AREA = 0.65, 1.45
_LEAST_CONTRAST: Final = 25.0
_AS_BLACK: Final = 0.45
"""Of the code's contrast."""

_NOMINAL_AREA: Final = math.pi * (card.DISC_MM / 2) ** 2
_SIDE: Final = 2 * round(_REACH_MM / _STEP_MM) + 1
_OFFSETS: Final = tuple(
    (row * _SIDE + column, dx, dy)
    for row in range(_SIDE)
    for column in range(_SIDE)
    for dx, dy in (((column - _SIDE // 2) * _STEP_MM, (row - _SIDE // 2) * _STEP_MM),)
    if math.hypot(dx, dy) <= _REACH_MM
)


@dataclass(frozen=True)
class Found:
    """A disc, where its centre is in the picture (pixels), and how far from where it should be (millimetres).

    ``astray``: too far to be of the plane of the others. Paper is bent there.
    """

    disc: Point
    in_picture: Point
    off_mm: float

    @property
    def astray(self) -> bool:
        """Whether it is no witness of the card's plane."""
        return self.off_mm > _FARTHEST_MM


def find_disc(grey: Image.Image, into_picture: Map, disc: Point, contrast: float) -> Found | None:
    """Return a disc of the card; None where none of its size and blackness is near where it should be."""
    centre = disc
    share = 0.0
    for _ in range(_RECENTRINGS):
        moved = _darkness_middle(grey, into_picture, centre, contrast)
        if moved is None or math.dist(moved[0], disc) > _OUT_OF_SIGHT_MM:
            return None
        still = math.dist(moved[0], centre) < _STILL_MM
        centre, share = moved
        if still:
            break
    if share < _LEAST_AREA:
        return None
    return Found(disc, apply(into_picture, centre), math.dist(centre, disc))


def _darkness_middle(
    grey: Image.Image, into_picture: Map, centre: Point, contrast: float
) -> tuple[Point, float] | None:
    """Return the middle of the darkness around a place, and its share of a disc's area."""
    corners = [
        apply(into_picture, (centre[0] + dx, centre[1] + dy))
        for dx in (-_REACH_MM, _REACH_MM)
        for dy in (-_REACH_MM, _REACH_MM)
    ]
    if not all(0 <= x <= grey.width - 1 and 0 <= y <= grey.height - 1 for x, y in corners):
        return None
    levels = _straightened(grey, into_picture, centre)
    ranked = sorted(levels[at] for at, _, _ in _OFFSETS)
    white, black = ranked[len(ranked) * 85 // 100], ranked[len(ranked) // 20]
    if white - black < max(_LEAST_CONTRAST, _AS_BLACK * contrast):
        return None
    darkness = [
        (min(1.0, max(0.0, (white - levels[at]) / (white - black))), dx, dy) for at, dx, dy in _OFFSETS
    ]
    share = sum(dark for dark, _, _ in darkness) * _STEP_MM**2 / _NOMINAL_AREA
    if share > _MOST_AREA:
        return None
    # The paper's grain and its shading are no darkness of the disc.
    heavy = [(dark - 0.2, dx, dy) for dark, dx, dy in darkness if dark > 0.2]
    weight = sum(each for each, _, _ in heavy)
    middle = (
        centre[0] + sum(each * dx for each, dx, _ in heavy) / weight,
        centre[1] + sum(each * dy for each, _, dy in heavy) / weight,
    )
    return middle, share


def _straightened(grey: Image.Image, into_picture: Map, centre: Point) -> bytes:
    """Return the square around a place of the card, a sample every 0.2 mm, as if seen from straight above.

    Where the picture has many pixels a sample, it is taken at a lesser scale, or its grain would be sampled.
    """
    around = apply(into_picture, centre)
    beside = apply(into_picture, (centre[0] + 1, centre[1]))
    less = max(1, int(math.dist(around, beside) * _STEP_MM))
    if less > 1:
        reach = 2 * _REACH_MM * math.dist(around, beside)
        left, top = max(0, int(around[0] - reach)), max(0, int(around[1] - reach))
        grey = grey.crop(
            (
                left,
                top,
                min(grey.width, int(around[0] + reach) + 1),
                min(grey.height, int(around[1] + reach) + 1),
            )
        )
        grey = grey.reduce(less)
    else:
        left = top = 0
    a, b, c, d, e, f, g, h, i = into_picture
    # Pillow samples at the middle of a pixel (x + 0.5): both sides are shifted by a half.
    half = (_SIDE - 1) / 2 + 0.5
    x0, y0 = centre[0] - half * _STEP_MM, centre[1] - half * _STEP_MM
    below = g * x0 + h * y0 + i
    lower = (g * _STEP_MM / below, h * _STEP_MM / below, 1.0)
    across = (a * _STEP_MM / below, b * _STEP_MM / below, (a * x0 + b * y0 + c) / below)
    down = (d * _STEP_MM / below, e * _STEP_MM / below, (d * x0 + e * y0 + f) / below)
    # From the whole picture's pixel to its edge, to the crop's corner, to the lesser scale.
    coefficients = (
        *((one + (0.5 - left) * under) / less for one, under in zip(across, lower, strict=True)),
        *((one + (0.5 - top) * under) / less for one, under in zip(down, lower, strict=True)),
        *lower[:2],
    )
    square = grey.transform(
        (_SIDE, _SIDE), Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BILINEAR
    )
    return square.tobytes()
