"""What becomes of a phone's picture: stripped without re-encoding, then rendered upright."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator

import pytest
from PIL import Image

from dermavis.adapters.imaging import ChildImaging
from dermavis.domain.errors import PictureRefused
from dermavis.domain.photo_quality import RULES_VERSION
from dermavis.domain.pictures import LARGEST_FILE_BYTES, REFUSALS
from dermavis.domain.ports import Picture
from tests import material
from tests.traces import find_traces


@pytest.fixture(scope="module")
def imaging() -> Iterator[ChildImaging]:
    """The imaging of a service."""
    imaging = ChildImaging()
    yield imaging
    imaging.close()


def files_of(picture: Picture) -> list[bytes]:
    return [picture.original.content, picture.diagnostic.content, picture.thumb.content]


def refused(imaging: ChildImaging, content: bytes) -> str:
    with pytest.raises(PictureRefused) as refusal:
        imaging.process(content, True)
    assert refusal.value.message == REFUSALS[refusal.value.code]
    return refusal.value.code


def test_nothing_but_the_picture_is_kept_of_own_files(imaging: ChildImaging) -> None:
    planted = {
        "jpeg": (material.planted_jpeg(), {"exif", "xmp", "photoshop", "comment", "place", "maker note"}),
        "progressive": (material.planted_jpeg(progressive=True), {"exif", "place", "trailing bytes"}),
        "mpo": (material.mpo(), {"exif", "other pictures", "place"}),
        "png": (material.planted_png(), {"exif", "comment", "planted", "trailing bytes", "place"}),
        "apng": (material.apng(), {"other pictures"}),
        "webp": (material.planted_webp(), {"exif", "xmp", "planted", "trailing bytes", "place"}),
        "lossless webp": (material.planted_webp(lossless=True), {"exif", "xmp", "trailing bytes"}),
        "animated webp": (material.animated_webp(), {"other pictures"}),
    }
    for name, (content, expected) in planted.items():
        assert expected <= find_traces(content), name
        for kept in files_of(imaging.process(content, True)):
            assert find_traces(kept) == set(), name


def test_nothing_but_the_picture_is_kept_of_real_files(imaging: ChildImaging) -> None:
    seen = set()
    for path in material.shared_files("exif/*", "clinical/*.jpg", "skin/*", "blur/*", "hostile/*.*"):
        content = path.read_bytes()
        seen |= find_traces(content)
        try:
            picture = imaging.process(content, True)
        except PictureRefused:
            continue
        for kept in files_of(picture):
            assert find_traces(kept) == set(), path.name
    if material.shared_photos():
        assert {
            "exif",
            "place",
            "maker note",
            "other pictures",
            "trailing bytes",
            "comment",
            "planted",
        } <= seen


def test_the_original_keeps_its_compressed_pixels_untouched(imaging: ChildImaging) -> None:
    for content in (material.planted_jpeg(), material.planted_png(), material.planted_webp(lossless=True)):
        original = imaging.process(content, True).original
        assert material.opened(original.content).tobytes() == material.opened(content).tobytes()
        assert len(original.content) < len(content)


def test_the_eight_orientations_give_one_upright_picture(imaging: ChildImaging) -> None:
    upright = material.scene(400, 300)
    for orientation in range(1, 9):
        stored = material.as_stored(upright, orientation)
        for content in (
            material.planted_jpeg(stored, orientation, quality=95),
            material.planted_png(stored, orientation),
            material.planted_webp(stored, orientation, lossless=True),
        ):
            picture = imaging.process(content, True)
            assert picture.orientation == orientation
            assert (picture.original.width, picture.original.height) == stored.size
            diagnostic = material.opened(picture.diagnostic.content)
            assert material.difference(diagnostic, upright) < 4
            assert material.opened(picture.thumb.content).size == (320, 240)


def test_the_eight_orientations_of_real_files_agree(imaging: ChildImaging) -> None:
    pictures = [
        imaging.process(path.read_bytes(), False) for path in material.shared_files("exif/Landscape_*")
    ]
    assert [picture.orientation for picture in pictures] == list(range(1, len(pictures) + 1))
    thumbs = [material.opened(picture.thumb.content) for picture in pictures]
    assert all(material.difference(thumb, thumbs[0]) < 6 for thumb in thumbs)


def test_renditions_have_the_sizes_and_the_colour_of_the_protocol(imaging: ChildImaging) -> None:
    content = material.jpeg(material.scene(2800, 2100))
    close_up, overview = imaging.process(content, True), imaging.process(content, False)
    assert (close_up.diagnostic.width, close_up.diagnostic.height) == (2016, 1512)
    assert (close_up.thumb.width, close_up.thumb.height) == (320, 240)
    assert sampling(close_up.diagnostic.content) == (1, 1)
    assert sampling(overview.diagnostic.content) == (2, 2)
    assert len(overview.diagnostic.content) < len(close_up.diagnostic.content)
    small = imaging.process(material.jpeg(material.scene(300, 200)), True)
    assert (small.diagnostic.width, small.diagnostic.height) == (300, 200)


def sampling(content: bytes) -> tuple[int, int]:
    return tuple(Image.open(io.BytesIO(content)).layer[0][1:3])


def test_what_the_camera_noted_is_kept_as_plain_values(imaging: ChildImaging) -> None:
    picture = imaging.process(material.planted_jpeg(), True)
    assert picture.taken_at == "2026-03-12T09:41:07+01:00"
    assert (picture.focal_length_mm, picture.focal_length_35mm) == (4.25, 26)
    assert picture.lens == "img src x HYPERLINK( x ) back camera 4.25mm f/1.8"
    bare = imaging.process(material.jpeg(), True)
    assert (bare.taken_at, bare.lens, bare.focal_length_mm, bare.orientation) == (None, None, None, 1)


def test_the_bytes_decide_and_not_the_name(imaging: ChildImaging) -> None:
    assert imaging.process(material.mpo(), True).source_format == "jpeg"
    assert imaging.process(material.webp(), True).source_format == "webp"
    for path in material.shared_files("exif/*.heic"):
        picture = imaging.process(path.read_bytes(), True)
        assert (picture.source_format, picture.original.media_type) == ("heic", "image/jpeg")
        assert (picture.original.width, picture.original.height) == (3024, 4032)
        assert (picture.diagnostic.width, picture.diagnostic.height) == (1512, 2016)
        assert sampling(picture.original.content) == (1, 1)
        assert material.opened(picture.original.content).info["icc_profile"]


def test_every_hostile_file_is_refused_in_words_or_rendered_clean(imaging: ChildImaging) -> None:
    for path in material.shared_files("hostile/*.*", "hostile/pillow/*"):
        content, began = path.read_bytes(), time.monotonic()
        try:
            picture = imaging.process(content, True)
        except PictureRefused as refusal:
            kept, told = [], REFUSALS[refusal.code] == refusal.message
        else:
            kept, told = files_of(picture), True
        assert told, path.name
        assert all(find_traces(file) == set() for file in kept), path.name
        assert time.monotonic() - began < 20, path.name


def test_files_that_are_no_whole_picture_are_refused_each_in_its_own_words(imaging: ChildImaging) -> None:
    whole_jpeg, whole_png, whole_webp = material.jpeg(), material.png(), material.webp()
    flipped = bytearray(whole_png)
    flipped[len(flipped) // 2] ^= 0xFF
    chunks = material.png_chunks(whole_png)
    header = chunks[0][1]
    huge = material.png_of([(b"IHDR", (60_000).to_bytes(4, "big") * 2 + header[8:]), *chunks[1:]])
    bomb = material.png_of([chunks[0], (b"iCCP", b"x\0\0" + packed_zeros(50)), *chunks[1:]])
    expected = {
        b"": "empty",
        b"\xff\xd8": "truncated",
        whole_jpeg[: len(whole_jpeg) // 2]: "truncated",
        whole_jpeg[:-2]: "truncated",
        whole_png[: len(whole_png) // 2]: "truncated",
        whole_webp[: len(whole_webp) // 2]: "truncated",
        bytes(flipped): "damaged",
        huge: "too_many_pixels",
        bomb: "colour_profile",
        b"<!doctype html><script>": "document",
        b"  \n<svg xmlns='http://www.w3.org/2000/svg'/>": "document",
        b"%PDF-1.7": "document",
        b"GIF89a" + bytes(40): "unsupported",
        b"II*\0" + bytes(40): "unsupported",
        b"\0\0\0\x20ftypavif\0\0\0\0avifmif1" + bytes(40): "unsupported",
        b"\0\0\0\x20ftypisom\0\0\0\0isommp42" + bytes(40): "video",
        b"RIFF" + bytes(4) + b"AVI LIST" + bytes(40): "video",
        b"anything else": "not_a_picture",
        b"\xff\xd8\xff\xe0" + bytes(LARGEST_FILE_BYTES): "too_large",
    }
    for content, code in expected.items():
        assert refused(imaging, content) == code, content[:30]


def packed_zeros(megabytes: int) -> bytes:
    import zlib

    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(megabytes)) + packer.flush()


def test_a_large_progressive_picture_is_refused_before_it_is_decoded(imaging: ChildImaging) -> None:
    small = material.jpeg(progressive=True)
    frame = small.index(b"\xff\xc2")
    large = small[: frame + 5] + (5000).to_bytes(2, "big") * 2 + small[frame + 9 :]
    assert refused(imaging, large) == "progressive_too_large"


def test_a_sheet_without_anything_on_it_is_refused(imaging: ChildImaging) -> None:
    for grey in (0, 128, 255):
        assert refused(imaging, material.jpeg(Image.new("RGB", (800, 600), (grey,) * 3))) == "uniform"
    transparent = Image.new("RGBA", (200, 100), (200, 0, 0, 0))
    assert refused(imaging, material.png(transparent)) == "uniform"
    dark = Image.eval(material.scene(), lambda level: level // 12)
    assert imaging.process(material.jpeg(dark), True).measures["dark_share"] > 0.5


def test_measures_tell_sharp_from_blurred_and_from_moved(imaging: ChildImaging) -> None:
    from PIL import ImageFilter

    picture = material.scene(1600, 1200)
    sharp = imaging.process(material.jpeg(picture), True).measures
    soft = imaging.process(material.jpeg(picture.filter(ImageFilter.GaussianBlur(6))), True).measures
    moved = imaging.process(material.jpeg(picture.filter(ImageFilter.BoxBlur((12, 0)))), True).measures
    assert sharp["version"] == RULES_VERSION
    assert (sharp["width"], sharp["height"]) == (1600, 1200)
    assert sharp["sharpness"] > 0.5
    assert sharp["edge_ratio"] > 0.5
    assert soft["edge_ratio"] < 0.48
    assert moved["sharpness"] < 0.40
    assert sharp["bright_share"] < 0.02


def test_measures_find_the_one_sharp_photograph_of_three() -> None:
    paths = material.shared_files("blur/*")
    imaging = ChildImaging()
    ratios = {
        path.stem[-1]: imaging.process(path.read_bytes(), True).measures["edge_ratio"] for path in paths
    }
    imaging.close()
    assert all(ratios["S"] > 0.48 > 0.42 > ratios[other] for other in ratios if other != "S")
