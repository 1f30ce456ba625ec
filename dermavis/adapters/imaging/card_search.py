"""Where in a picture something is drawn as densely as a code: the only place that is worth a look at every pixel.

Skin has few edges, and hairs, cloth and print are rarely as dense and as contrasted as black squares of a millimetre.
"""

from __future__ import annotations

from typing import Final

from PIL import Image, ImageChops

_LOOKED_AT: Final = 1000
"""Pixels of the long side, at least: a code that counts has two and a half a module then."""

_CELL: Final = 12
_STEP: Final = 2
_CONTRAST: Final = 36
_DARK_CONTRAST: Final = 0.18
"""Of the brightest level, in a dark picture."""

_DENSE: Final = 0.27
"""Of a cell; a single straight edge fills a quarter of it."""

_LEAST_CELLS: Final = 6
"""The smallest code that counts covers four cells by four; its edges are less dense."""

_MARGIN: Final = 5  # cells
_MOST: Final = 3
Region = tuple[int, int, int, int]


def dense_regions(grey: Image.Image) -> list[Region]:
    """Return the boxes, with a margin, of the three largest parts of a picture that are drawn as densely as a code."""
    less = max(1, max(grey.size) // _LOOKED_AT)
    small = grey.reduce(less) if less > 1 else grey
    if min(small.size) <= 2 * _CELL:
        return []
    wide, high = small.width - _STEP, small.height - _STEP
    here = small.crop((0, 0, wide, high))
    across = ImageChops.difference(here, small.crop((_STEP, 0, small.width, high)))
    down = ImageChops.difference(here, small.crop((0, _STEP, wide, small.height)))
    least = max(12, min(_CONTRAST, round(_brightest(small) * _DARK_CONTRAST)))
    strong = ImageChops.lighter(across, down).point([255 if level >= least else 0 for level in range(256)])
    cells = strong.reduce(_CELL)
    dense = cells.point([255 if level >= _DENSE * 255 else 0 for level in range(256)])
    cell = _CELL * less
    return [
        (
            max(0, left - _MARGIN) * cell,
            max(0, top - _MARGIN) * cell,
            min(grey.width, (right + _MARGIN) * cell),
            min(grey.height, (bottom + _MARGIN) * cell),
        )
        for left, top, right, bottom in _largest_patches(dense)
    ]


def _brightest(small: Image.Image) -> int:
    left = small.width * small.height // 100
    for level, count in reversed(list(enumerate(small.histogram()))):
        left -= count
        if left < 0:
            return level
    return 0


def _largest_patches(dense: Image.Image) -> list[Region]:
    """Return the boxes of the largest patches of dense cells that touch, in cells."""
    width, height = dense.size
    cells = dense.tobytes()
    left_over = {at for at, cell in enumerate(cells) if cell}
    patches: list[list[int]] = []
    while len(left_over) >= _LEAST_CELLS:
        patch, waiting = [], [left_over.pop()]
        while waiting:
            at = waiting.pop()
            patch.append(at)
            x, y = at % width, at // width
            for beside in (
                (y + dy) * width + x + dx
                for dy in (-1, 0, 1)
                for dx in (-1, 0, 1)
                if 0 <= x + dx < width and 0 <= y + dy < height
            ):
                if beside in left_over:
                    left_over.discard(beside)
                    waiting.append(beside)
        if len(patch) >= _LEAST_CELLS:
            patches.append(patch)
    patches.sort(key=len, reverse=True)
    return [_box(patch, width) for patch in patches[:_MOST]]


def _box(patch: list[int], width: int) -> Region:
    columns, rows = [at % width for at in patch], [at // width for at in patch]
    return min(columns), min(rows), max(columns) + 1, max(rows) + 1
