"""What the report of a signed opinion says, before anything is typeset.

All words are ready to be read (French labels of the specialty file, no code but the diagnosis's); instants are ISO 8601
in UTC and dates are local. Administrative notes and messages have no place here: they are not in the medical report.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any, TypedDict

PICTURES_IN_A_ROW = 4


class Professional(TypedDict, total=False):
    """A requester or an expert, with the organisation they acted for."""

    name: str
    profession: str
    organization: str
    rpps: str
    phone: str


class Patient(TypedDict, total=False):
    """The identity as it stood when the opinion was signed. ``ins`` only where the identity is qualified."""

    name: str
    birth_name: str
    birth_date: str
    sex: str
    ins: str
    identity_status: str


class Fact(TypedDict):
    """One line of what was observed: ``Durée``, ``3 semaines``."""

    label: str
    value: str


class ReportPicture(TypedDict, total=False):
    """A chosen picture: an upright JPEG rendition, what stands below it and what is said to those who cannot see it.

    ``marks``: what the requester drew beside it (``PhotoMark``), laid over it in print.
    """

    content: bytes
    legend: str
    alternative: str
    marks: list[dict[str, Any]]


class Outcome(TypedDict, total=False):
    """What follows: ``level`` is ``now``, ``soon`` or ``ordinary``; ``more`` holds what goes beside it.

    ``referred``: the centre that answers the requester as well, in a sentence.
    """

    label: str
    level: str
    delay: str
    more: list[str]
    referred: str


class Treatment(TypedDict, total=False):
    """One drug line."""

    drug: str
    dose: str
    duration: str


class LesionOpinion(TypedDict, total=False):
    """The answer about one lesion; ``title`` is its site and size, ``outcome`` where it leads among several."""

    title: str
    description: str
    diagnosis: str
    certainty: str
    code: str
    differentials: list[str]
    risk: str
    conduct: str
    treatments: list[Treatment]
    tests: str
    biopsy: bool
    outcome: str


class Call(TypedDict, total=False):
    """A telephone call recorded with the opinion."""

    whom: str
    phone: str
    at: str
    note: str


class Report(TypedDict, total=False):
    """Everything on the report. ``time_zone`` (IANA) is the requester's: it is named beside each hour.

    ``request_version`` is the revision of the request that the opinion rests on, made at ``request_made_at``.
    ``replaces_version`` with its signature, ``amends`` ("Correction") and ``amends_why`` are a later version's;
    ``replaced_by``, a version, with ``replaced_at`` marks one that is no longer in force; ``entered_in_error_at``
    that of a case that was an error. ``identity_corrected_at``: the patient's identity is another since.
    """

    number: str
    version: int
    replaces_version: int
    replaces_signed_at: str
    amends: str
    amends_why: str
    replaced_by: int
    replaced_at: str
    entered_in_error_at: str
    identity_corrected_at: str
    specialty: str
    time_zone: str
    requested_at: str
    request_version: int
    request_made_at: str
    signed_at: str
    fictitious: bool
    patient: Patient
    requester: Professional
    expert: Professional
    motive: str
    question: str
    hypothesis: str
    facts: list[Fact]
    pictures: list[ReportPicture]
    outcome: Outcome
    lesions: list[LesionOpinion]
    safety_net: str
    teaching: str
    photo_advice: str
    calls: list[Call]


def pictures_to_show(ranks: Sequence[int], several: bool) -> list[int]:
    """The places of the pictures that a report shows, out of pictures of the lesions of these ranks (-1: of none).

    The first of them, as many as stand in a row. Of several lesions two rows, in which none is left out: the first
    picture of each, then the second of each; they stand lesion by lesion.
    """
    if not several:
        return list(range(len(ranks)))[:PICTURES_IN_A_ROW]
    turns = [(ranks[:place].count(rank), place) for place, rank in enumerate(ranks)]
    chosen = [place for _, place in sorted(turns)][: 2 * PICTURES_IN_A_ROW]
    return sorted(chosen, key=lambda place: (ranks[place], place))


def file_name(number: str, signed_on: date, version: int = 1) -> str:
    """Return the name of the report's file: number and day, the version when it is a later one; never a person."""
    safe = re.sub(r"[^A-Za-z0-9-]", "", number) or "avis"
    later = f"-v{version}" if version > 1 else ""
    return f"avis-{safe}-{signed_on:%Y-%m-%d}{later}.pdf"
