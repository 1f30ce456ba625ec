"""To whom a request goes: named, by default, or to a team's common queue; by which rule, and why in French.

The default follows, in this order: the site's approved fiche d'opportunité for this motive, then its general one, then
the centres of the patient's territory, then any other that accepts; among equals, who has somebody on duty. Nothing is
redirected twice to the same place.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from dermavis.domain.addressing_facts import (
    Addressing,
    Expert,
    Grant,
    Mode,
    NotAddressable,
    Obstacle,
    Place,
    Question,
    Refused,
    Resolution,
    Rule,
)
from dermavis.domain.wording import date_words

__all__ = [
    "Addressing",
    "Expert",
    "Grant",
    "Mode",
    "NotAddressable",
    "Obstacle",
    "Place",
    "Question",
    "Refused",
    "Resolution",
    "Rule",
    "address",
    "obstacle",
    "obstacle_words",
    "resolve",
]


def resolve(question: Question, places: Sequence[Place], grants: Sequence[Grant] = ()) -> Resolution:
    """Where a request goes among ``places`` (of its network and specialty, in the order to offer them)."""
    fit: list[Place] = []
    refused: list[Refused] = []
    for place in places:
        found = obstacle(question, place)
        if found is None:
            fit.append(place)
        else:
            refused.append(Refused(place, found, obstacle_words(found, place)))
    offers = _ranked(question, fit, grants)
    if question.mode is Mode.DEFAULT:
        return Resolution(offers[0] if offers else None, tuple(offers[1:]), tuple(refused))
    chosen = _as_chosen(question, fit)
    others = tuple(offer for offer in offers if chosen is None or offer.team_id != chosen.team_id)
    return Resolution(chosen, others, tuple(refused))


def address(question: Question, places: Sequence[Place], grants: Sequence[Grant] = ()) -> Addressing:
    """``resolve``, for sending: raises ``NotAddressable`` in French when there is nobody."""
    found = resolve(question, places, grants)
    if found.chosen is not None:
        return found.chosen
    if question.mode is Mode.DEFAULT:
        raise NotAddressable(
            "nobody", "Aucun centre n’accepte cette demande aujourd’hui. Choisissez un expert."
        )
    for refused in found.refused:
        if _is_target(question, refused.place):
            raise NotAddressable(refused.obstacle, refused.why)
    raise NotAddressable(Obstacle.UNKNOWN, "Ce destinataire n’existe plus. Choisissez-en un autre.")


def obstacle(question: Question, place: Place) -> Obstacle | None:
    """What stands between the request and a place; None when it fits."""
    named = question.mode is Mode.NAMED and _is_target(question, place)
    person = question.person_id if named else None
    checks = (
        (_was_asked(question, place, person), Obstacle.ALREADY_ASKED),
        (place.closed, Obstacle.CLOSED),
        (bool(place.motives) and question.motive not in place.motives, Obstacle.MOTIVE),
        (not _accepts(place, question), Obstacle.PROFESSION),
        (not question.colleague and not _covers(place, question.postcode), Obstacle.OUTSIDE_TERRITORY),
        (question.urgency == "urgent" and not _somebody_there(place), Obstacle.NOBODY_ON_DUTY),
    )
    for stands, which in checks:
        if stands:
            return which
    return _obstacle_of_person(place, person)


def _is_target(question: Question, place: Place) -> bool:
    if question.team_id is not None:
        return place.team_id == question.team_id
    return any(expert.id == question.person_id for expert in place.experts)


def _was_asked(question: Question, place: Place, person: UUID | None) -> bool:
    if person is not None:
        return person in question.asked_persons
    return place.team_id in question.asked


def _accepts(place: Place, question: Question) -> bool:
    return question.colleague or not place.professions or question.profession in place.professions


def _covers(place: Place, postcode: str) -> bool:
    return not place.territory or not postcode or postcode.startswith(place.territory)


def _somebody_there(place: Place) -> bool:
    return place.open_now or any(expert.on_duty for expert in place.experts)


def _obstacle_of_person(place: Place, person: UUID | None) -> Obstacle | None:
    if person is None:
        return None
    for expert in place.experts:
        if expert.id == person:
            return Obstacle.RED_LIST if expert.red_list else None
    return Obstacle.NOT_IN_TEAM


def _as_chosen(question: Question, fit: Sequence[Place]) -> Addressing | None:
    for place in fit:
        if not _is_target(question, place):
            continue
        person = question.person_id if question.mode is Mode.NAMED else None
        names = [expert.name for expert in place.experts if expert.id == person]
        why = f"Choisi par le demandeur\u00a0: {names[0] if names else place.team_name}."
        return Addressing(question.mode, place.team_id, place.organization_id, person, Rule.CHOSEN, why)
    return None


def _ranked(question: Question, fit: Sequence[Place], grants: Sequence[Grant]) -> list[Addressing]:
    """Default addresses, best first, one a team; the order of ``fit`` decides between equals."""
    order = list(Rule)
    rated = [_rated(question, place, grants) for place in fit]
    by_team = {place.team_id: place for place in fit}
    return sorted(rated, key=lambda offer: (order.index(offer.rule), not _on_duty(by_team[offer.team_id])))


def _on_duty(place: Place) -> bool:
    return any(expert.on_duty for expert in place.experts)


def _rated(question: Question, place: Place, grants: Sequence[Grant]) -> Addressing:
    own = [grant for grant in grants if grant.team_id == place.team_id]
    for rule, motive in ((Rule.SITE_MOTIVE, question.motive), (Rule.SITE_GENERAL, "")):
        for grant in own:
            if grant.motive == motive and (motive or rule is Rule.SITE_GENERAL):
                return _offer(question, place, rule, _person_of(question, place, grant))
    near = bool(place.territory and question.postcode and question.postcode.startswith(place.territory))
    return _offer(question, place, Rule.TERRITORY if near else Rule.ANY_CENTRE, None)


def _person_of(question: Question, place: Place, grant: Grant) -> UUID | None:
    """The person a fiche names, when she may be asked by name; else the request waits in her team's queue."""
    known = {expert.id for expert in place.experts if not expert.red_list} - question.asked_persons
    return grant.person_id if grant.person_id in known else None


_WHY: dict[Rule, str] = {
    Rule.SITE_MOTIVE: "Selon la fiche d’opportunité de votre site pour ce motif.",
    Rule.SITE_GENERAL: "Selon la fiche d’opportunité de votre site.",
    Rule.TERRITORY: "Ce centre répond pour le territoire du patient.",
    Rule.ANY_CENTRE: "Ce centre accepte ce motif.",
}


def _offer(question: Question, place: Place, rule: Rule, person: UUID | None) -> Addressing:
    why = _WHY[rule]
    if rule not in {Rule.SITE_MOTIVE, Rule.SITE_GENERAL} and _on_duty(place):
        why = f"{why[:-1]}, et un expert est de garde."
    return Addressing(Mode.DEFAULT, place.team_id, place.organization_id, person, rule, why)


def obstacle_words(found: Obstacle, place: Place) -> str:
    """Why a place cannot take the request, in French."""
    if found is Obstacle.CLOSED and place.closed_until is not None:
        return f"{place.team_name}\u00a0: fermé jusqu’au {date_words(place.closed_until)}."
    return f"{place.team_name}\u00a0: {_OBSTACLES[found]}"


_OBSTACLES: dict[Obstacle, str] = {
    Obstacle.ALREADY_ASKED: "cette demande lui a déjà été adressée.",
    Obstacle.CLOSED: "ne prend pas de demande en ce moment.",
    Obstacle.MOTIVE: "n’accepte pas ce motif.",
    Obstacle.PROFESSION: "n’accepte pas les demandes de votre profession.",
    Obstacle.OUTSIDE_TERRITORY: "ne répond pas pour ce territoire.",
    Obstacle.NOBODY_ON_DUTY: "personne n’est de garde. En urgence, téléphonez.",
    Obstacle.RED_LIST: "cet expert ne se choisit pas par son nom.",
    Obstacle.NOT_IN_TEAM: "cet expert n’y répond pas.",
    Obstacle.UNKNOWN: "ce destinataire n’existe plus.",
}
