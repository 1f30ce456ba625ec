"""Colour profiles: which one may stay, and the two or three that must be written because the file only names them."""

from __future__ import annotations

import io
import struct
from typing import Final

from PIL import ImageCms

_CLASSES: Final = {b"mntr", b"scnr", b"prtr", b"spac"}

Chromaticities = tuple[tuple[float, float], tuple[float, float], tuple[float, float]]
SRGB: Final[Chromaticities] = ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060))
DISPLAY_P3: Final[Chromaticities] = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
BT_2020: Final[Chromaticities] = ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046))
_D65_TO_D50: Final = (
    (1.0478112, 0.0228866, -0.0501270),
    (0.0295424, 0.9904844, -0.0170491),
    (-0.0092345, 0.0150436, 0.7521316),
)  # Bradford
_D65: Final = (0.95047, 1.0, 1.08883)


def fitting_profile(profile: bytes, space: bytes) -> bytes | None:
    """Return the profile cut to the size it declares, or None when it is none for pixels of that colour space.

    A browser ignores such a profile too, so that the original and its renditions keep the same colours.
    """
    size = int.from_bytes(profile[:4], "big")
    if not 128 < size <= len(profile) or profile[36:40] != b"acsp":
        return None
    if profile[16:20] != space or profile[12:16] not in _CLASSES:
        return None
    profile = profile[:size]
    try:
        ImageCms.ImageCmsProfile(io.BytesIO(profile))
    except (OSError, ImageCms.PyCMSError):
        return None
    return profile


def matrix_profile(primaries: Chromaticities, gamma: float | None = None) -> bytes:
    """Return an ICC profile of these primaries under D65, with sRGB's tone curve or a plain power."""
    columns = _colorants(primaries)
    curve = _curve(gamma)
    text = b"DermAvis"
    tags = [
        (b"desc", b"desc" + bytes(4) + struct.pack(">L", len(text) + 1) + text + bytes(79)),
        (b"cprt", b"text" + bytes(4) + b"CC0\0"),
        (b"wtpt", _xyz((0.9642, 1.0, 0.8249))),
        *((name, _xyz(column)) for name, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns, strict=True)),
        *((name, curve) for name in (b"rTRC", b"gTRC", b"bTRC")),
    ]
    table, body = struct.pack(">L", len(tags)), b""
    for name, content in tags:
        content += bytes(-len(content) % 4)
        table += name + struct.pack(">LL", 132 + 12 * len(tags) + len(body), len(content))
        body += content
    header = struct.pack(">L4sL4s4s4s12x4s28x", 132 + len(table) - 4 + len(body), b"", 0x02100000, b"mntr", b"RGB ",
                         b"XYZ ", b"acsp")  # fmt: skip
    return header + struct.pack(">lll", 63190, 65536, 54061) + bytes(48) + table + body


def _colorants(primaries: Chromaticities) -> list[tuple[float, float, float]]:
    """Return the XYZ of each primary at full strength, adapted to D50."""
    xyz = [(x / y, 1.0, (1 - x - y) / y) for x, y in primaries]
    strengths = _solve(xyz, _D65)
    lit = [tuple(part * strength for part in column) for column, strength in zip(xyz, strengths, strict=True)]
    return [
        (_dot(_D65_TO_D50[0], column), _dot(_D65_TO_D50[1], column), _dot(_D65_TO_D50[2], column))
        for column in lit
    ]


def _solve(columns: list[tuple[float, float, float]], target: tuple[float, float, float]) -> list[float]:
    """Solve the three equations ``sum(strength * column) = target`` (Cramer)."""
    whole = _determinant(columns)
    return [_determinant([*columns[:i], target, *columns[i + 1 :]]) / whole for i in range(3)]


def _determinant(columns: list[tuple[float, float, float]]) -> float:
    (a, d, g), (b, e, h), (c, f, i) = columns
    return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)


def _dot(row: tuple[float, ...], column: tuple[float, ...]) -> float:
    return sum(one * other for one, other in zip(row, column, strict=True))


def _curve(gamma: float | None) -> bytes:
    if gamma is not None:
        return b"curv" + bytes(4) + struct.pack(">LH", 1, round(gamma * 256))
    steps = [i / 1023 for i in range(1024)]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in steps]
    return b"curv" + bytes(4) + struct.pack(">L1024H", 1024, *(round(v * 65535) for v in linear))


def _xyz(value: tuple[float, float, float]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">lll", *(round(part * 65536) for part in value))
