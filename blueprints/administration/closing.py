"""An account is closed at once, after a page that says what ends and asks who takes over; and opened again."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from blueprints.administration.frame import PEOPLE, Answer, Choice, Question, answer_of, confirm, see_other
from blueprints.administration.people import show_person
from blueprints.entrance.current import actor, system
from dermavis.domain.errors import Conflict, Forbidden, InvalidInput
from dermavis.services.people_directory import read_person
from dermavis.services.revocations import NOBODY, Unfinished, restore_person, revoke_person, unfinished
from dermavis.services.work import reading, writing

blueprint = Blueprint("administration_closing", __name__)

TAKEN_OVER_BY = "taken_over_by"


@blueprint.get("/administration/people/<uuid:person_id>/revocation")
def revocation_page(person_id: UUID) -> ResponseReturnValue:
    """Say what ends at once, and ask who takes over what is left."""
    return _ask(person_id)


@blueprint.post("/administration/people/<uuid:person_id>/revocation")
def revoke(person_id: UUID) -> ResponseReturnValue:
    """Close the account."""
    try:
        with writing(system(), actor()) as work:
            revoke_person(work, person_id, request.form.get(TAKEN_OVER_BY, ""))
    except InvalidInput as refusal:
        return _ask(person_id, answer_of(refusal))
    except (Conflict, Forbidden) as refusal:
        return show_person(person_id, answer_of(refusal), {})
    return see_other(f"{PEOPLE}/{person_id}?saved=revoked")


def _ask(person_id: UUID, answer: Answer | None = None) -> ResponseReturnValue:
    with reading(system(), actor()) as work:
        name = read_person(work, person_id).listed.name
        left = unfinished(work, person_id)
    question = Question(
        title=f"Révoquer {name}",
        words=[
            (
                f"{name} perd tout accès à l’instant\u00a0: ses sessions se ferment, ses appareils sont oubliés, "
                "ses notifications s’arrêtent, ses liens d’invitation ou de mot de passe n’ouvrent plus rien."
            ),
            "Ce qui a été fait reste, avec son nom\u00a0: demandes, avis signés, messages, audit.",
            *_what_is_left(left),
            "Vous pourrez rétablir ce compte.",
        ],
        action=f"{PEOPLE}/{person_id}/revocation",
        label="Révoquer maintenant",
        back=f"{PEOPLE}/{person_id}",
        icon="user-x",
        choice=_who(left),
    )
    return confirm(question, PEOPLE, answer)


def _what_is_left(left: Unfinished) -> list[str]:
    if not left.cases:
        return []
    several = left.cases > 1
    waits = (
        f"{left.cases}\u00a0télédossiers ne sont pas terminés"
        if several
        else "Un télédossier n’est pas terminé"
    )
    follows = (
        "Le confrère qui prend la suite lit ses demandes, y répond et en est prévenu à sa place."
        if left.colleagues
        else "Aucun confrère ne peut prendre la suite\u00a0: invitez d’abord qui le fera."
    )
    released = ["Ce qui était pris et non signé revient aussitôt à la file de l’équipe."] if left.held else []
    return [f"{waits}. {follows}", *released]


def _who(left: Unfinished) -> Choice | None:
    if not left.colleagues:
        return None
    options = [*((str(key), label) for key, label in left.colleagues), (NOBODY, "Personne")]
    return Choice(
        TAKEN_OVER_BY,
        "Qui reprend ses télédossiers",
        options,
        str(left.chosen or ""),
        required=bool(left.cases),
    )


@blueprint.post("/administration/people/<uuid:person_id>/restoration")
def restore(person_id: UUID) -> ResponseReturnValue:
    """Open the account again."""
    try:
        with writing(system(), actor()) as work:
            restore_person(work, person_id)
    except Conflict as refusal:
        return show_person(person_id, answer_of(refusal), {})
    return see_other(f"{PEOPLE}/{person_id}?saved=restored")
