"""The people of the network: the list with its search, an invitation, one person. A name stands in no address."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from blueprints.administration.frame import (
    PEOPLE,
    Answer,
    answer_of,
    page,
    see_other,
)
from blueprints.entrance.current import actor, system
from blueprints.entrance.fields import Fields, as_id
from dermavis.domain.errors import Conflict, InvalidInput
from dermavis.domain.phones import phone_link, show_phone
from dermavis.domain.roles import ROLE_NAMES, Role
from dermavis.domain.text import whole_number
from dermavis.domain.wording import ago_words, date_words
from dermavis.services import factor_resets, invitations
from dermavis.services.organization_card import open_organizations
from dermavis.services.organizations import KINDS
from dermavis.services.people_directory import STATES, find_people, read_person
from dermavis.services.work import Work, reading, writing

blueprint = Blueprint("administration_people", __name__)

NAMES = ("title", "first_name", "last_name", "email", "phone", "profession", "rpps")
MOST_PAGES = 10_000
SAVED = {
    "invited": "Invitation envoyée\u00a0: le lien s’ouvre pendant sept jours.",
    "joined": "Cette personne avait déjà un compte\u00a0: le rôle lui est ajouté, un courriel le lui dit.",
    "again": "Nouveau lien envoyé\u00a0: l’ancien n’ouvre plus rien.",
    "role": "Rôle ajouté.",
    "ended": "Rôle terminé.",
    "revoked": "Compte fermé\u00a0: sessions, appareils, liens et notifications ont pris fin.",
    "restored": "Compte rétabli.",
    "reset": "Demande faite\u00a0: un autre administrateur doit l’accepter dans les deux jours.",
    "approved": "Second facteur retiré\u00a0: la personne reçoit un lien, valable un jour, pour en choisir un autre.",
}


@blueprint.get("/administration/people")
def list_page() -> ResponseReturnValue:
    """Show the first page of everybody, in one state where ``state`` says so."""
    return _show_list("", request.args.get("state", ""), 1)


@blueprint.post("/administration/people/search")
def search() -> ResponseReturnValue:
    """Show whom a search found."""
    number = whole_number(request.form.get("page", ""), MOST_PAGES) or 1
    return _show_list(request.form.get("q", "")[:200], request.form.get("state", ""), number)


@blueprint.get("/administration/people/new")
def invitation_page() -> ResponseReturnValue:
    """Show the form of an invitation, for one organisation where ``organization`` says so."""
    return _show_invitation({"organization": request.args.get("organization", "")}, Answer())


@blueprint.post("/administration/people/new")
def invite() -> ResponseReturnValue:
    """Invite a person."""
    typed = {name: request.form.get(name, "") for name in (*NAMES, "organization", "role")}
    place, role = as_id(typed["organization"]), typed["role"]
    newcomer = invitations.Newcomer(**{name: typed[name] for name in NAMES})
    try:
        faults = _faults(newcomer) | missing_choices(place, role)
        if place is None or faults:
            raise InvalidInput(faults)
        with writing(system(), actor()) as work:
            invited = invitations.invite(work, newcomer, place, Role(role))
    except (InvalidInput, Conflict) as refusal:
        return _show_invitation(typed, answer_of(refusal))
    return see_other(f"{PEOPLE}/{invited.person_id}?saved={'invited' if invited.link else 'joined'}")


@blueprint.get("/administration/people/<uuid:person_id>")
def person_page(person_id: UUID) -> ResponseReturnValue:
    """Show one person."""
    return show_person(person_id, Answer(), {})


@blueprint.post("/administration/people/<uuid:person_id>/invitation")
def invite_again(person_id: UUID) -> ResponseReturnValue:
    """Send a fresh link."""
    try:
        with writing(system(), actor()) as work:
            invitations.invite_again(work, person_id)
    except Conflict as refusal:
        return show_person(person_id, answer_of(refusal), {})
    return see_other(f"{PEOPLE}/{person_id}?saved=again")


def show_person(person_id: UUID, answer: Answer, typed: dict[str, str]) -> ResponseReturnValue:
    """Show one person, with what was typed of a new role."""
    with reading(system(), actor()) as work:
        card = read_person(work, person_id)
        resets = [reset for reset in factor_resets.waiting_resets(work) if reset.person_id == person_id]
        places = place_choices(work)
        now, zone = work.now, work.acting.time_zone
    return page(
        "person",
        PEOPLE,
        answer,
        card=card,
        reset=resets[0] if resets else None,
        places=places,
        roles=list(ROLE_NAMES.items()),
        typed=Fields(typed),
        saved=SAVED.get(request.args.get("saved", ""), ""),
        when=lambda instant: ago_words(instant, now, zone, with_hour=True),
        day=lambda instant: date_words(instant.date()),
        show_phone=show_phone,
        phone_link=phone_link,
    )


def missing_choices(place: UUID | None, role: str) -> dict[str, str]:
    """Say by field which choice of a role is still to be made."""
    missing = {}
    if place is None:
        missing["organization"] = "Choisissez une organisation."
    if role not in set(Role):
        missing["role"] = "Choisissez un rôle."
    return missing


def place_choices(work: Work) -> list[tuple[str, str]]:
    """The organisations in which a role can be given, each with its kind."""
    return [
        (str(row.id), f"{row.name} · {KINDS.get(row.kind, row.kind)}") for row in open_organizations(work)
    ]


def _faults(newcomer: invitations.Newcomer) -> dict[str, str]:
    try:
        invitations.check_newcomer(newcomer)
    except InvalidInput as refusal:
        return refusal.errors
    return {}


def _show_list(words: str, state: str, number: int) -> ResponseReturnValue:
    with reading(system(), actor()) as work:
        found = find_people(work, words, state, number)
        resets = factor_resets.waiting_resets(work)
        now, zone = work.now, work.acting.time_zone
    return page(
        "people",
        PEOPLE,
        found=found,
        words=words,
        state=state if state in STATES else "",
        states=list(STATES.items()),
        resets=resets,
        me=actor().person_id,
        saved=SAVED.get(request.args.get("saved", ""), ""),
        when=lambda instant: ago_words(instant, now, zone, with_hour=True),
    )


def _show_invitation(typed: dict[str, Any], answer: Answer) -> ResponseReturnValue:
    with reading(system(), actor()) as work:
        places = place_choices(work)
    return page("invite", PEOPLE, answer, typed=Fields(typed), places=places, roles=list(ROLE_NAMES.items()))
