"""The projective map between two planes: fitted to pairs of points, applied, inverted, and what it says of the camera.

A map is nine numbers, row by row, the last of them one where it can be. Eight unknowns need no library.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

Point = tuple[float, float]
Map = tuple[float, float, float, float, float, float, float, float, float]

_LEAST_PIVOT: Final = 1e-12


class NoMap(ValueError):
    """The points lie so that no single map joins them (three on a line), or the map flattens the plane."""


def fit(pairs: Sequence[tuple[Point, Point]], weights: Sequence[float] | None = None) -> Map:
    """Return the map that carries each first point to its second one, by weighted least squares.

    Both sides are first moved to their middle and scaled (Hartley), or the equations are badly balanced. A weight is
    the inverse of a point's uncertainty. Raises NoMap for fewer than four pairs or a degenerate set.
    """
    if len(pairs) < 4:
        raise NoMap("four pairs at least")
    each = list(weights) if weights is not None else [1.0] * len(pairs)
    into_one = _normal([one for one, _ in pairs])
    into_other = _normal([other for _, other in pairs])
    rows: list[list[float]] = []
    for (one, other), weight in zip(pairs, each, strict=True):
        x, y = apply(into_one, one)
        u, v = apply(into_other, other)
        rows.append([weight * term for term in (x, y, 1, 0, 0, 0, -u * x, -u * y, u)])
        rows.append([weight * term for term in (0, 0, 0, x, y, 1, -v * x, -v * y, v)])
    solved = _least_squares(rows)
    normal = (*solved, 1.0)
    return compose(inverse(into_other), compose(_as_map(normal), into_one))


def apply(map_: Map, point: Point) -> Point:
    """Return where a point goes. Raises NoMap for one on the map's horizon."""
    a, b, c, d, e, f, g, h, i = map_
    x, y = point
    below = g * x + h * y + i
    if abs(below) < _LEAST_PIVOT:
        raise NoMap("the point lies on the horizon")
    return (a * x + b * y + c) / below, (d * x + e * y + f) / below


def compose(after: Map, before: Map) -> Map:
    """Return the map that does ``before``, then ``after``."""
    product = [
        sum(after[3 * row + k] * before[3 * k + column] for k in range(3))
        for row in range(3)
        for column in range(3)
    ]
    return _as_map(product)


def inverse(map_: Map) -> Map:
    """Return the way back. Raises NoMap for a map that flattens the plane."""
    a, b, c, d, e, f, g, h, i = map_
    cofactors = (
        *(e * i - f * h, c * h - b * i, b * f - c * e),
        *(f * g - d * i, a * i - c * g, c * d - a * f),
        *(d * h - e * g, b * g - a * h, a * e - b * d),
    )
    determinant = a * cofactors[0] + b * cofactors[3] + c * cofactors[6]
    if abs(determinant) < _LEAST_PIVOT:
        raise NoMap("the map flattens the plane")
    return _as_map([each / determinant for each in cofactors])


def in_front(map_: Map, result: Point) -> list[float]:
    """Return the map with the sign that makes its last row positive where it gives ``result``."""
    x, y = apply(inverse(map_), result)
    sign = 1.0 if map_[6] * x + map_[7] * y + map_[8] > 0 else -1.0
    return [sign * each for each in map_]


def length(map_: Map, one: Point, other: Point) -> float:
    """Return the distance of two points after the map."""
    return math.dist(apply(map_, one), apply(map_, other))


def tilt_degrees(map_: Map, focal: float, centre: Point) -> float:
    """Return the angle between the mapped plane's normal and the camera's axis.

    ``map_`` goes from the plane to the picture; ``focal`` and ``centre`` are the camera's, in the picture's pixels.
    """
    a, b, _, d, e, _, g, h, _ = map_
    across = ((a - centre[0] * g) / focal, (d - centre[1] * g) / focal, g)
    down = ((b - centre[0] * h) / focal, (e - centre[1] * h) / focal, h)
    normal = (
        across[1] * down[2] - across[2] * down[1],
        across[2] * down[0] - across[0] * down[2],
        across[0] * down[1] - across[1] * down[0],
    )
    size = math.hypot(*normal)
    if size < _LEAST_PIVOT:
        raise NoMap("the map flattens the plane")
    return math.degrees(math.acos(min(1.0, abs(normal[2]) / size)))


def _normal(points: Sequence[Point]) -> Map:
    middle_x = sum(x for x, _ in points) / len(points)
    middle_y = sum(y for _, y in points) / len(points)
    spread = sum(math.dist(point, (middle_x, middle_y)) for point in points) / len(points)
    if spread < _LEAST_PIVOT:
        raise NoMap("all points are one")
    scale = math.sqrt(2) / spread
    return (scale, 0.0, -scale * middle_x, 0.0, scale, -scale * middle_y, 0.0, 0.0, 1.0)


def _as_map(nine: Sequence[float]) -> Map:
    last = nine[8] if abs(nine[8]) >= _LEAST_PIVOT else 1.0
    a, b, c, d, e, f, g, h, i = (each / last for each in nine)
    return (a, b, c, d, e, f, g, h, i)


def _least_squares(rows: Sequence[Sequence[float]]) -> list[float]:
    """Solve the normal equations of rows of eight terms and a right side, with the largest pivot first."""
    size = len(rows[0]) - 1
    table = [
        [sum(row[i] * row[j] for row in rows) for j in range(size)]
        + [sum(row[i] * row[size] for row in rows)]
        for i in range(size)
    ]
    for column in range(size):
        best = max(range(column, size), key=lambda row: abs(table[row][column]))
        if abs(table[best][column]) < _LEAST_PIVOT:
            raise NoMap("the points are on one line")
        table[column], table[best] = table[best], table[column]
        pivot = table[column]
        for row in range(size):
            if row != column and table[row][column]:
                share = table[row][column] / pivot[column]
                table[row] = [mine - share * its for mine, its in zip(table[row], pivot, strict=True)]
    return [table[row][size] / table[row][row] for row in range(size)]
