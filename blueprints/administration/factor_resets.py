"""A lost authenticator: one administrator asks, another one accepts."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue

from blueprints.administration.frame import PEOPLE, Question, answer_of, confirm, see_other
from blueprints.administration.people import show_person
from blueprints.entrance.current import actor, system
from dermavis.domain.errors import Conflict, Forbidden, NotFound
from dermavis.services import factor_resets
from dermavis.services.people_directory import read_person
from dermavis.services.work import reading, writing

blueprint = Blueprint("administration_factor_resets", __name__)

TWO_PEOPLE = (
    "Il faut deux administrateurs\u00a0: l’un demande, un autre accepte. Jamais le même, jamais pour soi-même. "
    "La demande vaut deux jours."
)
WHAT_ENDS = (
    "Une fois acceptée\u00a0: l’ancien second facteur et les codes de secours n’ouvrent plus rien, les sessions et les "
    "appareils prennent fin, et un lien valable un jour part à l’adresse du compte. Avec ce lien et son mot de passe, "
    "la personne installe un autre second facteur."
)


@blueprint.get("/administration/people/<uuid:person_id>/factor-reset")
def ask_page(person_id: UUID) -> ResponseReturnValue:
    """Say how it goes."""
    with reading(system(), actor()) as work:
        card = read_person(work, person_id)
    question = Question(
        title="Réinitialiser le second facteur",
        words=[
            (
                f"{card.listed.name} a perdu son authentificateur et n’a plus de code de secours\u00a0? "
                "Assurez-vous que c’est bien cette personne qui le demande, de vive voix."
            ),
            TWO_PEOPLE,
            WHAT_ENDS,
        ],
        action=f"{PEOPLE}/{person_id}/factor-reset",
        label="Demander",
        back=f"{PEOPLE}/{person_id}",
        icon="key-round",
        look="primary",
    )
    return confirm(question, PEOPLE)


@blueprint.post("/administration/people/<uuid:person_id>/factor-reset")
def ask(person_id: UUID) -> ResponseReturnValue:
    """Ask for a reset."""
    try:
        with writing(system(), actor()) as work:
            factor_resets.ask(work, person_id)
    except (Conflict, Forbidden) as refusal:
        return show_person(person_id, answer_of(refusal), {})
    return see_other(f"{PEOPLE}/{person_id}?saved=reset")


@blueprint.get("/administration/factor-resets/<uuid:reset_id>")
def approval_page(reset_id: UUID) -> ResponseReturnValue:
    """Say what accepting does."""
    reset = _waiting(reset_id)
    question = Question(
        title="Accepter la remise à zéro du second facteur",
        words=[
            (
                f"{reset.requested_by} demande que le second facteur de {reset.name} soit retiré. "
                "Parlez-en avec l’un des deux avant d’accepter."
            ),
            WHAT_ENDS,
        ],
        action=f"/administration/factor-resets/{reset_id}",
        label="Accepter",
        back=PEOPLE,
        icon="key-round",
    )
    return confirm(question, PEOPLE)


@blueprint.post("/administration/factor-resets/<uuid:reset_id>")
def approve(reset_id: UUID) -> ResponseReturnValue:
    """Accept another administrator's demand."""
    with writing(system(), actor()) as work:
        factor_resets.approve(work, reset_id)
    return see_other(f"{PEOPLE}?saved=approved")


def _waiting(reset_id: UUID) -> factor_resets.WaitingReset:
    with reading(system(), actor()) as work:
        waiting = factor_resets.waiting_resets(work)
    found = next((reset for reset in waiting if reset.id == reset_id), None)
    if found is None:
        raise NotFound("Cette demande est déjà acceptée, ou trop vieille.")
    return found
