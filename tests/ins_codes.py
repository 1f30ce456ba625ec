"""INS DataMatrix as prescriptions bear them, made here: their text, and pictures of them."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from dermavis.domain.identity import OID_NIR
from tests.material import jpeg, scene

GS = "\x1d"
HEADER = "IS01" + "0" * 22
LONGEST = {"S1": 15, "S2": 20, "S3": 100, "S4": 100, "S5": 1, "S6": 10, "S7": 5}
OPEN_ENDED = frozenset({"S2", "S3", "S4"})
"""Fields that a separator ends when they are shorter than they may be."""

# The test identity of the Agence du numérique en santé.
FIELDS = {
    "S1": "279035121518989",
    "S2": OID_NIR,
    "S3": "HELENE MARIE",
    "S4": "D'AUBIGNE LE GOFF-MARTIN",
    "S5": "F",
    "S6": "12-03-1979",
    "S7": "51215",
}


def code_text(
    fields: dict[str, str] | None = None, order: Sequence[str] = (), header: str = HEADER, **changes: str
) -> str:
    """Return the text of a code: ``fields`` in an order, each ended where it must be."""
    values = {**(fields or FIELDS), **changes}
    tags = order or list(values)
    return header + "".join(ended(tag, values[tag]) for tag in tags).removesuffix(GS)


def ended(tag: str, value: str) -> str:
    """Return one field as it stands in a code."""
    ends = GS if tag in OPEN_ENDED and len(value) < LONGEST[tag] else ""
    return f"{tag}{value}{ends}"


def drawn(text: str, kind: str = "DataMatrix", scale: int = 6) -> Image.Image:
    """Return the code as a printer draws it, black on white."""
    import zxingcpp

    made = zxingcpp.create_barcode(text, zxingcpp.barcode_format_from_str(kind))
    picture: Any = zxingcpp.write_barcode_to_image(made, scale=scale)
    high, wide = picture.shape[:2]
    return Image.frombytes("L", (wide, high), bytes(memoryview(picture).cast("B")))


def on_paper(code: Image.Image, size: tuple[int, int] = (1280, 720), turn: float = 0) -> Image.Image:
    """Return a picture of a sheet with the code on it, as a camera sees it."""
    sheet = Image.new("RGB", size, (228, 224, 216))
    lying = code.convert("RGB").rotate(turn, expand=True, fillcolor=(255, 255, 255))
    sheet.paste(lying, ((size[0] - lying.width) // 2, (size[1] - lying.height) // 2))
    return sheet


def film(path: Path, pictures: Iterable[Image.Image]) -> Path:
    """Write what a camera sees, one picture after the other, as Chromium's false camera plays it."""
    path.write_bytes(b"".join(jpeg(picture, quality=95, subsampling=0) for picture in pictures))
    return path


def skin(size: tuple[int, int] = (1280, 720)) -> Image.Image:
    """Return a picture without any code."""
    return scene(*size, seed=random.Random(3).randrange(9))
