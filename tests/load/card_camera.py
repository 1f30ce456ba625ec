"""A phone above a reference card: where each millimetre of the card's plane falls in its picture."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from dermavis.domain import reference_card as card
from dermavis.domain.homography import Point

SIZE = (2016, 1512)
READ_AT = 1280
FOCAL_35MM = 26.0
FOCAL = FOCAL_35MM / 43.27 * math.hypot(*SIZE)
LESION_MM = 10.0
MIDDLE = (card.WIDTH_MM / 2, card.HEIGHT_MM / 2)


@dataclass(frozen=True)
class Camera:
    """Angles in radians, lengths in millimetres; ``radius`` of the bend, 0 for flat paper; ``lens``: the share by which
    the lens moves a corner of the picture outwards.
    """

    turn: float
    tilt: float
    tilt_axis: float
    distance: float
    aside: Point
    lens: float
    radius: float

    def seen(self, place: Point) -> Point:
        """Return the pixel, from the picture's edge, of a place in the card's millimetres."""
        x, y = place[0] - MIDDLE[0], place[1] - MIDDLE[1]
        z = 0.0
        if self.radius:
            x, z = self.radius * math.sin(x / self.radius), self.radius * (1 - math.cos(x / self.radius))
        x, y = _turned(x, y, self.turn)
        x, y = _turned(x, y, -self.tilt_axis)
        y, z = (
            y * math.cos(self.tilt) - z * math.sin(self.tilt),
            y * math.sin(self.tilt) + z * math.cos(self.tilt),
        )
        x, y = _turned(x, y, self.tilt_axis)
        x, y, z = x + self.aside[0], y + self.aside[1], z + self.distance
        u, v = FOCAL * x / z, FOCAL * y / z
        share = 1 + self.lens * (u * u + v * v) / (SIZE[0] ** 2 + SIZE[1] ** 2) * 4
        return u * share + SIZE[0] / 2, v * share + SIZE[1] / 2

    def place(self, pixel: Point, near: Point) -> Point:
        """Return the place of the card's plane that falls on a pixel, sought from a near one."""
        x, y = near
        for _ in range(6):
            u, v = self.seen((x, y))
            miss = (pixel[0] - u, pixel[1] - v)
            if math.hypot(*miss) < 0.005:
                break
            ux, vx = self.seen((x + 0.05, y))
            uy, vy = self.seen((x, y + 0.05))
            a, b, c, d = (ux - u) / 0.05, (uy - u) / 0.05, (vx - v) / 0.05, (vy - v) / 0.05
            below = a * d - b * c
            x, y = x + (d * miss[0] - b * miss[1]) / below, y + (a * miss[1] - c * miss[0]) / below
        return x, y

    @property
    def module_pixels(self) -> float:
        """A module's shortest side in the picture of 1280 pixels that is read."""
        corners = [self.seen(corner) for corner in card.CODE_CORNERS]
        shortest = min(math.dist(corners[i], corners[(i + 1) % 4]) for i in range(4))
        return shortest / card.MODULES * READ_AT / SIZE[0]

    @property
    def holds_the_card(self) -> bool:
        """Whether the whole card is in the picture."""
        edges = (0.0, card.WIDTH_MM / 2, card.WIDTH_MM), (0.0, card.HEIGHT_MM)
        places = [self.seen((x, y)) for x in edges[0] for y in edges[1]]
        return all(8 <= u <= SIZE[0] - 8 and 8 <= v <= SIZE[1] - 8 for u, v in places)


def some_camera(dice: random.Random, *, bent: bool, most_tilt: float = 40.0) -> Camera:
    """Return a camera at any angle that sees the whole card, near or rather far."""
    while True:
        distance = dice.uniform(130, 330)
        room = distance / FOCAL
        made = Camera(
            turn=dice.uniform(0, math.tau),
            tilt=math.radians(dice.uniform(0, most_tilt)),
            tilt_axis=dice.uniform(0, math.tau),
            distance=distance,
            aside=(dice.uniform(-0.45, 0.45) * SIZE[0] * room, dice.uniform(-0.45, 0.45) * SIZE[1] * room),
            lens=dice.uniform(-0.02, 0.02),
            radius=dice.choice((-1, 1)) * dice.uniform(120, 600) if bent else 0.0,
        )
        if made.holds_the_card:
            return made


def some_lesion(dice: random.Random, camera: Camera) -> tuple[Point, Point]:
    """Return the ends of a lesion of 10 mm beside the card, in its plane and in the picture."""
    while True:
        angle = dice.uniform(0, math.pi)
        half = LESION_MM / 2
        x, y = dice.uniform(-15, card.WIDTH_MM + 15), dice.uniform(-15, card.HEIGHT_MM + 15)
        ends = (
            (x - half * math.cos(angle), y - half * math.sin(angle)),
            (x + half * math.cos(angle), y + half * math.sin(angle)),
        )
        far = [beyond_edge(end) for end in ends]
        pixels = [camera.seen(end) for end in ends]
        in_picture = all(0 <= u <= SIZE[0] and 0 <= v <= SIZE[1] for u, v in pixels)
        if min(far) > 1 and max(far) <= 20 and in_picture:
            return ends


def beyond_edge(place: Point) -> float:
    """Return how far from the card's edge a place lies, 0 on the card."""
    beside = (max(-place[0], 0.0, place[0] - card.WIDTH_MM), max(-place[1], 0.0, place[1] - card.HEIGHT_MM))
    return math.hypot(*beside)


def _turned(x: float, y: float, angle: float) -> Point:
    return x * math.cos(angle) - y * math.sin(angle), x * math.sin(angle) + y * math.cos(angle)
