"""Whether two records of patients may be one person: a pure rule, the same from either side, that never decides.

Only within one site: another's patients are not seen here. Two national numbers that differ are two people, always.
Source: DOMAIN "Identity"; names are compared without accents, case, hyphens, apostrophes or blanks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from dermavis.domain.identity import normalise_nir
from dermavis.domain.identity_corrections import is_turned_date
from dermavis.domain.text import name_keys, normalise_name
from dermavis.domain.typing_errors import within_one_slip

SHORTEST_MISTYPED = 4
"""Letters that a name has at least for one typing error to mean anything: "Li" and "Lu" are two names."""


class Likeness(StrEnum):
    """Why two records may be one person, the surest first."""

    SAME_INS = "same_ins"
    SAME_TRAITS = "same_traits"
    OTHER_ORDER = "other_order"
    ONE_SLIP = "one_slip"


LIKENESS_WORDS: dict[Likeness, str] = {
    Likeness.SAME_INS: "Même INS",
    Likeness.SAME_TRAITS: "Mêmes noms et date de naissance",
    Likeness.OTHER_ORDER: "Mêmes noms dans un autre ordre",
    Likeness.ONE_SLIP: "Une faute de frappe d’écart",
}


STRENGTH: dict[Likeness, int] = {
    Likeness.SAME_INS: 1,
    Likeness.SAME_TRAITS: 2,
    Likeness.OTHER_ORDER: 3,
    Likeness.ONE_SLIP: 4,
}
"""By which pairs are kept in their order, the surest first; the numbers never change."""


@dataclass(frozen=True, slots=True)
class Known:
    """A patient as one site knows them; ``traits`` is the patient's part of a request."""

    id: UUID
    organization_id: UUID
    traits: Mapping[str, Any]


def likeness(one: Known, other: Known) -> Likeness | None:
    """Return why the two may be one person; None when nothing says so, or something says that they are not."""
    if one.id == other.id or one.organization_id != other.organization_id:
        return None
    numbers = {_number(one), _number(other)}
    if "" not in numbers:
        return Likeness.SAME_INS if len(numbers) == 1 else None
    if {one.traits.get("sex"), other.traits.get("sex")} == {"F", "M"}:
        return None
    return _alike(one.traits, other.traits)


def _number(known: Known) -> str:
    number = str(known.traits.get("ins") or "")
    return normalise_nir(number) or number


def _alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> Likeness | None:
    left, right = _names(one), _names(other)
    born, born_other = str(one.get("birth_date") or ""), str(other.get("birth_date") or "")
    if not all((*left, *right, born, born_other)):
        return None
    if born != born_other:
        near = within_one_slip(born, born_other) or is_turned_date(born, born_other)
        return Likeness.ONE_SLIP if near and left == right else None
    if left == right:
        return Likeness.SAME_TRAITS
    if _words(one) == _words(other):
        return Likeness.OTHER_ORDER
    return Likeness.ONE_SLIP if _mistyped(left, right) else None


def _names(traits: Mapping[str, Any]) -> tuple[str, str]:
    return normalise_name(traits.get("birth_name") or ""), normalise_name(traits.get("first_name") or "")


def _words(traits: Mapping[str, Any]) -> list[str]:
    """Every word of both names, wherever it stands: "Anne Marie" and "Marie-Anne", name and first name exchanged."""
    found: list[str] = []
    for name in (traits.get("birth_name") or "", traits.get("first_name") or ""):
        keys = name_keys(name)
        found += keys[1:] or keys
    return sorted(found)


def _mistyped(left: tuple[str, str], right: tuple[str, str]) -> bool:
    """One of the two names has one typing error, the other none."""
    wrong = [(a, b) for a, b in zip(left, right, strict=True) if a != b]
    return len(wrong) == 1 and len(max(wrong[0], key=len)) >= SHORTEST_MISTYPED and within_one_slip(*wrong[0])
