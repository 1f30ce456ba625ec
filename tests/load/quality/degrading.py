"""Known faults of a photograph: out of focus, moved, grainy, too dark, too light, shining."""

from __future__ import annotations

import io
import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFilter

Change = Callable[[Image.Image], Image.Image]
_REGION = 640 / 0.7
_POSITIONS = 32


@dataclass(frozen=True)
class Fault:
    """A degradation: ``severe`` ones must be noticed, and most of them asked again."""

    name: str
    change: Change
    severe: bool = False


def scale_of(image: Image.Image) -> float:
    """Return how many pixels of the picture are one of its central region at 640 px."""
    return max(1.0, max(image.size) / _REGION)


def defocused(sigma: float) -> Change:
    """Blur as a lens out of focus does, by a Gaussian of that deviation in pixels at 640."""
    return lambda image: image.filter(ImageFilter.GaussianBlur(sigma * scale_of(image)))


def moved(length: float, angle: float) -> Change:
    """Blur along a straight way of that length in pixels at 640; ``angle`` in degrees."""

    def change(image: Image.Image) -> Image.Image:
        way = length * scale_of(image)
        across, down = math.cos(math.radians(angle)) * way, math.sin(math.radians(angle)) * way
        room = math.ceil(way / 2)
        wide, high = image.width - 2 * room, image.height - 2 * room
        steps = [number / (_POSITIONS - 1) - 0.5 for number in range(_POSITIONS)]
        corners = [(room + round(step * across), room + round(step * down)) for step in steps]
        return _mean([image.crop((x, y, x + wide, y + high)) for x, y in corners])

    return change


def grainy(level: float, seed: int = 5) -> Change:
    """Add a sensor's grain of that deviation, in levels at 640 px."""

    def change(image: Image.Image) -> Image.Image:
        wide, high = image.size
        grain = Image.effect_noise((wide, high), level * scale_of(image) * 2)
        half = grain.point([min(255, max(0, round(128 + (value - 128) / 2))) for value in range(256)])
        noise = Image.merge("RGB", (half, half, half))
        return ImageChops.add(image, noise, 1, -128)

    return change


def exposed(stops: float) -> Change:
    """Give more or less light, in stops, as a sensor clips it (sRGB, gamma 2.2)."""
    table = [min(255, round(255 * ((level / 255) ** 2.2 * 2**stops) ** (1 / 2.2))) for level in range(256)]
    return lambda image: image.point(table * 3)


def shining(share: float, seed: int = 7) -> Change:
    """Put reflections of a lamp on it: soft-edged white spots, that share of the picture in all, each below 1.5 %."""

    def change(image: Image.Image) -> Image.Image:
        dice = random.Random(seed)
        wide, high = image.size
        light = Image.new("L", image.size)
        draw, left = ImageDraw.Draw(light), share * wide * high
        while left > 0:
            area = min(left, dice.uniform(0.003, 0.012) * wide * high)
            ratio = dice.uniform(0.5, 1.5)
            across, down = math.sqrt(area * ratio / math.pi), math.sqrt(area / ratio / math.pi)
            x, y = dice.uniform(0.12, 0.88) * wide, dice.uniform(0.12, 0.88) * high
            if light.getpixel((int(x), int(y))):
                continue
            draw.ellipse((x - across, y - down, x + across, y + down), fill=255)
            left -= area
        soft = light.filter(ImageFilter.GaussianBlur(wide / 250))
        return ImageChops.screen(image, Image.merge("RGB", (soft, soft, soft)))

    return change


def compressed(image: Image.Image) -> Image.Image:
    """Return the picture after a JPEG that leaves what a diagnostic picture's (quality 90) leaves at 640 px."""
    content = io.BytesIO()
    image.save(content, "JPEG", quality=96, subsampling=0)
    with Image.open(content) as read:
        return read.convert("RGB")


def both(*changes: Change) -> Change:
    """Return one change after the other."""

    def change(image: Image.Image) -> Image.Image:
        for one in changes:
            image = one(image)
        return image

    return change


FAULTS = (
    Fault("sharp", lambda image: image),
    Fault("sharp, grain 1.5", grainy(1.5)),
    Fault("sharp, grain 3", grainy(3)),
    Fault("defocus 1", defocused(1)),
    Fault("defocus 1.5", defocused(1.5)),
    *(Fault(f"defocus {sigma}", defocused(sigma), severe=True) for sigma in (2, 3, 4)),
    *(
        Fault(f"defocus {sigma}, grain {level}", both(defocused(sigma), grainy(level)), severe=True)
        for sigma, level in ((2, 1.5), (2, 3), (3, 3), (3, 6))
    ),
    *(Fault(f"motion {length} at {angle}°", moved(length, angle)) for length, angle in ((5, 0), (7, 60))),
    *(
        Fault(f"motion {length} at {angle}°", moved(length, angle), severe=True)
        for length, angle in ((9, 0), (9, 90), (9, 45), (12, 20), (15, 70))
    ),
    Fault("motion 12 at 30°, grain 3", both(moved(12, 30), grainy(3)), severe=True),
    *(Fault(f"exposure {stops:+d}", exposed(stops)) for stops in (-5, -4, -2, -1, 1, 2, 3)),
    *(Fault(f"glare {share:.1%}", shining(share)) for share in (0.01, 0.025, 0.06)),
)


def _mean(images: list[Image.Image]) -> Image.Image:
    """Return the mean of a power of two of pictures, two by two."""
    while len(images) > 1:
        images = [Image.blend(one, other, 0.5) for one, other in zip(images[::2], images[1::2], strict=True)]
    return images[0]
