"""Every rendition is sRGB, converted through the picture's own profile, never by dropping it.

Redness is the diagnosis.
"""

from __future__ import annotations

import io
from typing import Final

from PIL import Image, ImageCms

_PAPER: Final = 255
_PALETTE_STEPS: Final = (0, 64, 128, 192, 255)


def plain_pixels(image: Image.Image) -> Image.Image:
    """Return the picture as ``L``, ``RGB`` or ``CMYK``, eight bits a channel, transparent parts on white paper."""
    if image.mode in {"L", "RGB", "CMYK"} and "transparency" not in image.info:
        return image
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    if image.mode == "1":
        return image.convert("L")
    if image.mode == "P" and "transparency" not in image.info:
        return image.convert("RGB")
    seen = image if image.mode in {"LA", "RGBA"} else image.convert("LA" if image.mode == "L" else "RGBA")
    mode = seen.mode[:-1]
    paper = Image.new(mode, seen.size, _PAPER if mode == "L" else (_PAPER,) * 3)
    paper.paste(seen.convert(mode), mask=seen.getchannel("A"))
    return paper


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return ``RGB`` pixels in sRGB. ``profile`` fits the picture's own colour space, or there is none."""
    if profile is None:
        return image.convert("RGB")
    convert = _transform(image.mode, profile)
    if image.mode == "RGB" and _changes_nothing(convert):
        return image
    converted: Image.Image | None = ImageCms.applyTransform(image, convert)
    return converted if converted is not None else image


def _transform(mode: str, profile: bytes) -> ImageCms.ImageCmsTransform:
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    return ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB")


def _changes_nothing(convert: ImageCms.ImageCmsTransform) -> bool:
    """Tell whether the profile is sRGB under whatever name, by trying it on a few colours."""
    colours = [(r, g, b) for r in _PALETTE_STEPS for g in _PALETTE_STEPS for b in _PALETTE_STEPS]
    palette = Image.new("RGB", (len(colours), 1))
    palette.putdata(colours)
    tried = ImageCms.applyTransform(palette, convert)
    if tried is None:
        return False
    before, after = palette.tobytes(), tried.tobytes()
    return all(abs(one - other) <= 1 for one, other in zip(before, after, strict=True))
