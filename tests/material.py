"""Pictures for tests: the shared real ones where their folder exists, and our own with planted secrets everywhere."""

from __future__ import annotations

import io
import random
import struct
import zlib
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image, ImageDraw, PngImagePlugin, TiffImagePlugin

PLANTED = b"PLANTED-SECRET"
"""What no stored or served file may hold."""

TRAILING = b"PK\x03\x04" + PLANTED


def shared_photos() -> Path | None:
    """Return the folder of real photographs, where it exists."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "photos"
    return folder if folder.is_dir() else None


def shared_files(*patterns: str) -> list[Path]:
    """Return the real photographs of these patterns, none where the folder is not there."""
    folder = shared_photos()
    return sorted(path for pattern in patterns for path in folder.glob(pattern)) if folder else []


def real_skin(size: tuple[int, int]) -> Image.Image:
    """Return skin that is in focus: a photograph where there are, else drawn skin with hair on it."""
    found = shared_files("clinical/PAT_1014*.jpg")
    picture = Image.open(found[0]).convert("RGB") if found else hairy()
    return picture.resize(size, Image.Resampling.LANCZOS)


STORED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""How a camera held so stores what is upright, by the EXIF orientation that it writes."""


def as_stored(upright: Image.Image, orientation: int) -> Image.Image:
    """Return an upright picture as a camera held so stores it."""
    return upright.transpose(STORED[orientation]) if orientation in STORED else upright


def upright_again(stored: Image.Image, orientation: int) -> Image.Image:
    """Return what was stored so, upright."""
    back = STORED | {6: Image.Transpose.ROTATE_270, 8: Image.Transpose.ROTATE_90}
    return stored.transpose(back[orientation]) if orientation in back else stored


def scene(width: int = 640, height: int = 480, seed: int = 1) -> Image.Image:
    """Draw a picture that is different in every corner: skin, a lesion, a mark at the top left."""
    image = Image.linear_gradient("L").resize((width, height))
    skin = Image.merge("RGB", [image.point(lambda v, a=a: a + v // 4) for a in (170, 120, 100)])
    draw, dice = ImageDraw.Draw(skin), random.Random(seed)
    for _ in range(60):
        x, y, r = dice.randrange(width), dice.randrange(height), dice.randrange(2, max(3, width // 40))
        draw.ellipse((x - r, y - r, x + r, y + r), fill=(120 + dice.randrange(60), 60, 50))
    draw.rectangle((0, 0, width // 4, height // 6), fill=(20, 60, 200))
    draw.rectangle((width * 7 // 8, 0, width, height // 3), fill=(30, 150, 60))
    return skin


def hairy(width: int = 3200, height: int = 2400, seed: int = 1) -> Image.Image:
    """Return a sharp scene: a lesion's spots under fine hairs, large enough for a phone's photograph."""
    skin = scene(width, height, seed)
    draw, dice = ImageDraw.Draw(skin), random.Random(seed)
    for _ in range(400):
        x, y = dice.randrange(width), dice.randrange(height)
        end = (x + dice.randrange(-width // 20, width // 20), y + dice.randrange(-width // 20, width // 20))
        draw.line((x, y, *end), fill=(60, 40, 30), width=max(1, width // 800))
    return skin


def grainy(width: int = 1200, height: int = 900) -> Image.Image:
    """Return a scene with a camera's grain, which takes room as real photographs do."""
    grain = Image.effect_noise((width, height), 40)
    return Image.blend(scene(width, height), Image.merge("RGB", [grain] * 3), 0.2)


def jpeg(image: Image.Image | None = None, **options: Any) -> bytes:
    """Return a plain JPEG."""
    return _saved(image or scene(), "JPEG", **{"quality": 92, **options})


def exif_block(orientation: int = 1, thumbnail: bool = True) -> bytes:
    """Return an EXIF block as phones write it: place, maker note, comment, lens, thumbnail."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Make] = "Planted Phones"
    exif[ExifTags.Base.ImageDescription] = PLANTED.decode()
    taken = exif.get_ifd(ExifTags.IFD.Exif)
    taken[ExifTags.Base.DateTimeOriginal] = "2026:03:12 09:41:07"
    taken[ExifTags.Base.OffsetTimeOriginal] = "+01:00"
    taken[ExifTags.Base.LensModel] = '<img src=x>=HYPERLINK("x") back camera 4.25mm f/1.8'
    taken[ExifTags.Base.FocalLength] = TiffImagePlugin.IFDRational(17, 4)
    taken[ExifTags.Base.FocalLengthIn35mmFilm] = 26
    taken[ExifTags.Base.MakerNote] = b"Apple iOS\0" + PLANTED
    taken[ExifTags.Base.UserComment] = b"ASCII\0\0\0" + PLANTED
    place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef], place[ExifTags.GPS.GPSLatitude] = "N", (46.0, 46.0, 50.0)
    place[ExifTags.GPS.GPSLongitudeRef], place[ExifTags.GPS.GPSLongitude] = "E", (4.0, 51.0, 10.0)
    block = exif.tobytes()
    # Readers of thumbnails look for a second picture anywhere in the block.
    return block + jpeg(scene(64, 48)) if thumbnail else block


def planted_jpeg(image: Image.Image | None = None, orientation: int = 1, **options: Any) -> bytes:
    """Return a JPEG with everything a phone may hide in it, and bytes after its end."""
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + PLANTED + b"</x:xmpmeta>"
    clean = jpeg(image, exif=exif_block(orientation), comment=PLANTED, xmp=xmp, **options)
    photoshop = b"\xff\xed" + struct.pack(">H", 2 + 14 + len(PLANTED)) + b"Photoshop 3.0\0" + PLANTED
    return clean[:2] + photoshop + clean[2:] + TRAILING


def mpo(image: Image.Image | None = None) -> bytes:
    """Return a two-picture file as some phones name ``.jpg``."""
    first = image or scene()
    return _saved(first, "MPO", save_all=True, append_images=[scene(seed=2)], exif=exif_block(1, False))


def png(image: Image.Image | None = None, **options: Any) -> bytes:
    """Return a plain PNG."""
    return _saved(image or scene(), "PNG", **options)


def planted_png(image: Image.Image | None = None, orientation: int = 1) -> bytes:
    """Return a PNG with texts, EXIF, bytes after its end, and bytes after the end of its compressed picture."""
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", PLANTED.decode())
    texts.add_text("GPS", PLANTED.decode(), zip=True)
    texts.add_itxt("XML:com.adobe.xmp", PLANTED.decode())
    clean = png(image, pnginfo=texts, exif=exif_block(orientation, False))
    chunks = list(png_chunks(clean))
    last = max(i for i, (kind, _) in enumerate(chunks) if kind == b"IDAT")
    chunks[last] = (b"IDAT", chunks[last][1] + PLANTED)
    return png_of(chunks) + TRAILING


def png_chunks(content: bytes) -> list[tuple[bytes, bytes]]:
    """Return the chunks of a PNG as kind and body."""
    chunks, at = [], 8
    while at < len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        chunks.append((content[at + 4 : at + 8], content[at + 8 : at + 8 + size]))
        at += 12 + size
    return chunks


def png_of(chunks: list[tuple[bytes, bytes]]) -> bytes:
    """Return a PNG of these chunks."""
    written = (struct.pack(">L", len(b)) + k + b + struct.pack(">L", zlib.crc32(k + b)) for k, b in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(written)


def apng() -> bytes:
    """Return an animated PNG."""
    return _saved(scene(), "PNG", save_all=True, append_images=[scene(seed=2), scene(seed=3)], duration=100)


def webp(image: Image.Image | None = None, **options: Any) -> bytes:
    """Return a plain WEBP."""
    return _saved(image or scene(), "WEBP", **{"quality": 90, **options})


def planted_webp(image: Image.Image | None = None, orientation: int = 1, **options: Any) -> bytes:
    """Return a WEBP with EXIF, XMP and bytes after its end."""
    return webp(image, exif=exif_block(orientation), xmp=PLANTED, **options) + TRAILING


def animated_webp() -> bytes:
    """Return an animated WEBP."""
    return _saved(scene(), "WEBP", save_all=True, append_images=[scene(seed=2)], duration=100)


def opened(content: bytes) -> Image.Image:
    """Decode a picture whole."""
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def difference(one: Image.Image, other: Image.Image) -> float:
    """Return the mean difference of two pictures of one size, in levels of 256."""
    assert one.size == other.size, (one.size, other.size)
    pairs = zip(one.convert("RGB").tobytes(), other.convert("RGB").tobytes(), strict=True)
    return sum(abs(a - b) for a, b in pairs) / (one.width * one.height * 3)


def _saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()
