"""The page on which an expert asks another centre for a second opinion."""

from __future__ import annotations

from uuid import UUID, uuid4

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue

from blueprints.cases.another_centre import Asking, asked, asking_page
from blueprints.entrance.current import actor, system
from blueprints.entrance.fields import typed_id
from dermavis.domain.errors import InvalidInput, Refusal
from dermavis.services.case_view import note_reading, view_of
from dermavis.services.second_opinions import ask_second_opinion, colleagues_to_ask
from dermavis.services.work import reading

blueprint = Blueprint("second_opinion", __name__)

SECOND_OPINION = Asking(
    path="second-opinion",
    title="Demander un second avis",
    lead=(
        "Un autre centre vous répond\u00a0; vous gardez la demande, son délai, et signez l’avis que reçoit",
        ", qui en est averti.",
    ),
    goes="Identité, histoire, lésions et question. Jamais vos échanges, ni l’avis que vous préparez.",
    button="Demander cet avis",
    icon="send",
)


@blueprint.get("/cases/<uuid:case_id>/second-opinion")
def show(case_id: UUID) -> str:
    """Show whom to ask, what goes along, and the question to write."""
    return _page(case_id)


@blueprint.post("/cases/<uuid:case_id>/second-opinion")
def ask(case_id: UUID) -> ResponseReturnValue:
    """Ask; the case stays with its expert, and shows where the second opinion stands."""
    try:
        ask_second_opinion(system(), actor(), case_id, typed_id("new") or uuid4(), asked())
    except InvalidInput as refusal:
        return _page(case_id, refusal.errors), refusal.status
    except Refusal as refusal:
        if refusal.field != "addressing" and refusal.code != "second_opinion_awaited":
            raise
        return _page(case_id, {"team": refusal.message}), 409
    return redirect(f"/cases/{case_id}?did=second_opinion#second-opinions", 303)


def _page(case_id: UUID, errors: dict[str, str] | None = None) -> str:
    with reading(system(), actor()) as work:
        found = colleagues_to_ask(work, case_id)
        view = view_of(work, case_id)
    note_reading(system(), actor(), view, "second_opinion")
    return asking_page(SECOND_OPINION, view, found, errors)
