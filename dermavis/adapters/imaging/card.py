"""Finds the reference card in an upright picture: its code, then its six discs, each telling better where the next is.

The code's corners are whole pixels and lie on one side of the card: they only say where the discs are. The fit that
counts is that of the discs' centres. Pixels a module are told as if the picture's long side had 1280.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import zxingcpp
from PIL import Image, ImageFilter

from dermavis.adapters.imaging.card_discs import Found, find_disc
from dermavis.adapters.imaging.card_greys import read_greys
from dermavis.adapters.imaging.card_search import dense_regions
from dermavis.domain import reference_card as card
from dermavis.domain.card_reading import BENT_MM, CardReading
from dermavis.domain.homography import Map, NoMap, Point, apply, compose, fit, inverse, tilt_degrees

LONG_SIDE: Final = 1280
_SHARPER: Final = ImageFilter.UnsharpMask(3, 300)
_SHARPER_TWICE: Final = ImageFilter.UnsharpMask(4, 300)
_CORNER_WEIGHTS: Final = (0.25, 0.25, 0.05, 0.25)
"""A whole pixel says less than the centre of a disc; the third corner has no finder and is often pixels off."""

_MOST_SHARPENED: Final = 640
"""Pixels of a part's long side, at 1280 of the whole: a larger one is a page of print, no card to sharpen."""

_LEAST_CODE_PIXELS: Final = 30.0
_FILM_DIAGONAL_MM: Final = 43.27


@dataclass(frozen=True)
class _Code:
    """A card's code in the grey picture: its batch, and its corners from the top left clockwise."""

    batch: str
    corners: tuple[Point, ...]

    @property
    def shortest_side(self) -> float:
        """The side that the tilt shortens most, in pixels."""
        return min(math.dist(self.corners[i], self.corners[(i + 1) % 4]) for i in range(4))


def find_card(upright: Image.Image, focal_35mm: float | None = None) -> CardReading | None:
    """Return the card of a picture, None without one. ``focal_35mm``: the camera's, in millimetres on 35-mm film."""
    grey = upright.convert("L")
    code = _find_code(grey)
    if code is None:
        return None
    try:
        return _read(upright, grey, code, focal_35mm)
    except (NoMap, ValueError, ZeroDivisionError, OverflowError):
        return None  # a code without a card around it, or one that the edge of the picture cuts


def _find_code(grey: Image.Image) -> _Code | None:
    """Look where something is drawn as densely as a code, then again, sharpened; most pictures have no such place."""
    regions = dense_regions(grey)
    parts = [(grey.crop(region), region[:2]) for region in regions]
    for part, at in parts:
        code = _decode(part, at)
        if code is not None:
            return code
    scale = min(1.0, LONG_SIDE / max(grey.size))
    for times, sharper in ((1, _SHARPER), (2, _SHARPER_TWICE)):
        for part, at in parts:
            size = (round(part.width * scale * times), round(part.height * scale * times))
            if max(size) > _MOST_SHARPENED * times:
                continue
            again = part.resize(size, Image.Resampling.BICUBIC).filter(sharper)
            code = _decode(again, at, (again.width / part.width, again.height / part.height))
            if code is not None:
                return code
    return None


def _decode(
    grey: Image.Image, at: tuple[int, int] = (0, 0), scale: tuple[float, float] = (1.0, 1.0)
) -> _Code | None:
    """Return the card's code in a part of the picture that begins ``at`` and is shown ``scale`` times as large."""
    found = zxingcpp.read_barcodes(
        grey,
        formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode]),
        binarizer=zxingcpp.Binarizer.LocalAverage,
        try_invert=False,
        text_mode=zxingcpp.TextMode.Plain,
    )
    for each in found:
        batch = card.batch_of(each.text)
        if batch is None:
            continue
        place: Any = each.position
        corners = tuple(
            # told from the pixel's edge
            (point.x / scale[0] - 0.5 + at[0], point.y / scale[1] - 0.5 + at[1])
            for point in (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
        )
        code = _Code(batch, corners)
        if code.shortest_side >= _LEAST_CODE_PIXELS:
            return code
    return None


def _read(
    upright: Image.Image, grey: Image.Image, code: _Code, focal_35mm: float | None
) -> CardReading | None:
    pairs: list[tuple[Point, Point]] = list(zip(card.CODE_CORNERS, code.corners, strict=True))
    weights = [*_CORNER_WEIGHTS]
    into_picture = fit(pairs, weights)
    middle = (card.CODE_LEFT + card.CODE_MM / 2, card.CODE_MIDDLE)
    contrast = _contrast(grey, into_picture)
    found: list[Found] = []
    astray = 0.0
    for disc in sorted(card.DISCS, key=lambda centre: math.dist(centre, middle)):
        seen = find_disc(grey, into_picture, disc, contrast)
        if seen is None:
            continue
        if seen.astray:
            astray = max(astray, seen.off_mm)
            continue
        found.append(seen)
        pairs.append((disc, seen.in_picture))
        weights.append(1.0)
        into_picture = fit(pairs, weights)
    to_mm = inverse(into_picture)
    residuals = [math.dist(apply(to_mm, seen.in_picture), seen.disc) for seen in found]
    worst = max([*residuals, astray])
    rms = math.sqrt(sum(each * each for each in residuals) / len(residuals)) if residuals else 0.0
    if not _in_front(into_picture):
        return None
    unit = (float(grey.width), 0.0, -0.5, 0.0, float(grey.height), -0.5, 0.0, 0.0, 1.0)
    colours = read_greys(upright, into_picture)
    return CardReading(
        batch=code.batch,
        to_mm=_rounded(compose(to_mm, unit)),
        discs=len(found),
        both_ends={min(card.DISCS)[0], max(card.DISCS)[0]} <= {seen.disc[0] for seen in found},
        worst_mm=round(worst, 4),
        rms_mm=round(rms, 4),
        module_pixels=round(code.shortest_side / card.MODULES * LONG_SIDE / max(grey.size), 2),
        confidence=round(len(found) / len(card.DISCS) * max(0.0, 1 - worst / BENT_MM), 3),
        tilt=_tilt(grey, into_picture, focal_35mm),
        gains=colours.gains,
        uneven=colours.uneven,
    )


def _contrast(grey: Image.Image, into_picture: Map) -> float:
    """Return by how many levels the code's black lies under its white: a disc is as black."""
    dark, white = [], []
    # The middle of the three finders, and the quiet edge beside them.
    for x, y in ((15.33, 18.08), (28.67, 18.08), (15.33, 31.42)):
        dark.append(_level(grey, apply(into_picture, (x, y))))
    for x, y in ((10.0, 18.0), (34.0, 18.0), (10.0, 31.0), (22.0, 12.8)):
        white.append(_level(grey, apply(into_picture, (x, y))))
    return sorted(white)[len(white) // 2] - sorted(dark)[len(dark) // 2]


def _level(grey: Image.Image, at: Point) -> float:
    value = grey.getpixel((round(at[0]), round(at[1]))) if _inside(grey, at) else None
    if not isinstance(value, (int, float)):
        raise ValueError("the code leaves the picture")
    return float(value)


def _inside(image: Image.Image, at: Point) -> bool:
    return -0.5 < at[0] < image.width - 0.5 and -0.5 < at[1] < image.height - 0.5


def _in_front(into_picture: Map) -> bool:
    """Whether the whole card lies on one side of the map's horizon."""
    _, _, _, _, _, _, g, h, i = into_picture
    corners = ((0.0, 0.0), (card.WIDTH_MM, 0.0), (0.0, card.HEIGHT_MM), (card.WIDTH_MM, card.HEIGHT_MM))
    sides = [g * x + h * y + i for x, y in corners]
    return min(sides) > 0 or max(sides) < 0


def _tilt(grey: Image.Image, into_picture: Map, focal_35mm: float | None) -> float | None:
    if not focal_35mm or focal_35mm <= 0:
        return None
    focal = focal_35mm / _FILM_DIAGONAL_MM * math.hypot(*grey.size)
    return round(tilt_degrees(into_picture, focal, ((grey.width - 1) / 2, (grey.height - 1) / 2)), 1)


def _rounded(map_: Map) -> Map:
    a, b, c, d, e, f, g, h, i = (float(f"{each:.9g}") for each in map_)
    return (a, b, c, d, e, f, g, h, i)
