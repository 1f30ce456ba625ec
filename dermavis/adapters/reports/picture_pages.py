"""A picture of a report as a page of its own size: its JPEG untouched, and what was drawn beside it laid over."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Sequence
from typing import Any, Final

STROKES: Final = (("#000000", 0.022), ("#ffffff", 0.011))
"""Colour and width, as a share of the shorter side: seen on every skin, at a few centimetres."""

_HEAD: Final = 0.08  # of the shorter side
_OPEN: Final = 0.5  # radians between the shaft and each side of the head


def size_of(content: bytes) -> tuple[int, int]:
    """Return width and height in pixels. Raises ValueError for anything but a JPEG."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content), formats=["JPEG"]) as picture:
            return picture.size
    except UnidentifiedImageError as error:
        raise ValueError("a picture of the report is not a JPEG") from error


def in_svg(content: bytes, width: int, height: int, marks: Sequence[dict[str, Any]] = ()) -> str:
    """Return the page as SVG: typst takes text, not bytes, from Python. ``marks``: as ``PhotoMark`` keeps them."""
    encoded = base64.b64encode(content).decode("ascii")
    drawn = "".join(
        f'<g fill="none" stroke-linecap="round" stroke-linejoin="round" stroke="{colour}" '
        f'stroke-width="{share * min(width, height):.1f}">{_shape(mark, width, height)}</g>'
        for mark in marks
        for colour, share in STROKES
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f'<image width="{width}" height="{height}" href="data:image/jpeg;base64,{encoded}"/>{drawn}</svg>'
    )


def _shape(mark: dict[str, Any], width: int, height: int) -> str:
    (from_x, from_y), (to_x, to_y) = (
        (across * width, down * height) for across, down in (mark["start"], mark["end"])
    )
    if mark["shape"] == "circle":
        return f'<circle cx="{from_x:.1f}" cy="{from_y:.1f}" r="{math.hypot(to_x - from_x, to_y - from_y):.1f}"/>'
    back, length = math.atan2(from_y - to_y, from_x - to_x), _HEAD * min(width, height)
    sides = [
        f"{to_x + length * math.cos(back + turn):.1f} {to_y + length * math.sin(back + turn):.1f}"
        for turn in (_OPEN, -_OPEN)
    ]
    tip = f"{to_x:.1f} {to_y:.1f}"
    return f'<path d="M {from_x:.1f} {from_y:.1f} L {tip} M {sides[0]} L {tip} L {sides[1]}"/>'
