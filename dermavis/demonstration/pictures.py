"""Pictures of skin drawn by the project itself: no picture of the demonstration shows a patient.

Each is made of noise at several sizes for the skin, an irregular patch for the lesion, and the word DÉMONSTRATION.
"""

from __future__ import annotations

import io
import math
import random
from dataclasses import dataclass
from functools import cache, lru_cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from dermavis.adapters.reports import FONT
from dermavis.domain.ports import Picture, PictureFile

SIZE = (800, 600)
"""Drawn small, kept at twice the size."""

KEPT = (1600, 1200)
WORD = "DÉMONSTRATION"
PATCHES = 3
"""How many skins of each colour are drawn: they take the most time."""

GREYS = bytes(96 + value // 4 for value in range(256))
"""Random bytes as greys around the middle."""

Colour = tuple[int, int, int]

SKINS: dict[str, Colour] = {"light": (226, 184, 162), "medium": (198, 148, 116), "dark": (126, 86, 64)}


@dataclass(frozen=True)
class Look:
    """How a lesion looks: its colours from edge to centre, radius (share of the height), roughness of its border."""

    edge: Colour
    centre: Colour
    radius: float
    rough: float
    count: int = 1
    scales: bool = False


LOOKS: dict[str, Look] = {
    "naevus": Look((150, 98, 72), (104, 62, 44), 0.11, 0.06),
    "melanoma": Look((78, 48, 40), (34, 24, 26), 0.17, 0.34),
    "keratosis": Look((142, 98, 70), (98, 66, 48), 0.19, 0.16),
    "carcinoma": Look((222, 168, 160), (176, 92, 92), 0.13, 0.10),
    "eczema": Look((206, 112, 100), (186, 88, 82), 0.16, 0.30, 5),
    "psoriasis": Look((198, 92, 88), (214, 150, 142), 0.15, 0.18, 4, True),
    "wound": Look((164, 62, 58), (120, 34, 38), 0.24, 0.22),
    "spots": Look((204, 96, 90), (188, 76, 74), 0.045, 0.12, 16),
}


@lru_cache(maxsize=128)
def draw(look: str, view: str, skin: str = "light") -> Picture:
    """Return the picture of a lesion seen as ``view`` (overview, close_up, scale …); the same each time."""
    seed = random.Random(f"{look} {view} {skin}")  # noqa: S311 (a drawing, not a secret)
    image = _skin(seed.randrange(PATCHES), SKINS[skin]).copy()
    far = view in {"overview", "distribution", "region", "whole_site"}
    _lesions(image, seed, LOOKS[look], 0.42 if far else 1.0)
    if far:
        image = _limb(image)
    if view == "scale":
        _ruler(image)
    image = image.resize(KEPT, Image.Resampling.BICUBIC)
    _mark(image)
    kept = _encode(image, 90)
    return Picture(
        original=kept,
        diagnostic=kept,
        thumb=_encode(image.resize((320, 240), Image.Resampling.LANCZOS), 80),
        source_format="JPEG",
        measures={"version": 1, "width": KEPT[0], "height": KEPT[1]},  # drawn: not to be judged
    )


@cache
def _skin(patch: int, base: Colour) -> Image.Image:
    """Skin: its colour, clouds of it, fine grain and short lines."""
    seed = random.Random(f"patch {patch}")  # noqa: S311 (a drawing, not a secret)
    image = Image.new("RGB", SIZE, base)
    for step, strength in ((7, 0.10), (23, 0.07), (90, 0.05), (400, 0.06)):
        width = step * 4 // 3
        noise = seed.randbytes(width * step).translate(GREYS)
        cloud = Image.frombytes("L", (width, step), noise).resize(SIZE, Image.Resampling.BICUBIC)
        image = Image.blend(image, ImageChops.overlay(image, Image.merge("RGB", (cloud,) * 3)), strength * 5)
    lines = Image.new("L", SIZE, 0)
    pen = ImageDraw.Draw(lines)
    for _ in range(500):
        x, y, length = seed.randrange(SIZE[0]), seed.randrange(SIZE[1]), seed.randrange(8, 34)
        angle = seed.gauss(0.5, 0.5)
        pen.line((x, y, x + length * math.cos(angle), y + length * math.sin(angle)), fill=34)
    shade = Image.new("RGB", SIZE, tuple(int(part * 0.6) for part in base))
    return Image.composite(shade, image, lines.filter(ImageFilter.GaussianBlur(0.7)))


def _lesions(image: Image.Image, seed: random.Random, look: Look, scale: float) -> None:
    for number in range(look.count):
        spread = 0.0 if look.count == 1 else 0.34
        x = SIZE[0] * (0.5 + seed.uniform(-spread, spread))
        y = SIZE[1] * (0.48 + seed.uniform(-spread, spread) * 0.9)
        radius = SIZE[1] * look.radius * scale * (1 if number == 0 else seed.uniform(0.5, 1.1))
        _lesion(image, seed, look, (x, y), radius)


def _lesion(
    image: Image.Image, seed: random.Random, look: Look, at: tuple[float, float], radius: float
) -> None:
    """A heap of rings, each a little smaller and nearer to the centre's colour, drawn in their own small square."""
    steps = 9
    border = _border(seed, look.rough)
    half = int(radius * 1.9) + 4
    corner = (int(at[0]) - half, int(at[1]) - half)
    for step in range(steps):
        share = 1 - step / steps
        colour = tuple(
            int(edge + (centre - edge) * (step / (steps - 1)) + seed.uniform(-6, 6))
            for edge, centre in zip(look.edge, look.centre, strict=True)
        )
        mask = Image.new("L", (2 * half, 2 * half), 0)
        points = [
            (half + radius * share * grow * math.cos(turn), half + radius * share * grow * math.sin(turn))
            for turn, grow in border
        ]
        ImageDraw.Draw(mask).polygon(points, fill=150 if step == 0 else 110)
        image.paste(colour, corner, mask.filter(ImageFilter.GaussianBlur(radius * 0.045 + 1)))
    if look.scales:
        _scales(image, seed, at, radius)


def _border(seed: random.Random, rough: float) -> list[tuple[float, float]]:
    waves = [(n, seed.uniform(0, math.tau), rough * seed.uniform(0.4, 1) / n) for n in (1, 2, 3, 5, 7, 11)]
    turns = [index * math.tau / 96 for index in range(96)]
    return [(turn, 1 + sum(size * math.sin(n * turn + start) for n, start, size in waves)) for turn in turns]


def _scales(image: Image.Image, seed: random.Random, at: tuple[float, float], radius: float) -> None:
    mask = Image.new("L", SIZE, 0)
    pen = ImageDraw.Draw(mask)
    for _ in range(220):
        turn, far = seed.uniform(0, math.tau), radius * math.sqrt(seed.uniform(0, 0.8))
        x, y, size = at[0] + far * math.cos(turn), at[1] + far * math.sin(turn), seed.uniform(2, 6)
        pen.ellipse((x - size, y - size * 0.6, x + size, y + size * 0.6), fill=120)
    image.paste(Image.new("RGB", SIZE, (238, 226, 220)), (0, 0), mask.filter(ImageFilter.GaussianBlur(1.4)))


def _limb(image: Image.Image) -> Image.Image:
    """Seen from further: the skin is a limb before a dark ground."""
    mask = Image.new("L", SIZE, 0)
    pen = ImageDraw.Draw(mask)
    pen.polygon([(180, 0), (620, 0), (590, SIZE[1]), (215, SIZE[1])], fill=255)
    ground = Image.new("RGB", SIZE, (58, 62, 70))
    shade = mask.filter(ImageFilter.GaussianBlur(13))
    return Image.composite(image, ground, ImageChops.darker(mask.filter(ImageFilter.GaussianBlur(2)), shade))


def _ruler(image: Image.Image) -> None:
    pen = ImageDraw.Draw(image)
    top = int(SIZE[1] * 0.78)
    pen.polygon([(0, top + 10), (SIZE[0], top - 7), (SIZE[0], top + 63), (0, top + 80)], fill=(244, 242, 236))
    for millimetre in range(64):
        x = 15 + millimetre * 12.5
        y = top + 10 - 17 * x / SIZE[0]
        length = 31 if millimetre % 10 == 0 else 21 if millimetre % 5 == 0 else 13
        pen.line((x, y, x, y + length), fill=(24, 24, 26), width=2)
        if millimetre % 10 == 0:
            pen.text((x + 3, y + 32), str(millimetre // 10), fill=(24, 24, 26), font=_font(18))


def _mark(image: Image.Image) -> None:
    pen = ImageDraw.Draw(image)
    pen.text(
        (40, KEPT[1] - 74),
        WORD,
        fill=(255, 255, 255),
        font=_font(44),
        stroke_width=3,
        stroke_fill=(30, 30, 32),
    )


@lru_cache(maxsize=4)
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONT, size)


def _encode(image: Image.Image, quality: int) -> PictureFile:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, subsampling=0)
    return PictureFile(out.getvalue(), "image/jpeg", image.width, image.height)
