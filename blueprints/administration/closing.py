"""An account is closed at once, after a page that says what ends; and opened again."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue

from blueprints.administration.frame import PEOPLE, Question, answer_of, confirm, see_other
from blueprints.administration.people import show_person
from blueprints.entrance.current import actor, system
from dermavis.domain.errors import Conflict, Forbidden
from dermavis.services.people_directory import read_person
from dermavis.services.revocations import restore_person, revoke_person
from dermavis.services.work import reading, writing

blueprint = Blueprint("administration_closing", __name__)


@blueprint.get("/administration/people/<uuid:person_id>/revocation")
def revocation_page(person_id: UUID) -> ResponseReturnValue:
    """Say what ends at once."""
    with reading(system(), actor()) as work:
        card = read_person(work, person_id)
    name = card.listed.name
    question = Question(
        title=f"Révoquer {name}",
        words=[
            (
                f"{name} perd tout accès à l’instant\u00a0: ses sessions se ferment, ses appareils sont oubliés, "
                "ses notifications s’arrêtent, ses liens d’invitation ou de mot de passe n’ouvrent plus rien."
            ),
            "Ce qui a été fait reste, avec son nom\u00a0: demandes, avis signés, messages, audit.",
            (
                "Les demandes prises en charge et non signées reviennent à l’équipe par le délai de la charte\u00a0; "
                "un confrère peut les reprendre."
            ),
            "Vous pourrez rétablir ce compte.",
        ],
        action=f"{PEOPLE}/{person_id}/revocation",
        label="Révoquer maintenant",
        back=f"{PEOPLE}/{person_id}",
        icon="user-x",
    )
    return confirm(question, PEOPLE)


@blueprint.post("/administration/people/<uuid:person_id>/revocation")
def revoke(person_id: UUID) -> ResponseReturnValue:
    """Close the account."""
    try:
        with writing(system(), actor()) as work:
            revoke_person(work, person_id)
    except (Conflict, Forbidden) as refusal:
        return show_person(person_id, answer_of(refusal), {})
    return see_other(f"{PEOPLE}/{person_id}?saved=revoked")


@blueprint.post("/administration/people/<uuid:person_id>/restoration")
def restore(person_id: UUID) -> ResponseReturnValue:
    """Open the account again."""
    try:
        with writing(system(), actor()) as work:
            restore_person(work, person_id)
    except Conflict as refusal:
        return show_person(person_id, answer_of(refusal), {})
    return see_other(f"{PEOPLE}/{person_id}?saved=restored")
