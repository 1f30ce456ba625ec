"""Sharp scenes, chosen by eye at 640 px, and the reason for each photograph of the folder that is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from dermavis.adapters.imaging.measures import shrunk
from tests import material

LEFT_OUT = {
    "PAT_430_848_476": "a wound so close that only a part of it is in focus, soft at 640 px",
    "PAT_26_37_865": "smeared by the phone's noise reduction: no hair and no line of the skin is left",
    "PAT_1803_3463_639": "the lesion is out of focus at its left and upper border, the skin shows nothing",
    "176_HONOR-7X_F": "out of focus, on purpose",
    "176_HONOR-7X_M": "moved, on purpose",
}
"""Small ones (``clinical/small-300px``) were reduced before they came: their sharpness is not the phone's."""

HALF_IN_FOCUS = {
    "PAT_682_1292_986": "in focus at its upper left alone; nearer framings are amber at its own tone",
}
"""Judged as they are, and given no other tone and no nearer framing: those are of sharp pictures."""

AS_TAKEN = (4032, 3024)
"""The scenes are crops of phone photographs: the size of the original is taken to be a phone's."""


@dataclass(frozen=True)
class Scene:
    """A sharp picture; ``skin``: a close-up of skin by a phone, all in focus, which can be given another tone."""

    name: str
    image: Image.Image
    skin: bool


LONG_SIDE = 914
"""At which the central region has 640 px, the scale of every figure here; no scene is enlarged."""

_NEARER = 0.85


def all_scenes(folder: Path | None) -> list[Scene]:
    """Return the sharp photographs of a folder, or drawn ones where there is none."""
    patterns = ("clinical/*.jpg", "skin/*.jpg", "blur/*.jpg")
    paths = [
        path
        for pattern in patterns
        for path in sorted(folder.glob(pattern) if folder else ())
        if path.stem not in LEFT_OUT
    ]
    if not paths:
        drawn = (material.scene(1280, 960, seed) for seed in range(30))
        return [Scene(f"drawn {number}", image, True) for number, image in enumerate(drawn)]
    return [
        Scene(path.stem, _opened(path), path.parent.name == "clinical" and path.stem not in HALF_IN_FOCUS)
        for path in paths
    ]


def halves(scenes: Sequence[Scene]) -> tuple[list[Scene], list[Scene]]:
    """Return the half that limits were tuned on, and the half that is reported."""
    return list(scenes[::2]), list(scenes[1::2])


def framings(image: Image.Image) -> list[Image.Image]:
    """Return the picture taken four times from a little nearer: what is judged in each is another part of the scene."""
    wide, high = (round(side * _NEARER) for side in image.size)
    right, low = image.width - wide, image.height - high
    corners = ((0, 0), (right, 0), (0, low), (right, low))
    return [image.crop((x, y, x + wide, y + high)) for x, y in corners]


def _opened(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return shrunk(image.convert("RGB"), LONG_SIDE)
