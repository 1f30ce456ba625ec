"""First measures of a diagnostic picture: kept with their version, shown to nobody as a verdict.

Exposure is judged by clipping, never by the mean: skin has every colour. Sharpness is Crete's re-blur ratio (the lesser
of both axes, so that motion shows) and the same ratio over the strongest 5 % of the gradients (defocus); both are
scale-free, for skin has few edges.
"""

from __future__ import annotations

from typing import Any, Final

from PIL import Image, ImageChops, ImageFilter, ImageMath

MEASURES_VERSION: Final = 1
_REGION_LONG_SIDE: Final = 640
_REGION_SHARE: Final = 0.7
_BLUR: Final = ImageFilter.Kernel((3, 3), (1, 2, 1, 2, 4, 2, 1, 2, 1), 16)
_REACH: Final = 9  # pixels of the re-blur
_DARK: Final = 15
_BRIGHT: Final = 250
_STRONGEST: Final = 0.05


def measure(diagnostic: Image.Image, original_size: tuple[int, int]) -> dict[str, Any]:
    """Return the measures: shares between 0 and 1, ratios between 0 (all blur) and 1, sides in pixels."""
    luma = diagnostic.convert("L")
    counts = luma.histogram()
    pixels = luma.width * luma.height
    region = _central_region(luma).filter(_BLUR)
    across = _reblur(region)
    down = _reblur(region.transpose(Image.Transpose.TRANSPOSE))
    return {
        "version": MEASURES_VERSION,
        "width": max(original_size),
        "height": min(original_size),
        "mean_luma": round(sum(level * count for level, count in enumerate(counts)) / pixels, 1),
        "dark_share": round(sum(counts[:_DARK]) / pixels, 4),
        "bright_share": round(sum(counts[_BRIGHT + 1 :]) / pixels, 4),
        "sharpness": _least(across[0], down[0]),
        "edge_ratio": _least(across[1], down[1]),
    }


def _central_region(luma: Image.Image) -> Image.Image:
    wide, high = (max(1, round(side * _REGION_SHARE)) for side in luma.size)
    left, top = (luma.width - wide) // 2, (luma.height - high) // 2
    region = luma.crop((left, top, left + wide, top + high))
    scale = _REGION_LONG_SIDE / max(region.size)
    if scale >= 1:
        return region
    return region.resize((max(1, round(wide * scale)), max(1, round(high * scale))), Image.Resampling.BOX)


def _reblur(region: Image.Image) -> tuple[float | None, float | None]:
    """Return what the gradients along one axis lose when blurred again: all of them, and the strongest.

    The gradient of a picture averaged over nine pixels is the difference of the ends divided by nine.
    """
    width, height = region.size
    if width <= 2 * _REACH or height < 1:
        return None, None
    half = _REACH // 2

    def shifted(by: int) -> Image.Image:
        return region.crop((half + 1 + by, 0, width - half + by, height))

    steps = ImageChops.difference(shifted(0), shifted(-1))
    spread = ImageChops.difference(shifted(half), shifted(-half - 1))
    least = _threshold(steps)
    strong = steps.point([255 if level >= least else 0 for level in range(256)])
    lost = ImageMath.lambda_eval(
        lambda a: a["max"](a["steps"] * _REACH - a["spread"], 0),
        steps=steps.convert("I"),
        spread=spread.convert("I"),
    )
    return _ratio(lost, steps, None), _ratio(lost, steps, strong)


def _threshold(steps: Image.Image) -> int:
    """Return the level that the strongest gradients reach."""
    left = steps.width * steps.height * _STRONGEST
    for level, count in reversed(list(enumerate(steps.histogram()))):
        left -= count
        if left <= 0:
            return max(1, level)
    return 1


def _ratio(lost: Image.Image, steps: Image.Image, mask: Image.Image | None) -> float | None:
    if mask is not None:
        lost = ImageMath.lambda_eval(
            lambda a: a["lost"] * (a["mask"] / 255), lost=lost, mask=mask.convert("I")
        )
        steps = ImageChops.darker(steps, mask)
    whole, kept = _mean(steps.convert("I")), _mean(lost) / _REACH
    return round(kept / whole, 3) if whole else None


def _mean(image: Image.Image) -> float:
    value = image.convert("F").resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    return value if isinstance(value, float) else 0.0


def _least(one: float | None, other: float | None) -> float | None:
    found = [value for value in (one, other) if value is not None]
    return min(found) if found else None
