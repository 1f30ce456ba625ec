"""A person's roles: one more, or one less."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from blueprints.administration.frame import PEOPLE, Question, answer_of, confirm, see_other
from blueprints.administration.people import missing_choices, show_person
from blueprints.entrance.current import actor, system
from blueprints.entrance.fields import as_id
from dermavis.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from dermavis.domain.roles import Role
from dermavis.services.memberships import add_role, end_role
from dermavis.services.people_directory import HeldRole, PersonCard, read_person
from dermavis.services.work import reading, writing

blueprint = Blueprint("administration_roles", __name__)


@blueprint.post("/administration/people/<uuid:person_id>/roles")
def add(person_id: UUID) -> ResponseReturnValue:
    """Add a role."""
    typed = {name: request.form.get(name, "") for name in ("organization", "role")}
    place, role = as_id(typed["organization"]), typed["role"]
    try:
        missing = missing_choices(place, role)
        if place is None or missing:
            raise InvalidInput(missing)
        with writing(system(), actor()) as work:
            add_role(work, person_id, place, Role(role))
    except (InvalidInput, Conflict) as refusal:
        return show_person(person_id, answer_of(refusal), typed)
    return see_other(f"{PEOPLE}/{person_id}?saved=role")


@blueprint.get("/administration/people/<uuid:person_id>/roles/<uuid:membership_id>/end")
def end_page(person_id: UUID, membership_id: UUID) -> ResponseReturnValue:
    """Ask before a role ends."""
    with reading(system(), actor()) as work:
        card = read_person(work, person_id)
    return confirm(_question(card, _held(card, membership_id)), PEOPLE)


@blueprint.post("/administration/people/<uuid:person_id>/roles/<uuid:membership_id>/end")
def end(person_id: UUID, membership_id: UUID) -> ResponseReturnValue:
    """End a role."""
    try:
        with writing(system(), actor()) as work:
            end_role(work, person_id, membership_id)
    except (Conflict, Forbidden) as refusal:
        return show_person(person_id, answer_of(refusal), {})
    return see_other(f"{PEOPLE}/{person_id}?saved=ended")


def _held(card: PersonCard, membership_id: UUID) -> HeldRole:
    found = next((role for role in card.listed.roles if role.membership_id == membership_id), None)
    if found is None:
        raise NotFound
    return found


def _question(card: PersonCard, held: HeldRole) -> Question:
    words = [
        f"{card.listed.name} n’agira plus comme «\u00a0{held.role_words}\u00a0» pour {held.place}, dès maintenant.",
        "Ce qui a été fait dans ce rôle reste, avec son nom. Ses autres rôles et son compte ne changent pas.",
    ]
    if held.role in {Role.EXPERT, Role.SUPER_USER, Role.JUNIOR}:
        words.append("Cette personne quitte aussi les équipes de cette organisation.")
    return Question(
        title=f"Terminer le rôle «\u00a0{held.role_words}\u00a0»",
        words=words,
        action=f"{PEOPLE}/{card.listed.id}/roles/{held.membership_id}/end",
        label="Terminer ce rôle",
        back=f"{PEOPLE}/{card.listed.id}",
    )
