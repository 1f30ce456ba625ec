"""Sharpness and grain of a luma region: two ratios that no amount of contrast moves, with the grain discounted.

Sharpness is Crete's re-blur ratio (what the gradients lose when blurred over nine pixels), the least of four
directions, so that motion shows whichever way it went; the edge ratio is the same over the strongest 5 % of the
gradients (defocus). Grain fools both, for a re-blur removes it whole: its level is measured by what neighbours cannot
explain (median of a second difference of both axes), and what gradients owe to it is taken off before they count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageChops, ImageFilter, ImageMath

_BLUR: Final = ImageFilter.Kernel((3, 3), (1, 2, 1, 2, 4, 2, 1, 2, 1), 16)
_UNEXPLAINED: Final = ImageFilter.Kernel((3, 3), (1, -2, 1, -2, 4, -2, 1, -2, 1), 2, 128)
_MEDIAN_TO_LEVEL: Final = 2 / (0.6745 * 6)  # of a normal grain, through half a kernel whose squares sum to 36
_STRONGEST: Final = 0.05
GRAIN_DISCOUNT: Final = 0.7
"""Times the level of the grain: twice and more what the first blur leaves of it (0.31) in a step between neighbours."""
_CELL: Final = 8
_TAIL: Final = 0.001
_MOST_TIMES: Final = 4
_BURNT: Final = 246
_BURNT_REACH: Final = 3  # cells
LEAST_DETAIL: Final = 0.02
"""Levels of mean gradient above the grain, below which a region shows nothing whose sharpness could be told."""
DETAIL_OVER_GRAIN: Final = 0.01
"""The same, times the level of the grain: four times what is left of nothing but grain."""


@dataclass(frozen=True)
class Stretch:
    """The lowest level that a region uses, and how many times its levels fit into 255."""

    low: int
    times: int

    def applied(self, region: Image.Image) -> Image.Image:
        """Return dark or pale skin in as many levels as any other, before anything is averaged and rounded."""
        return region.point([max(0, min(255, (level - self.low) * self.times)) for level in range(256)])


def stretch_of(region: Image.Image) -> Stretch:
    """Return the stretch of a luma region, but for one pixel in a thousand at each end."""
    counts = region.histogram()
    low, high = _end(counts), 255 - _end(counts[::-1])
    return Stretch(low, max(1, min(_MOST_TIMES, 255 // max(1, high - low))))


def _end(counts: list[int]) -> int:
    left = sum(counts) * _TAIL
    for level, count in enumerate(counts):
        left -= count
        if left < 0:
            return level
    return 255


@dataclass(frozen=True)
class _Direction:
    """A way to look at gradients: the step, half the re-blur in steps, and the grain in such a step."""

    across: int
    down: int
    half: int
    grain: float

    @property
    def reach(self) -> int:
        """Pixels of the re-blur."""
        return 2 * self.half + 1


_DIRECTIONS: Final = (
    _Direction(1, 0, 4, 1),
    _Direction(0, 1, 4, 1),
    _Direction(1, 1, 3, 1.3),
    _Direction(1, -1, 3, 1.3),
)
"""Both axes over nine pixels; both diagonals over seven, nearly as long."""


def sharpness_of(region: Image.Image, stretch: Stretch) -> dict[str, float]:
    """Return ``sharpness`` and ``edge_ratio`` (0 to 1; 0 where nothing rises above the grain), ``noise`` in levels."""
    noise = _noise(region)
    soft = region.filter(_BLUR)
    kept = _unburnt(soft, (_BURNT - stretch.low) * stretch.times)
    ratios = [_reblur(soft, kept, direction, noise * direction.grain) for direction in _DIRECTIONS]
    return {
        "sharpness": min(of_all for of_all, _ in ratios),
        "edge_ratio": min(of_strong for _, of_strong in ratios),
        "noise": round(noise / stretch.times, 2),
    }


def _noise(region: Image.Image) -> float:
    """Return the level of the grain: the median is found inside its whole-number step."""
    if min(region.size) <= 2:
        return 0.0
    inner = (1, 1, region.width - 1, region.height - 1)  # a filter leaves the outermost pixels as they are
    counts = region.filter(_UNEXPLAINED).crop(inner).histogram()
    sizes = [counts[128], *(counts[128 + by] + counts[128 - by] for by in range(1, 128))]
    sizes[127] += counts[0]
    left = sum(sizes) / 2
    for size, count in enumerate(sizes):
        if count >= left:
            inside = left / count if count else 0.0
            return (
                max(0.0, size - 0.5 + inside) * _MEDIAN_TO_LEVEL if size else inside * 0.5 * _MEDIAN_TO_LEVEL
            )
        left -= count
    return 0.0


def _unburnt(soft: Image.Image, burnt: int) -> Image.Image | None:
    """Return where sharpness may be looked for: not in white areas and three cells around them.

    Where a lamp shines, or paper ends, nothing is said about the skin. None where all may be looked at, or most
    is white.
    """
    cells = soft.reduce(_CELL).point([255 if level >= burnt else 0 for level in range(256)])
    if not cells.getbbox():
        return None
    edge = 2 * _BURNT_REACH + 1
    padded = Image.new("L", (cells.width + 2 * edge, cells.height + 2 * edge))
    padded.paste(cells, (edge, edge))
    wide = padded.filter(ImageFilter.MaxFilter(edge)).crop(
        (edge, edge, edge + cells.width, edge + cells.height)
    )
    if wide.histogram()[255] * 2 > cells.width * cells.height:
        return None
    size = (cells.width * _CELL, cells.height * _CELL)
    return ImageChops.invert(wide).resize(size, Image.Resampling.NEAREST).crop((0, 0, *soft.size))


def _reblur(
    region: Image.Image, kept: Image.Image | None, direction: _Direction, noise: float
) -> tuple[float, float]:
    """Return what the gradients in one direction lose when blurred again: all of them, and the strongest.

    Counted in parts of a level, as many as pixels of the re-blur. The gradient of a picture averaged over so many is
    the difference of the ends divided by their number.
    """
    width, height = region.size
    half, reach = direction.half, direction.reach
    edge = half + 1
    discount = int(noise * GRAIN_DISCOUNT * reach + 0.5)
    if min(width, height) <= 2 * edge:
        return 0.0, 0.0

    def shifted(by: int) -> Image.Image:
        across, down = direction.across * by, direction.down * by
        return region.crop((edge + across, edge + down, width - edge + across, height - edge + down))

    steps = ImageChops.difference(shifted(0), shifted(-1))
    spread = ImageChops.difference(shifted(half), shifted(-half - 1))
    looked_at = kept.crop((edge, edge, width - edge, height - edge)) if kept else None
    counts = steps.histogram(looked_at)
    pixels = sum(counts)
    least = _threshold(counts)
    sizes = [max(0, level * reach - discount) for level in range(256)]
    whole = sum(count * size for count, size in zip(counts, sizes, strict=True))
    strong = sum(count * size for count, size in zip(counts[least:], sizes[least:], strict=True))
    if whole <= max(LEAST_DETAIL, DETAIL_OVER_GRAIN * noise) * reach * pixels:
        return 0.0, 0.0
    lost = ImageMath.lambda_eval(
        lambda a: a["max"](a["steps"] * reach - discount - a["spread"], 0),
        steps=steps.convert("I"),
        spread=spread.convert("I"),
    )
    if looked_at:
        lost = _where(lost, looked_at.point([1 if level else 0 for level in range(256)]))
    of_all = _sum(lost)
    of_strong = _sum(_where(lost, steps.point([1 if level >= least else 0 for level in range(256)])))
    return round(of_all / whole, 3), round(of_strong / strong, 3) if strong else 0.0


def _threshold(counts: list[int]) -> int:
    """Return the level that the strongest gradients reach."""
    left = sum(counts) * _STRONGEST
    for level in range(255, -1, -1):
        left -= counts[level]
        if left <= 0:
            return max(1, level)
    return 1


def _where(image: Image.Image, ones: Image.Image) -> Image.Image:
    kept: Image.Image = ImageMath.lambda_eval(
        lambda a: a["image"] * a["ones"], image=image, ones=ones.convert("I")
    )
    return kept


def _sum(image: Image.Image) -> float:
    value = image.convert("F").reduce(image.size).getpixel((0, 0))
    return value * image.width * image.height if isinstance(value, float) else 0.0
