"""Where the patient goes next: the destinations by gravity, and what a case takes from its lesions.

Source: DOMAIN "The opinion" (a case takes the gravest destination of its lesions; the expert may only raise it).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Destination(StrEnum):
    """Where the patient goes next, from the lightest to the gravest."""

    GP = "gp"
    IN_PERSON = "in_person"
    SURGERY = "surgery"
    ADMISSION = "admission"
    EMERGENCY = "emergency"


NEED_A_CALL = frozenset({Destination.EMERGENCY, Destination.ADMISSION})
NEED_AN_APPOINTMENT = frozenset(
    {Destination.IN_PERSON, Destination.SURGERY, Destination.ADMISSION, Destination.EMERGENCY}
)


def gravest(destinations: Iterable[Destination]) -> Destination:
    """The gravest of several destinations; ``gp`` when there is none."""
    order = list(Destination)
    return max(destinations, key=order.index, default=Destination.GP)


def of_case(own: Destination | None, lesions: Iterable[Destination | None]) -> Destination | None:
    """The destination of a case: the gravest of its lesions, or a graver one that the expert gave it.

    ``own`` is what was given to the case itself; a lighter one than a lesion's never counts. None while neither the
    case nor any lesion has one.
    """
    given = [destination for destination in (own, *lesions) if destination is not None]
    return gravest(given) if given else None
