"""How a lesion is called: its number and place, or all that was seen of it, in French."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dermavis.domain.phrases import number, small
from dermavis.domain.specialty_schema import BodySite, Specialty
from dermavis.domain.unchecked import is_number, text_of

_SIDES = {
    "": {"left": "à gauche", "right": "à droite"},
    "m": {"left": "gauche", "right": "droit"},
    "f": {"left": "gauche", "right": "droite"},
}
_WHOLE = {"middle": "sur la ligne médiane", "both": "des deux côtés"}


def lesion_label(rank: int, count: int) -> str:
    """ "Lésion 2" for the second (``rank`` 1) of several; "Lésion" for an only one."""
    return f"Lésion {rank + 1}" if count > 1 else "Lésion"


def lesion_labels(lesions: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Lesion id → "Lésion 2"; empty for an only lesion, which needs no number."""
    if len(lesions) < 2:
        return {}
    return {text_of(row.get("id")): lesion_label(rank, len(lesions)) for rank, row in enumerate(lesions)}


def lesion_names(specialty: Specialty, lesions: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Lesion id → "Lésion 2 : haut du dos à gauche"; empty for an only lesion, which needs no name."""
    places = {text_of(lesion.get("id")): site_phrase(specialty, lesion) for lesion in lesions}
    return {
        lesion: "\u00a0: ".join(part for part in (label, places[lesion]) if part)
        for lesion, label in lesion_labels(lesions).items()
    }


def lesion_title(specialty: Specialty, motive: str, lesion: Mapping[str, Any] | None) -> str:
    """ "Kératose, haut du dos à droite, unique, 12 mm, en relief"; the motive's noun alone without a lesion."""
    noun = next((row.noun for row in specialty.motives if row.id == motive), "Lésion")
    if lesion is None:
        return noun
    size = lesion.get("size_mm")
    parts = [
        noun,
        site_phrase(specialty, lesion),
        next(
            (row.phrase or small(row.label) for row in specialty.counts if row.id == lesion.get("count")), ""
        ),
        f"{number(size)}\u00a0mm" if is_number(size) else "",
        next(
            (
                row.phrase or small(row.label)
                for row in specialty.palpations
                if row.id == lesion.get("palpation")
            ),
            "",
        ),
    ]
    return ", ".join(part for part in parts if part)


def site_phrase(specialty: Specialty, lesion: Mapping[str, Any]) -> str:
    """ "haut du dos à droite", "main droite", with what was written about the place in brackets."""
    written = text_of(lesion.get("free_site"))
    site = next((row for row in specialty.body_sites if row.id == lesion.get("site")), None)
    if site is None:
        return written
    phrase = f"{site.phrase or small(site.label)} {_side(site, text_of(lesion.get('side')))}".strip()
    return f"{phrase} ({written})" if written else phrase


def _side(site: BodySite, side: str) -> str:
    if side not in site.sides:
        return ""
    return _WHOLE.get(side) or _SIDES[site.agrees][side]
