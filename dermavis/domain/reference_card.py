"""The printed reference card (« carte-repère »): its layout in millimetres, its code, and how a print is verified.

One layout only, ``DVC1``: the size of a bank card (ISO/IEC 7810 ID-1). Six black discs surround the card, for a code
alone gives the scale at the code and not at the lesion beside it. The sheet and the reader both take these figures.
"""

from __future__ import annotations

import json
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from dermavis.domain.errors import InvalidInput
from dermavis.domain.homography import Point

LAYOUT: Final = "DVC1"
WIDTH_MM: Final = 85.60
HEIGHT_MM: Final = 53.98
DISC_MM: Final = 4.0
DISCS: Final[tuple[Point, ...]] = tuple((x, y) for x in (5.5, 40.0, 80.1) for y in (5.5, 44.0))
CODE_MM: Final = 20
CODE_LEFT: Final = 12.0
CODE_MIDDLE: Final = 24.75
MODULES: Final = 21
QUIET_MODULES: Final = 4
CODE_CORNERS: Final[tuple[Point, ...]] = (
    (CODE_LEFT, CODE_MIDDLE - CODE_MM / 2),
    (CODE_LEFT + CODE_MM, CODE_MIDDLE - CODE_MM / 2),
    (CODE_LEFT + CODE_MM, CODE_MIDDLE + CODE_MM / 2),
    (CODE_LEFT, CODE_MIDDLE + CODE_MM / 2),
)
"""Top left, top right, bottom right, bottom left of the code's black corners."""

RULER_MM: Final = 70
GREYS: Final = (200, 160, 120, 80)
GREY_MM: Final = 7.0
GREY_PATCHES: Final[tuple[tuple[int, Point], ...]] = tuple(
    zip(GREYS, ((43.0, 12.5), (51.0, 12.5), (43.0, 21.0), (51.0, 21.0)), strict=True)
)
"""Level and top left corner of each grey."""

LIGHT_LEVEL: Final = 160
LIGHT_MM: Final = 6.0
LIGHT_PATCHES: Final[tuple[Point, ...]] = ((13.0, 2.5), (70.0, 2.5))
"""Two patches of one grey far from each other: unequal in a picture, the light is uneven."""

_CODE: Final = re.compile(rf"{LAYOUT}-{CODE_MM}-([A-Z0-9]{{1,2}})")
_SIGNS: Final = string.ascii_uppercase + string.digits


def client_module(limits: dict[str, float]) -> str:
    """Return ``static/js/camera/card-layout.js`` as it must be; ``limits`` are those of what is read on a card."""
    content = {
        "payload": payload(""),
        "width": WIDTH_MM,
        "height": HEIGHT_MM,
        "modules": MODULES,
        "code": {"left": CODE_LEFT, "top": CODE_MIDDLE - CODE_MM / 2, "size": CODE_MM},
        "greys": [(*corner, GREY_MM) for _, corner in GREY_PATCHES],
        # Of one grey, and near the code: a live frame places what lies far from it by some millimetres only.
        "lights": [
            (*LIGHT_PATCHES[0], LIGHT_MM),
            *((*corner, GREY_MM) for level, corner in GREY_PATCHES if level == LIGHT_LEVEL),
        ],
        **limits,
    }
    home = "/** Written from dermavis/domain/reference_card.py and card_reading.py, the home of these figures. */"
    return f"{home}\nexport default {json.dumps(content, separators=(',', ':'))};\n"


LARGEST_GAP_MM: Final = 0.5
"""Between a bank card and its outline; « adapter à la page » shrinks by 3 to 6 %, which no photograph reveals."""

_LEAST_WIDTH_MM: Final = 75.0
_MOST_WIDTH_MM: Final = 95.0
_NB: Final = "\u00a0"


def payload(batch: str) -> str:
    """Return what the code of a batch's cards says."""
    return f"{LAYOUT}-{CODE_MM}-{batch}"


def batch_of(read: str) -> str | None:
    """Return the batch that a code names, or None for a code that is no card's."""
    found = _CODE.fullmatch(read)
    return found.group(1) if found else None


def batch_codes() -> Iterator[str]:
    """Give every batch code, the shortest first: 36 of one sign, 1296 of two (the code holds ten signs)."""
    yield from _SIGNS
    for first in _SIGNS:
        for second in _SIGNS:
            yield first + second


@dataclass(frozen=True)
class PrintCheck:
    """What was measured on a print's two outlines: the long side across the sheet, and down it, in millimetres."""

    across_mm: float
    down_mm: float

    @property
    def factor(self) -> float:
        """How much larger the print is than drawn: what is measured on it is multiplied by this."""
        return (self.across_mm + self.down_mm) / 2 / WIDTH_MM

    @property
    def corrected(self) -> bool:
        """Whether the print differs so much that it serves only with its measured width."""
        return max(abs(self.across_mm - WIDTH_MM), abs(self.down_mm - WIDTH_MM)) > LARGEST_GAP_MM


AS_DRAWN: Final = PrintCheck(WIDTH_MM, WIDTH_MM)
"""The bank card filled its outline both ways."""


def check_print(across: str, down: str) -> PrintCheck:
    """Return a print's check from two widths as typed. Raises InvalidInput: no width, or a print that is distorted."""
    errors = {}
    widths = {}
    for name, typed in (("across", across), ("down", down)):
        try:
            widths[name] = float(typed.strip().removesuffix("mm").strip().replace(",", "."))
        except ValueError:
            errors[name] = f"Notez la longueur mesurée en millimètres, par exemple 83,2{_NB}mm."
            continue
        if not _LEAST_WIDTH_MM <= widths[name] <= _MOST_WIDTH_MM:
            errors[name] = (
                f"Une longueur entre 75 et 95{_NB}mm est attendue{_NB}: mesurez le grand côté du cadre de contrôle."
            )
    if errors:
        raise InvalidInput(errors)
    if abs(widths["across"] - widths["down"]) > LARGEST_GAP_MM:
        raise InvalidInput(
            {
                "down": "Les deux cadres n’ont pas la même longueur\u00a0: cette impression déforme la carte. "
                "Jetez-la et réimprimez à 100\u00a0%."
            }
        )
    return PrintCheck(widths["across"], widths["down"])
