"""The printed card composed into pictures: the sheet's own rendering, bent, tilted, blurred, tinted and compressed."""

from __future__ import annotations

import io
import itertools
import random
from dataclasses import dataclass, field, replace
from functools import lru_cache

import segno
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from dermavis.adapters.reports.cards import TypstCards
from dermavis.domain import reference_card as card
from dermavis.domain.homography import Point
from tests import material
from tests.load.card_camera import READ_AT, SIZE, Camera, some_camera, some_lesion

BATCH = "A7"
PRINTED = 16  # pixels a millimetre
_AROUND = 2  # millimetres of nothing around the card
_CELL = 32
_GRAIN = (SIZE[0] // 2, SIZE[1] // 2)
_TO_WHOLE = SIZE[0] / READ_AT


@dataclass(frozen=True)
class Fault:
    """What is wrong with a picture: blur and motion in pixels of the 1280 that are read; tint and shade of light."""

    defocus: float = 0.4
    motion: float = 0.0
    downwards: bool = False
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
    shade: float = 1.0
    exposure: float = 1.0
    grain: float = 4.0
    quality: int = 88

    @property
    def sharp(self) -> bool:
        """Whether the picture is what the reader must read."""
        return self.defocus < 1.5 and self.motion < 3


@dataclass(frozen=True)
class Scene:
    """How a picture with a card is made; ``lesion``: the ends of 10 mm beside the card."""

    camera: Camera
    lesion: tuple[Point, Point]
    fault: Fault = field(default_factory=Fault)
    seed: int = 0


def some_scene(seed: int) -> Scene:
    """Return a scene at random: three in four sharp, one in six on bent paper."""
    dice = random.Random(seed)
    camera = some_camera(dice, bent=dice.random() < 1 / 6)
    blurred = dice.random() < 0.25
    fault = Fault(
        defocus=dice.uniform(1.5, 3.0) if blurred and dice.random() < 0.5 else dice.uniform(0.3, 1.45),
        motion=dice.uniform(3, 7)
        if blurred and dice.random() < 0.5
        else dice.choice((0.0, 0.0, dice.uniform(0, 2.9))),
        downwards=dice.random() < 0.5,
        tint=(dice.uniform(0.8, 1.15), 1.0, dice.uniform(0.65, 1.15)),
        shade=dice.uniform(1.0, 1.6),
        exposure=dice.uniform(0.45, 1.05),
        grain=dice.uniform(2, 10),
        quality=dice.randint(65, 93),
    )
    return Scene(camera, some_lesion(dice, camera), fault, seed)


def composed(scene: Scene) -> Image.Image:
    """Return the picture of a scene, as it comes out of its JPEG."""
    dice = random.Random(scene.seed + 1)
    picture = background(scene.seed)
    layer, at = _card_seen(scene.camera)
    picture.paste(layer, at, layer.getchannel("A"))
    ends = [scene.camera.seen(end) for end in scene.lesion]
    ImageDraw.Draw(picture).line(ends, fill=(92, 58, 50), width=24)
    return _photographed(picture, scene.fault, dice)


def without_card(seed: int) -> Image.Image:
    """Return a picture without a card: every other one holds a foreign code, a chessboard, a grid or print."""
    dice = random.Random(seed)
    picture = background(seed)
    kind = seed % 8
    if kind in {1, 3, 5, 7}:
        thing = {1: _foreign_code, 3: _chessboard, 5: _print, 7: _almost_a_card}[kind](dice)
        thing = thing.rotate(
            dice.uniform(0, 360), Image.Resampling.BICUBIC, expand=True, fillcolor=(235, 233, 228)
        )
        picture.paste(thing, (dice.randrange(0, SIZE[0] // 2), dice.randrange(0, SIZE[1] // 2)))
    fault = replace(some_scene(seed).fault, defocus=dice.uniform(0.3, 2.0))
    return _photographed(picture, fault, dice)


def background(seed: int) -> Image.Image:
    """Return skin: a shared photograph where there are, otherwise a drawn one."""
    shared = material.shared_files("clinical/*.jpg", "blur/*.jpg")
    if not shared:
        return material.grainy(1008, 756).resize(SIZE, Image.Resampling.BICUBIC)
    return _fitted(str(shared[seed % len(shared)])).copy()


@lru_cache(maxsize=8)
def _fitted(path: str) -> Image.Image:
    with Image.open(path) as picture:
        across = picture.convert("RGB")
    scale = max(SIZE[0] / across.width, SIZE[1] / across.height)
    size = (round(across.width * scale) + 1, round(across.height * scale) + 1)
    return across.resize(size, Image.Resampling.BICUBIC).crop((0, 0, *SIZE))


@lru_cache(maxsize=4)
def printed_card(less: int = 1) -> Image.Image:
    """Return the card as typst renders it, a little transparent room around it, reduced so many times."""
    with Image.open(io.BytesIO(TypstCards().picture(BATCH, PRINTED))) as rendered:
        rendered.load()
        paper = Image.new("RGB", rendered.size, (243, 242, 238))
        # Ink on paper is never quite black, nor paper quite white.
        paper.paste(rendered.convert("RGB").point([18 + level * 228 // 255 for level in range(256)] * 3))
    side = _AROUND * PRINTED
    size = (round(card.WIDTH_MM * PRINTED) + 2 * side, round(card.HEIGHT_MM * PRINTED) + 2 * side)
    whole = Image.new("RGBA", size, (243, 242, 238, 0))
    whole.paste(paper, (side, side))
    return whole.reduce(less) if less > 1 else whole


def _card_seen(camera: Camera) -> tuple[Image.Image, tuple[int, int]]:
    across, along = _steps(-_AROUND, card.WIDTH_MM + _AROUND), _steps(-_AROUND, card.HEIGHT_MM + _AROUND)
    edge = [(x, y) for x in across for y in along]
    pixels = [camera.seen(place) for place in edge]
    left, top = (max(0, int(min(pixel[axis] for pixel in pixels))) for axis in range(2))
    right, bottom = (min(SIZE[axis], int(max(pixel[axis] for pixel in pixels)) + 1) for axis in range(2))
    one, other = camera.seen((42, 27)), camera.seen((43, 27))
    scale = ((one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2) ** 0.5
    less = max(1, min(3, int(PRINTED / scale / 1.1)))
    texture = printed_card(less)
    columns = [*range(0, right - left, _CELL), right - left]
    rows = [*range(0, bottom - top, _CELL), bottom - top]
    nodes: dict[tuple[int, int], Point] = {}
    for v in rows:
        for u in columns:
            near = (
                nodes.get((u - _CELL, v))
                or nodes.get((u, v - _CELL))
                or (card.WIDTH_MM / 2, card.HEIGHT_MM / 2)
            )
            nodes[u, v] = camera.place((u + left, v + top), near)
    mesh = []
    for v0, v1 in itertools.pairwise(rows):
        for u0, u1 in itertools.pairwise(columns):
            quad = [
                (at + _AROUND) * PRINTED / less
                for node in ((u0, v0), (u0, v1), (u1, v1), (u1, v0))
                for at in nodes[node]
            ]
            mesh.append(((u0, v0, u1, v1), tuple(quad)))
    size = (right - left, bottom - top)
    return texture.transform(size, Image.Transform.MESH, mesh, Image.Resampling.BICUBIC), (left, top)


def _photographed(picture: Image.Image, fault: Fault, dice: random.Random) -> Image.Image:
    tables = []
    for tint in fault.tint:
        gain = (tint * fault.exposure) ** (1 / 2.2)
        tables += [min(255, round(level * gain)) for level in range(256)]
    picture = picture.point(tables)
    if fault.shade > 1:
        gradient = Image.linear_gradient("L").rotate(dice.choice((0, 90, 180, 270))).resize(SIZE)
        least = round(255 / fault.shade ** (1 / 2.2))
        shadow = gradient.point([least + level * (255 - least) // 255 for level in range(256)])
        picture = ImageChops.multiply(picture, Image.merge("RGB", [shadow] * 3))
    if fault.defocus:
        picture = picture.filter(ImageFilter.GaussianBlur(fault.defocus * _TO_WHOLE))
    if fault.motion:
        reach = fault.motion * _TO_WHOLE / 2
        picture = picture.filter(ImageFilter.BoxBlur((0, reach) if fault.downwards else (reach, 0)))
    grain = Image.frombytes("L", _GRAIN, dice.randbytes(_GRAIN[0] * _GRAIN[1])).resize(
        SIZE, Image.Resampling.BILINEAR
    )
    picture = Image.blend(picture, Image.merge("RGB", [grain] * 3), fault.grain / 256)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=fault.quality)
    return material.opened(file.getvalue())


def _steps(first: float, last: float) -> list[float]:
    return [first + (last - first) * step / 8 for step in range(9)]


def _foreign_code(dice: random.Random) -> Image.Image:
    said = dice.choice(
        ("https://example.org/%d", "DVC2-20-A%d", "DVC1-25-%d", "WIFI:S:%d;;")
    ) % dice.randrange(99)
    file = io.BytesIO()
    segno.make(said, micro=False).save(file, kind="png", scale=dice.randint(5, 14), border=4)
    return material.opened(file.getvalue()).convert("RGB")


def _chessboard(dice: random.Random) -> Image.Image:
    board = Image.new("RGB", (21, 21), "white")
    for x in range(21):
        for y in range(21):
            if dice.random() < 0.5:
                board.putpixel((x, y), (20, 20, 20))
    side = 21 * dice.randint(5, 16)
    return board.resize((side, side), Image.Resampling.NEAREST)


def _print(dice: random.Random) -> Image.Image:
    sheet = Image.new("RGB", (900, 700), (240, 238, 232))
    draw = ImageDraw.Draw(sheet)
    for row in range(20, 680, 26):
        for column in range(20, 860, 12):
            if dice.random() < 0.7:
                draw.rectangle(
                    (column, row, column + dice.randint(2, 9), row + dice.randint(4, 14)), fill=(30, 30, 34)
                )
    return sheet


def _almost_a_card(_dice: random.Random) -> Image.Image:
    """The card with its code painted over: its discs alone are no card."""
    less = printed_card(2).convert("RGB")
    left, top = ((at + _AROUND) * PRINTED / 2 for at in card.CODE_CORNERS[0])
    ImageDraw.Draw(less).rectangle((left, top, left + 80, top + 80), fill=(243, 242, 238))
    return less
