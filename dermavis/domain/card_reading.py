"""What was read of a reference card in a picture, and what may be said from it.

Measured in simulated scenes: six discs give a lesion of 10 mm beside the card within 1 %; one or two within 4 %, but
48 % at worst; the code alone 10 % and more. A card that bridges curved skin is wrong by 3 to 12 %, and nothing shows
it: whatever is said holds in the plane of the card.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from dermavis.domain.homography import Map

CARD_VERSION: Final = 1
Said = Literal["scale", "approximate", ""]
SCALE: Final = "scale"
APPROXIMATE: Final = "approximate"
NOTHING: Final = ""

LEAST_DISCS: Final = 3
LARGEST_RESIDUAL_MM: Final = 0.12
LEAST_MODULE_PIXELS: Final = 3.0
FARTHEST_MM: Final = 20.0
"""From the card's edge to what is measured."""

BEYOND_ALL_MM: Final = 60.0
"""Farther than this from the card nothing is said: less than the card's own width carries no plane so far."""

BENT_MM: Final = 0.6
"""A worst residual beyond this is no card on one plane: nothing is said."""

LEAST_CAST: Final = 1.10
MOST_CAST: Final = 1.8
MOST_UNEVEN: Final = 1.25
LEAST_GREYS: Final = 3

CLIENT_LIMITS: Final = {
    "leastModule": LEAST_MODULE_PIXELS,
    "mostCast": MOST_CAST,
    "mostUneven": MOST_UNEVEN,
    "leastGreys": LEAST_GREYS,
}
"""What the phone's camera says of a card before the picture is taken."""


@dataclass(frozen=True)
class CardReading:
    """A card found in a picture.

    ``to_mm`` carries a place of the upright picture, in shares of its width and height, to millimetres on the card as
    drawn. ``both_ends``: discs were found at the left and at the right; ``worst_mm`` and ``rms_mm``: their residuals.
    ``module_pixels``: at 1280 pixels of the long side. ``gains``: per channel, in linear light, luminance kept; None
    without three unclipped greys. ``uneven``: the ratio of light between the patches of one grey, None where they
    cannot be seen.
    """

    batch: str
    to_mm: Map
    discs: int
    both_ends: bool
    worst_mm: float
    rms_mm: float
    module_pixels: float
    confidence: float
    tilt: float | None
    gains: tuple[float, float, float] | None
    uneven: float | None

    def as_values(self) -> dict[str, Any]:
        """Return it as it is stored."""
        return {"found": True, **asdict(self)}


def reading_of(values: dict[str, Any]) -> CardReading | None:
    """Return a stored reading; None where no card was found."""
    if not values.get("found"):
        return None
    fields = {name: values[name] for name in CardReading.__dataclass_fields__}
    gains = fields["gains"]
    a, b, c, d, e, f, g, h, i = (float(each) for each in fields["to_mm"])
    fields["to_mm"] = (a, b, c, d, e, f, g, h, i)
    fields["gains"] = (gains[0], gains[1], gains[2]) if gains else None
    return CardReading(**fields)


def said_beside(reading: CardReading, *, verified: bool) -> Said:
    """Return what is said of a length beside the card; ``verified``: a bank card was laid on this print's outline.

    ``said_at`` rules how far from the card that holds. Discs at one end alone may lie on a plane that the other end has
    left: in simulated scenes every bent card that passed for flat had lost its right ones.
    """
    if reading.discs < 1 or reading.worst_mm > BENT_MM:
        return NOTHING
    sure = (
        verified
        and reading.discs >= LEAST_DISCS
        and reading.both_ends
        and max(reading.worst_mm, reading.rms_mm) <= LARGEST_RESIDUAL_MM
        and reading.module_pixels >= LEAST_MODULE_PIXELS
    )
    return SCALE if sure else APPROXIMATE


def said_at(beside: Said, distance_mm: float) -> Said:
    """Return what is said of a length whose farther end lies that far from the card's edge."""
    if distance_mm > BEYOND_ALL_MM:
        return NOTHING
    return APPROXIMATE if beside == SCALE and distance_mm > FARTHEST_MM else beside


def neutral_offered(reading: CardReading) -> bool:
    """Whether the picture may be shown with its colours balanced by the card's greys.

    Below a cast of 1.10 there is nothing to see, above 1.8 the picture is to be taken again; uneven light has no one
    gain.
    """
    if reading.gains is None or reading.uneven is None:
        return False
    cast = max(reading.gains) / min(reading.gains)
    return LEAST_CAST <= cast <= MOST_CAST and reading.uneven < MOST_UNEVEN
