"""White things that lie on skin in a photograph and are no glare: a ruler, gauze, a sheet, a card."""

from __future__ import annotations

import random
from collections.abc import Callable

from PIL import Image, ImageDraw, ImageFilter

PAPER = (252, 251, 249)


def with_ruler(image: Image.Image) -> Image.Image:
    """Lay a paper ruler across the lower part, with millimetres and figures."""
    wide, high = image.size
    top, bottom = int(high * 0.74), int(high * 0.86)
    return _laid(image, lambda draw: _ruler(draw, 0, top, wide, bottom))


def with_short_ruler(image: Image.Image) -> Image.Image:
    """Lay a short strip of a ruler inside the picture."""
    wide, high = image.size
    return _laid(
        image,
        lambda draw: _ruler(draw, int(wide * 0.3), int(high * 0.8), int(wide * 0.75), int(high * 0.87)),
    )


def with_gauze(image: Image.Image) -> Image.Image:
    """Lay a square of gauze over a corner of the lesion's surroundings: threads, and shadow between them."""
    wide, high = image.size
    side, dice = int(min(wide, high) * 0.42), random.Random(3)

    def draw_it(draw: ImageDraw.ImageDraw) -> None:
        left, top, pitch = int(wide * 0.55), int(high * 0.05), max(4, wide // 120)
        draw.rectangle((left, top, left + side, top + side), fill=(205, 204, 202))
        for at in range(0, side, pitch):
            for place in (
                (left + at, top, left + at + pitch // 2, top + side),
                (left, top + at, left + side, top + at + pitch // 2),
            ):
                shade = dice.randrange(232, 256)
                draw.rectangle(place, fill=(shade, shade - 1, shade - 3))

    return _laid(image, draw_it)


def with_sheet(image: Image.Image) -> Image.Image:
    """Show a white sheet in a corner, with folds."""
    wide, high = image.size

    def draw_it(draw: ImageDraw.ImageDraw) -> None:
        draw.polygon([(0, 0), (int(wide * 0.5), 0), (0, int(high * 0.6))], fill=PAPER)
        for number in range(4):
            x = int(wide * 0.08 * (number + 1))
            draw.line(
                (x, 0, 0, int(high * 0.1 * (number + 1))), fill=(214, 213, 211), width=max(2, wide // 200)
            )

    return _laid(image, draw_it)


def with_card(image: Image.Image) -> Image.Image:
    """Lay the reference card: discs, a code, greys, a ruler."""
    wide, high = image.size
    mm = wide * 0.62 / 85.6
    left, top = wide * 0.3, high * 0.45
    dice = random.Random(11)

    def draw_it(draw: ImageDraw.ImageDraw) -> None:
        def box(x: float, y: float, w: float, h: float, fill: tuple[int, int, int]) -> None:
            draw.rectangle((left + x * mm, top + y * mm, left + (x + w) * mm, top + (y + h) * mm), fill=fill)

        box(0, 0, 85.6, 53.98, PAPER)
        for x in (5.5, 40, 80.1):
            for y in (5.5, 44):
                draw.ellipse(
                    (left + (x - 2) * mm, top + (y - 2) * mm, left + (x + 2) * mm, top + (y + 2) * mm),
                    fill=(20, 20, 20),
                )
        for column in range(21):
            for row in range(21):
                if dice.random() < 0.5:
                    box(12 + column * 20 / 21, 14.75 + row * 20 / 21, 20 / 21, 20 / 21, (20, 20, 20))
        for number, grey in enumerate((200, 160, 120, 80)):
            box(43 + 8 * number, 12.5, 7, 7, (grey, grey, grey))
        for tick in range(71):
            box(8 + tick, 49, 0.25, 4 if tick % 10 == 0 else 2, (20, 20, 20))

    return _laid(image, draw_it)


THINGS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "ruler": with_ruler,
    "short ruler": with_short_ruler,
    "gauze": with_gauze,
    "sheet": with_sheet,
    "card": with_card,
}


def _laid(image: Image.Image, draw_it: Callable[[ImageDraw.ImageDraw], None]) -> Image.Image:
    """Draw on a copy, and let the edges be a lens's and not a pencil's."""
    nowhere = (0, 0, 1)
    drawn = Image.new("RGB", image.size, nowhere)
    draw_it(ImageDraw.Draw(drawn))
    low = drawn.getchannel(0).point([0 if level == 0 else 255 for level in range(256)])
    lens = ImageFilter.GaussianBlur(0.7)
    whole = Image.composite(drawn, image, low)
    return Image.composite(
        whole.filter(lens),
        image,
        low.filter(ImageFilter.GaussianBlur(1)).point([255 if level else 0 for level in range(256)]),
    )


def _ruler(draw: ImageDraw.ImageDraw, left: int, top: int, right: int, bottom: int) -> None:
    draw.rectangle((left, top, right, bottom), fill=PAPER)
    pitch, dice = max(5, (right - left) // 60), random.Random(1)
    for number, x in enumerate(range(left + pitch, right - pitch, pitch)):
        length = (bottom - top) // (2 if number % 10 == 0 else 4)
        draw.line((x, top, x, top + length), fill=(25, 25, 25), width=max(1, pitch // 5))
        if number % 10 == 0:
            size = pitch
            draw.rectangle(
                (x - size // 2, bottom - 2 * size, x + size // 2, bottom - size // 2), fill=(25, 25, 25)
            )
            if dice.random() < 0.7:
                draw.rectangle(
                    (x - size // 5, bottom - int(1.6 * size), x + size // 5, bottom - size), fill=PAPER
                )
