"""Doctors with an account who may be named as a patient's treating doctor: found by a few letters, checked when named.

Only who fills in a request looks them up; found are people who ask for opinions themselves, in the same network, by
their name and place and nothing else. Those of the site come first, then those nearby.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from dermavis.domain.errors import InvalidInput
from dermavis.domain.permissions import Permission
from dermavis.domain.roles import TREATING
from dermavis.domain.text import name_keys, search_words
from dermavis.domain.treating_doctor import FIELD, NOT_REACHABLE, is_named, who_gets_a_copy
from dermavis.models import Membership, Organization, Person
from dermavis.models.queries.validity import holds_on
from dermavis.services.access import require
from dermavis.services.names import full_name
from dermavis.services.work import Work

MOST_FOUND = 8
FEWEST_LETTERS = 2
LONGEST_QUERY = 100
TITLES = frozenset({"dr", "docteur", "pr", "professeur"})

_COLUMNS: tuple[Any, ...] = (
    Person.id,
    Person.title,
    Person.first_name,
    Person.last_name,
    Organization.id.label("place_id"),
    Organization.name,
    Organization.short_name,
    Organization.commune,
    Organization.postcode,
)


@dataclass(frozen=True)
class Doctor:
    """Somebody who may be named: "Dr Rose Hennequin", "Cabinet du Port, Chalon-sur-Saône"."""

    id: UUID
    name: str
    place: str


def find_doctors(work: Work, query: str) -> list[Doctor]:
    """Return the doctors of whom each typed word begins a name or place; only the site's for fewer than two letters.

    Accents, capitals and the order of the words do not matter. Raises Forbidden, and InvalidInput for a long query.
    """
    require(work, Permission.DOCTOR_SEARCH)
    if len(query) > LONGEST_QUERY:
        raise InvalidInput({"q": "Cette recherche est trop longue."})
    words = [word for word in search_words(query) if word not in TITLES]
    everywhere = sum(map(len, words)) >= FEWEST_LETTERS
    here = work.session.get_one(Organization, work.acting.organization_id)
    rows = _doctors(work, work.acting.facts.network_id)
    if not everywhere:
        rows = rows.where(Organization.id == here.id)
    found: dict[UUID, tuple[tuple[int, str, str], Doctor]] = {}
    for row in work.session.execute(rows):
        if not _matches(row, words):
            continue
        place = _place(row)
        rank = (_distance(row, here), row.last_name.casefold(), row.first_name.casefold())
        known = found.get(row.id)
        if known is None or rank < known[0]:
            found[row.id] = (rank, Doctor(row.id, full_name(row), place))
    return [doctor for _, doctor in sorted(found.values(), key=lambda pair: pair[0])[:MOST_FOUND]]


def place_of_doctor(work: Work, patient: Mapping[str, Any], network_id: UUID) -> UUID | None:
    """Return for which organisation the person that a request names may be given the opinion today; None for nobody.

    They have a live account and a doctor's role, and the words still name them.
    """
    chosen = who_gets_a_copy(patient)
    if chosen is None:
        return None
    rows = _doctors(work, network_id).where(Person.id == chosen).order_by(Membership.valid_from)
    row = work.session.execute(rows.limit(1)).first()
    named = row is not None and is_named(str(patient.get("treating_doctor") or ""), row.last_name)
    return row.place_id if row is not None and named else None


def fault_of_doctor(work: Work, patient: Mapping[str, Any], network_id: UUID) -> dict[str, str]:
    """Return field → sentence where the chosen treating doctor could not be given the opinion."""
    if who_gets_a_copy(patient) is None or place_of_doctor(work, patient, network_id) is not None:
        return {}
    return {FIELD: NOT_REACHABLE}


def is_doctor(work: Work) -> bool:
    """Whether the actor may be a patient's treating doctor themselves, where they act."""
    return bool(work.acting.roles & TREATING)


def _doctors(work: Work, network_id: UUID) -> Select[Any]:
    return (
        select(*_COLUMNS)
        .join(Membership, Membership.person_id == Person.id)
        .join(Organization, Organization.id == Membership.organization_id)
        .where(
            Organization.network_id == network_id,
            Organization.closed_at.is_(None),
            Membership.role.in_([role.value for role in TREATING]),
            holds_on(Membership, work.now.date()),
            Person.state == "active",
        )
    )


def _matches(row: Any, words: list[str]) -> bool:
    keys = [key for text in (row.first_name, row.last_name, row.name, row.commune) for key in _keys(text)]
    return all(any(key.startswith(word) for key in keys) for word in words)


@lru_cache(maxsize=50_000)
def _keys(text: str) -> tuple[str, ...]:
    """The keys of a name, which are the same at each letter that is typed."""
    return name_keys(text)


def _place(row: Any) -> str:
    name = row.short_name or row.name
    return name if not row.commune or row.commune.casefold() in name.casefold() else f"{name}, {row.commune}"


def _distance(row: Any, here: Organization) -> int:
    """0 on the site, 1 in its commune, 2 in its department, 3 beyond."""
    if row.place_id == here.id:
        return 0
    if here.postcode and row.postcode == here.postcode:
        return 1
    return 2 if here.postcode and row.postcode[:2] == here.postcode[:2] else 3
