"""The page on which an expert asks another centre for a second opinion."""

from __future__ import annotations

from uuid import UUID, uuid4

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from blueprints.entrance.current import actor, system
from blueprints.entrance.fields import Fields, as_id, typed_id
from blueprints.requests.api_words import as_offer
from dermavis.domain.child_cases import AGREEMENTS
from dermavis.domain.deadlines import URGENCY_WORDS
from dermavis.domain.errors import InvalidInput, Refusal
from dermavis.services.case_view import note_reading, view_of
from dermavis.services.child_cases import Asked
from dermavis.services.second_opinions import ask_second_opinion, colleagues_to_ask
from dermavis.services.work import reading

blueprint = Blueprint("second_opinion", __name__)


@blueprint.get("/cases/<uuid:case_id>/second-opinion")
def show(case_id: UUID) -> str:
    """Show whom to ask, what goes along, and the question to write."""
    return _page(case_id)


@blueprint.post("/cases/<uuid:case_id>/second-opinion")
def ask(case_id: UUID) -> ResponseReturnValue:
    """Ask; the case stays with its expert, and shows where the second opinion stands."""
    try:
        ask_second_opinion(system(), actor(), case_id, typed_id("new") or uuid4(), _asked())
    except InvalidInput as refusal:
        return _page(case_id, refusal.errors), refusal.status
    except Refusal as refusal:
        if refusal.field != "addressing" and refusal.code != "second_opinion_awaited":
            raise
        return _page(case_id, {"team": refusal.message}), 409
    return redirect(f"/cases/{case_id}?did=second_opinion#second-opinions", 303)


def _asked() -> Asked:
    return Asked(
        team_id=typed_id("team"),
        question=request.form.get("question", ""),
        urgency=request.form.get("urgency", ""),
        photo_ids=[photo for photo in (as_id(text) for text in request.form.getlist("photos")) if photo],
        agreed=request.form.get("agreed", ""),
    )


def _page(case_id: UUID, errors: dict[str, str] | None = None) -> str:
    with reading(system(), actor()) as work:
        found = colleagues_to_ask(work, case_id)
        view = view_of(work, case_id)
    note_reading(system(), actor(), view, "second_opinion")
    typed = {name: request.form.get(name, "") for name in ("question", "team", "urgency", "agreed")}
    every = [str(photo.id) for photo in view.photos]
    offers = [as_offer(offer) for offer in (*([found.chosen] if found.chosen else []), *found.others)]
    return render_template(
        "pages/cases/second_opinion.html",
        case=view,
        offers=offers,
        refused=[why for _, why in found.refused],
        agreements=list(AGREEMENTS.items()),
        urgencies=[{"id": urgency, "label": words} for urgency, words in URGENCY_WORDS.items()],
        new_id=typed_id("new") or uuid4(),
        typed=Fields(typed),
        picked=request.form.getlist("photos") if request.form else every,
        errors=Fields(errors or {}),
    )
