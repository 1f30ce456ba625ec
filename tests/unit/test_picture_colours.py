"""Colours of the renditions against references computed here, without the colour engine that made them."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import pytest
from PIL import Image

from dermavis.adapters.imaging import ChildImaging
from dermavis.adapters.imaging.icc import DISPLAY_P3, Chromaticities, fitting_profile, matrix_profile
from tests import material

Colour = tuple[float, float, float]

ADOBE_RGB: Chromaticities = ((0.640, 0.330), (0.210, 0.710), (0.150, 0.060))
ADOBE_GAMMA = 563 / 256
SKIN_AND_REDNESS = [
    (220, 60, 50),
    (190, 90, 80),
    (120, 60, 45),
    (235, 190, 170),
    (90, 60, 150),
    (128, 128, 128),
]
P3_TO_SRGB = ((1.22494, -0.22494, 0.0), (-0.04206, 1.04206, 0.0), (-0.01964, -0.07864, 1.09828))
ADOBE_TO_SRGB = ((1.39836, -0.39836, 0.0), (0.0, 1.0, 0.0), (0.0, -0.04293, 1.04293))
SRGB_TO_XYZ = ((0.41239, 0.35758, 0.18048), (0.21264, 0.71517, 0.07219), (0.01933, 0.11919, 0.95053))
MOST = 3.0


@pytest.fixture(scope="module")
def imaging() -> Iterator[ChildImaging]:
    """The imaging of a service."""
    imaging = ChildImaging()
    yield imaging
    imaging.close()


def test_display_p3_and_adobe_rgb_are_converted_before_the_profile_goes(imaging: ChildImaging) -> None:
    p3, adobe = matrix_profile(DISPLAY_P3), matrix_profile(ADOBE_RGB, ADOBE_GAMMA)
    for profile, matrix, gamma in ((p3, P3_TO_SRGB, None), (adobe, ADOBE_TO_SRGB, ADOBE_GAMMA)):
        expected = [in_srgb(colour, matrix, gamma) for colour in SKIN_AND_REDNESS]
        assert worst(expected, SKIN_AND_REDNESS) > 6, "dropping the profile must show"
        for content in (
            material.jpeg(patches(), quality=97, subsampling=0, icc_profile=profile),
            material.png(patches(), icc_profile=profile),
            material.webp(patches(), lossless=True, icc_profile=profile),
        ):
            picture = imaging.process(content, True)
            for rendition in (picture.diagnostic, picture.thumb):
                assert worst(expected, seen_on(rendition.content)) < MOST
            assert material.opened(picture.original.content).info["icc_profile"] == profile


def test_a_real_phones_profile_is_converted_alike(imaging: ChildImaging) -> None:
    own = matrix_profile(DISPLAY_P3)
    for path in material.shared_files("exif/iphone11pro_p3.heic"):
        profile = material.opened(imaging.process(path.read_bytes(), True).original.content).info[
            "icc_profile"
        ]
        made = [
            seen_on(imaging.process(material.png(patches(), icc_profile=one), True).diagnostic.content)
            for one in (profile, own)
        ]
        assert worst(*made) < 1


def test_srgb_under_any_name_and_no_profile_at_all_stay_as_they_are(imaging: ChildImaging) -> None:
    from PIL import ImageCms

    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for options in ({}, {"icc_profile": srgb}, {"icc_profile": b"no profile"}):
        picture = imaging.process(material.png(patches(), **options), True)
        assert worst(SKIN_AND_REDNESS, seen_on(picture.diagnostic.content)) < MOST


def test_a_png_that_names_its_colours_by_gamma_and_primaries_is_converted(imaging: ChildImaging) -> None:
    chunks = material.png_chunks(material.png(patches()))
    primaries = (0.3127, 0.3290, *(part for pair in ADOBE_RGB for part in pair))
    named = [
        (b"gAMA", struct.pack(">L", round(100_000 / ADOBE_GAMMA))),
        (b"cHRM", struct.pack(">8L", *(round(part * 100_000) for part in primaries))),
    ]
    picture = imaging.process(material.png_of([chunks[0], *named, *chunks[1:]]), True)
    expected = [in_srgb(colour, ADOBE_TO_SRGB, ADOBE_GAMMA) for colour in SKIN_AND_REDNESS]
    assert worst(expected, seen_on(picture.diagnostic.content)) < MOST


def test_cmyk_goes_through_its_profile_and_keeps_it(imaging: ChildImaging) -> None:
    profile = cmyk_profile()
    # Light inks: the perceptual intent lifts the darkest ones a little, as it should on a screen.
    inks = [(0, 150, 120, 0), (10, 90, 80, 0), (30, 90, 70, 10), (0, 40, 50, 0)]
    sheet = Image.new("CMYK", (64 * len(inks), 64))
    for i, ink in enumerate(inks):
        sheet.paste(ink, (64 * i, 0, 64 * (i + 1), 64))
    expected = [from_lab(lab_of_ink(ink)) for ink in inks]
    picture = imaging.process(material.jpeg(sheet, quality=97, subsampling=0, icc_profile=profile), True)
    assert worst(expected, seen_on(picture.diagnostic.content, len(inks))) < MOST
    original = material.opened(picture.original.content)
    assert (original.mode, original.info["icc_profile"]) == ("CMYK", profile)
    plain = imaging.process(material.jpeg(sheet, quality=97, subsampling=0), True)
    unmanaged = [tuple((255 - c) * (255 - ink[3]) / 255 for c in ink[:3]) for ink in inks]
    assert worst(unmanaged, seen_on(plain.diagnostic.content, len(inks))) < MOST
    assert worst(unmanaged, expected) > 6


def test_sixteen_bit_greys_keep_their_shades(imaging: ChildImaging) -> None:
    steps = [0, 8_000, 20_000, 33_000, 50_000, 65_535]
    row = b"".join(struct.pack("<H", level) * 64 for level in steps)
    sheet = Image.frombytes("I;16", (64 * len(steps), 64), row * 64)
    picture = imaging.process(material.png(sheet), True)
    expected = [(level / 257,) * 3 for level in steps]
    assert worst(expected, seen_on(picture.diagnostic.content, len(steps))) < MOST
    assert picture.original.media_type == "image/png"


def test_transparent_parts_stand_on_white_paper(imaging: ChildImaging) -> None:
    seen = patches().convert("RGBA")
    seen.paste((0, 0, 0, 0), (0, 0, 64, 64))
    for content in (material.png(seen), material.webp(seen, lossless=True), material.png(seen.quantize(16))):
        colours = seen_on(imaging.process(content, True).diagnostic.content)
        assert worst([(255, 255, 255)], colours[:1]) < MOST
        assert worst(SKIN_AND_REDNESS[1:], colours[1:]) < MOST


def test_a_profile_of_another_kind_of_pixels_is_left_out_of_the_original_too(imaging: ChildImaging) -> None:
    content = material.jpeg(patches().convert("L"), icc_profile=matrix_profile(DISPLAY_P3))
    assert b"ICC_PROFILE" in content
    assert b"ICC_PROFILE" not in imaging.process(content, True).original.content
    assert fitting_profile(matrix_profile(DISPLAY_P3), b"RGB ") is not None
    assert fitting_profile(matrix_profile(DISPLAY_P3)[:200], b"RGB ") is None


def patches() -> Image.Image:
    sheet = Image.new("RGB", (64 * len(SKIN_AND_REDNESS), 64))
    for i, colour in enumerate(SKIN_AND_REDNESS):
        sheet.paste(colour, (64 * i, 0, 64 * (i + 1), 64))
    return sheet


def seen_on(content: bytes, count: int = len(SKIN_AND_REDNESS)) -> list[Colour]:
    """Return the colour at the middle of each patch."""
    image = material.opened(content).convert("RGB")
    step = image.width / count
    return [image.getpixel((int(step * (i + 0.5)), image.height // 2)) for i in range(count)]


def worst(expected: list[Colour], seen: list[Colour]) -> float:
    """Return the largest ΔE (CIE 1976)."""
    pairs = zip(expected, seen, strict=True)
    return max(sum((a - b) ** 2 for a, b in zip(to_lab(e), to_lab(s), strict=True)) ** 0.5 for e, s in pairs)


def in_srgb(colour: Colour, matrix: tuple[Colour, Colour, Colour], gamma: float | None) -> Colour:
    linear = [(part / 255) ** gamma if gamma else linear_of(part) for part in colour]
    return tuple(encoded(sum(m * v for m, v in zip(row, linear, strict=True))) for row in matrix)


def linear_of(level: float) -> float:
    part = level / 255
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def encoded(part: float) -> float:
    part = min(1.0, max(0.0, part))
    return 255 * (12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055)


def to_lab(colour: Colour) -> Colour:
    linear = [linear_of(part) for part in colour]
    xyz = [sum(m * v for m, v in zip(row, linear, strict=True)) / sum(row) for row in SRGB_TO_XYZ]
    x, y, z = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def from_lab(lab: Colour) -> Colour:
    y = (lab[0] + 16) / 116
    parts = [
        v**3 if v**3 > 0.008856 else (v - 16 / 116) / 7.787 for v in (y + lab[1] / 500, y, y - lab[2] / 200)
    ]
    under_d50 = [v * white for v, white in zip(parts, (0.96422, 1.0, 0.82521), strict=True)]
    to_d65 = ((0.95558, -0.02304, 0.06316), (-0.02829, 1.00994, 0.02101), (0.0123, -0.02048, 1.33005))
    x, y, z = (sum(m * v for m, v in zip(row, under_d50, strict=True)) for row in to_d65)
    back = ((3.24097, -1.53738, -0.49861), (-0.96924, 1.87597, 0.04156), (0.05563, -0.20398, 1.05697))
    return tuple(encoded(m[0] * x + m[1] * y + m[2] * z) for m in back)


def lab_of_ink(ink: tuple[int, int, int, int]) -> Colour:
    """The paper and inks of the profile below: each ink takes its share of lightness and colour."""
    c, m, y, k = (part / 255 for part in ink)
    return 95 - 20 * c - 30 * m - 5 * y - 40 * k, 50 * m - 30 * c, 60 * y - 30 * c


def cmyk_profile() -> bytes:
    """Return a small CMYK profile: a table with two points an axis, whose corners follow ``lab_of_ink``."""
    corners = b""
    for number in range(16):
        lab = lab_of_ink(tuple(255 * (number >> shift & 1) for shift in (3, 2, 1, 0)))
        corners += bytes([round(lab[0] * 2.55), round(lab[1]) + 128, round(lab[2]) + 128])
    identity = struct.pack(">9l", *(65536 if i % 4 == 0 else 0 for i in range(9)))
    ramp = bytes(range(256))
    table = b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + identity + ramp * 4 + corners + ramp * 3
    text = b"desc" + bytes(4) + struct.pack(">L", 5) + b"inks\0" + bytes(78)
    white = b"XYZ " + bytes(4) + struct.pack(">lll", 63190, 65536, 54061)
    tags = [(b"desc", text), (b"wtpt", white), (b"A2B0", table)]
    head, body = struct.pack(">L", len(tags)), b""
    for name, content in tags:
        content += bytes(-len(content) % 4)
        head += name + struct.pack(">LL", 128 + 4 + 12 * len(tags) + len(body), len(content))
        body += content
    size = 128 + len(head) + len(body)
    header = struct.pack(">L4sL4s4s4s12x4s28x", size, b"", 0x02100000, b"prtr", b"CMYK", b"Lab ", b"acsp")
    return header + struct.pack(">lll", 63190, 65536, 54061) + bytes(48) + head + body
