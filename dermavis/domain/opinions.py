"""What an opinion holds, what it must hold to be signed, and what follows from it.

Sources: DOMAIN "The opinion" (mandatory parts, destinations, three levels of what follows).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from dermavis.domain.case_states import State
from dermavis.domain.closing import OpenThings
from dermavis.domain.destinations import NEED_A_CALL, NEED_AN_APPOINTMENT, Destination, of_case
from dermavis.domain.errors import InvalidInput
from dermavis.domain.fields import (
    Ident,
    Instant,
    Line,
    Name,
    Paragraph,
    Part,
    Phone,
    canonical,
    fingerprint_of,
    read,
)
from dermavis.domain.lesion_wording import lesion_label
from dermavis.domain.phrases import small
from dermavis.domain.referrals import Referral
from dermavis.domain.specialty_schema import Specialty

Quality = Literal["good", "usable", "insufficient"]

_DIAGNOSIS = "Indiquez un diagnostic, ou «\u00a0impossible\u00a0»."
_CONDUCT = "Indiquez la conduite à tenir."
_DESTINATION = "Choisissez ce qui suit pour le patient."


class Level(StrEnum):
    """How firmly an opinion is brought to its reader."""

    NOW = "now"
    TWO_WEEKS = "two_weeks"
    ORDINARY = "ordinary"


class Treatment(Part):
    """One prescription advised: drug, dose and duration in the expert's words."""

    drug: Line = ""
    dose: Line = ""
    duration: Line = ""


class LesionOpinion(Part):
    """The opinion on one lesion, or on the whole request when ``lesion`` is None.

    ``destination``: where this lesion leads, given where there are several; the content of others says nothing of it.
    """

    lesion: UUID | None = None
    description: Paragraph = ""
    diagnosis: Line = ""
    impossible: bool = False
    certainty: Literal["possible", "probable", "certain"] | None = None
    code: Ident = ""
    differentials: Annotated[list[Line], Field(max_length=10)] = Field(default_factory=list)
    risk_class: Ident = ""
    conduct: Paragraph = ""
    treatments: Annotated[list[Treatment], Field(max_length=10)] = Field(default_factory=list)
    tests: Paragraph = ""
    biopsy: bool = False
    destination: Destination | None = Field(default=None, exclude_if=lambda given: given is None)


class ExpertCall(Part):
    """A telephone call made before signing: whom, on which number, when (UTC)."""

    whom: Line = ""
    phone: Phone = ""
    at: Instant | None = None
    note: Paragraph = ""


class OpinionContent(Part):
    """The whole content of an opinion, draft or signed version.

    ``referral``: to which other centre its request goes with it; chosen on a page of its own, never in the form.
    ``follow_up``: to be seen again, even while it is not said in how many weeks. ``amends`` and ``amends_why`` are a
    later version's alone: a key of ``amendments.AMENDMENTS``, and the reason that its readers are told.
    """

    format: Literal[1] = 1
    photo_quality: Quality | None = None
    photo_advice: Paragraph = ""
    history_quality: Quality | None = None
    history_advice: Paragraph = ""
    lesions: Annotated[list[LesionOpinion], Field(max_length=20)] = Field(default_factory=list)
    destination: Destination | None = None
    destination_delay: Name = ""
    within_two_weeks: bool = False
    follow_up: bool = False
    follow_up_weeks: Annotated[int, Field(ge=1, le=104)] | None = None
    retake: bool = False
    retake_views: Annotated[list[Ident], Field(max_length=30)] = Field(default_factory=list)
    safety_net: Paragraph = ""
    teaching: Paragraph = ""
    calls: Annotated[list[ExpertCall], Field(max_length=20)] = Field(default_factory=list)
    amends: Ident = ""
    amends_why: Line = ""
    referral: Referral | None = Field(default=None, exclude_if=lambda given: given is None)


def is_empty(opinion: OpinionContent) -> bool:
    """Whether nothing was written: a form that was opened names its lesions and says nothing of them."""
    said = [lesion for lesion in opinion.lesions if lesion != LesionOpinion(lesion=lesion.lesion)]
    return not said and opinion.model_copy(update={"lesions": []}) == OpinionContent()


def read_opinion(raw: object) -> OpinionContent:
    """An opinion from JSON, cleaned; raises ``InvalidInput`` by field path."""
    return read(OpinionContent, raw, {})


def opinion_fingerprint(opinion: OpinionContent) -> str:
    """SHA-256 of an opinion's canonical JSON: what the signature is bound to."""
    return fingerprint_of(canonical(opinion))


def destination_of(opinion: OpinionContent) -> Destination | None:
    """Where the patient goes by this opinion: the gravest of the case's own destination and its lesions'."""
    return of_case(opinion.destination, [lesion.destination for lesion in opinion.lesions])


def settled(opinion: OpinionContent) -> OpinionContent:
    """The opinion as it is signed: its destination is never lighter than a lesion's.

    An only lesion has none of its own: it is the case's.
    """
    lesions = opinion.lesions
    if len(lesions) == 1:
        lesions = [lesions[0].model_copy(update={"destination": None})]
    return opinion.model_copy(update={"lesions": lesions, "destination": destination_of(opinion)})


def needs_call(opinion: OpinionContent) -> bool:
    """Whether somebody is called before the signature leaves."""
    return destination_of(opinion) in NEED_A_CALL


def level(opinion: OpinionContent, two_weeks_classes: Collection[str] = ()) -> Level:
    """Which of the three levels an opinion has; ``two_weeks_classes`` are the specialty's graver risk classes."""
    if needs_call(opinion):
        return Level.NOW
    if opinion.within_two_weeks or any(lesion.risk_class in two_weeks_classes for lesion in opinion.lesions):
        return Level.TWO_WEEKS
    return Level.ORDINARY


def missing_for_signature(opinion: OpinionContent, lesions: Collection[UUID] = ()) -> dict[str, str]:
    """Field path → French sentence for all that stands between an opinion and its signature.

    Mandatory: for each lesion of the request a diagnosis or "impossible" and a conduct; the destination, of each lesion
    where there are several; the call made where one is needed; in how many weeks, where the patient is to be seen
    again; where pictures are to be taken again, which or how.
    """
    found: dict[str, str] = {}
    if not opinion.lesions and not lesions:
        found["lesions.0.diagnosis"] = _DIAGNOSIS
        found["lesions.0.conduct"] = _CONDUCT
    several = len(opinion.lesions) > 1
    for place, lesion in enumerate(opinion.lesions):
        lacks = {
            "diagnosis": "" if lesion.diagnosis or lesion.impossible else _DIAGNOSIS,
            "conduct": "" if lesion.conduct else _CONDUCT,
            "destination": _DESTINATION if several and lesion.destination is None else "",
        }
        which = f"{lesion_label(place, len(opinion.lesions))}\u00a0: "
        for part, sentence in lacks.items():
            if sentence:
                found[f"lesions.{place}.{part}"] = f"{which}{small(sentence)}" if several else sentence
    answered = {lesion.lesion for lesion in opinion.lesions}
    if any(lesion not in answered for lesion in lesions):
        found["lesions"] = "Une lésion de la demande n’a pas de réponse."
    if opinion.destination is None and not several:
        found["destination"] = _DESTINATION
    if opinion.follow_up and opinion.follow_up_weeks is None:
        found["follow_up_weeks"] = "Dans combien de semaines\u00a0?"
    if opinion.retake and not opinion.retake_views and not opinion.photo_advice:
        found["retake_views"] = "Indiquez les vues à refaire, ou un conseil de prise de vue."
    if needs_call(opinion) and not any(call.whom and call.at for call in opinion.calls):
        found["calls"] = "Notez qui a été appelé, et à quelle heure, avant de signer."
    return found


def unknown_to_specialty(opinion: OpinionContent, specialty: Specialty) -> dict[str, str]:
    """Field path → French sentence for every choice that the specialty's file does not offer."""
    form = specialty.answer
    certainties, risks = {row.id for row in form.certainties}, {row.id for row in form.risk_classes}
    outcomes = {row.id for row in specialty.outcomes}
    found: dict[str, str] = {}
    for place, lesion in enumerate(opinion.lesions):
        if lesion.certainty and lesion.certainty not in certainties:
            found[f"lesions.{place}.certainty"] = "Choisissez un degré de certitude de la liste."
        if lesion.risk_class and lesion.risk_class not in risks:
            found[f"lesions.{place}.risk_class"] = "Choisissez une classe de risque de la liste."
        if lesion.destination and lesion.destination not in outcomes:
            found[f"lesions.{place}.destination"] = "Choisissez ce qui suit pour cette lésion."
    if opinion.destination and opinion.destination not in outcomes:
        found["destination"] = "Choisissez ce qui suit pour le patient."
    if not set(opinion.retake_views) <= {row.id for row in specialty.views}:
        found["retake_views"] = "Choisissez les vues à refaire dans la liste."
    return found


def check_signable(
    opinion: OpinionContent, lesions: Collection[UUID] = (), specialty: Specialty | None = None
) -> None:
    """Raise ``InvalidInput`` when something mandatory is missing, or is nothing that the specialty offers."""
    found = missing_for_signature(opinion, lesions)
    if specialty is not None:
        found |= unknown_to_specialty(opinion, specialty)
    if found:
        raise InvalidInput(found, "L’avis n’est pas complet.")


@dataclass(frozen=True, slots=True)
class Consequences:
    """What an opinion sets going: ``downstream`` is the state of the care that the centre organises."""

    level: Level
    needs_call: bool
    downstream: State
    opens: OpenThings
    follow_up_weeks: int | None
    retake_views: tuple[str, ...]


def consequences(opinion: OpinionContent, two_weeks_classes: Collection[str] = ()) -> Consequences:
    """What follows from an opinion: its level, the care to organise and the things that keep the case open."""
    appointment = destination_of(opinion) in NEED_AN_APPOINTMENT
    return Consequences(
        level=level(opinion, two_weeks_classes),
        needs_call=needs_call(opinion),
        downstream=State.TO_PLAN if appointment else State.NONE,
        opens=OpenThings(
            appointment=appointment,
            retake=opinion.retake,
            follow_up=opinion.follow_up_weeks is not None,
            histology=any(lesion.biopsy for lesion in opinion.lesions),
        ),
        follow_up_weeks=opinion.follow_up_weeks,
        retake_views=tuple(opinion.retake_views),
    )
