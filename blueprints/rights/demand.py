"""One demand of a patient: where it stands, what was done, and what is to do next."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from blueprints.administration.frame import DEMANDS, Answer, answer_of, see_other
from blueprints.entrance.current import actor, system
from blueprints.entrance.fields import Fields
from blueprints.rights.frame import page
from dermavis.domain.demands import LONGEST_WORDS
from dermavis.domain.errors import Conflict, InvalidInput
from dermavis.services import demands
from dermavis.services.demand_register import read_demand
from dermavis.services.work import Work, writing

blueprint = Blueprint("patient_demand", __name__)

SAVED = {
    "registered": "Demande enregistrée.",
    "checked": "L’identité est notée comme vérifiée.",
    "extended": "Le délai est prolongé. Dites-le au patient, avec le motif.",
    "noted": "Note ajoutée.",
    "closed": "La réponse est notée.",
}
TYPED = ("identity_check", "extension_words", "note", "outcome", "answer")


@blueprint.get("/demands/<uuid:demand_id>")
def show(demand_id: UUID) -> ResponseReturnValue:
    """Show it; the reading is noted."""
    return show_demand(demand_id, Answer())


@blueprint.post("/demands/<uuid:demand_id>/identity")
def check_identity(demand_id: UUID) -> ResponseReturnValue:
    """Say how it was checked who asks."""
    how = request.form.get("identity_check", "")
    return _act(demand_id, "checked", lambda work: demands.check_identity(work, demand_id, how))


@blueprint.post("/demands/<uuid:demand_id>/extension")
def extend(demand_id: UUID) -> ResponseReturnValue:
    """Add two months."""
    words = request.form.get("extension_words", "")
    return _act(demand_id, "extended", lambda work: demands.extend(work, demand_id, words))


@blueprint.post("/demands/<uuid:demand_id>/note")
def note(demand_id: UUID) -> ResponseReturnValue:
    """Add a word to the history."""
    words = request.form.get("note", "")
    return _act(demand_id, "noted", lambda work: demands.note(work, demand_id, words))


@blueprint.post("/demands/<uuid:demand_id>/answer")
def close(demand_id: UUID) -> ResponseReturnValue:
    """Say how it was answered."""
    outcome, words = request.form.get("outcome", ""), request.form.get("answer", "")
    return _act(demand_id, "closed", lambda work: demands.close(work, demand_id, outcome, words))


def show_demand(demand_id: UUID, answer: Answer) -> ResponseReturnValue:
    """Render the page of a demand, with what was refused."""
    shown = read_demand(system(), actor(), demand_id)
    return page(
        "demand",
        answer,
        demand=shown,
        here=f"{DEMANDS}/{demand_id}",
        typed=Fields({name: request.form.get(name, "") for name in TYPED}),
        saved=SAVED.get(request.args.get("saved", ""), ""),
        longest=LONGEST_WORDS,
    )


def _act(demand_id: UUID, done: str, act: Callable[[Work], object]) -> ResponseReturnValue:
    try:
        with writing(system(), actor()) as work:
            act(work)
    except (Conflict, InvalidInput) as refusal:
        return show_demand(demand_id, answer_of(refusal))
    return see_other(f"{DEMANDS}/{demand_id}?saved={done}")
