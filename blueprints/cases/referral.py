"""The page on which an expert chooses to which other centre a request goes with the opinion that they write."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from blueprints.cases.another_centre import Asking, asked, asking_page
from blueprints.entrance.current import actor, system
from dermavis.domain.errors import InvalidInput
from dermavis.services.access import find_case
from dermavis.services.case_view import note_reading, view_of
from dermavis.services.referring import (
    asked_of,
    centres_above,
    choose_referral,
    chosen_by_actor,
    drop_referral,
)
from dermavis.services.work import reading, writing

blueprint = Blueprint("referral", __name__)

REFERRAL = Asking(
    path="referral",
    title="Répondre et adresser à un autre centre",
    lead=(
        "Vous signez votre avis, et la conduite en attendant\u00a0; l’autre centre répond lui aussi, directement à",
        ". Rien ne part avant votre signature.",
    ),
    goes="Identité, histoire, lésions, question, et votre avis signé. Jamais vos échanges.",
    button="Adresser en signant",
    icon="corner-up-right",
)


@blueprint.get("/cases/<uuid:case_id>/referral")
def show(case_id: UUID) -> str:
    """Show the centres, what goes along, and the question to write; or what was chosen."""
    return _page(case_id)


@blueprint.post("/cases/<uuid:case_id>/referral")
def choose(case_id: UUID) -> ResponseReturnValue:
    """Keep with the draft where the request goes once it is signed; ``act`` drop: nowhere any more."""
    try:
        with writing(system(), actor()) as work:
            if request.form.get("act") == "drop":
                drop_referral(work, case_id)
                return redirect(f"/cases/{case_id}#opinion", 303)
            choose_referral(work, case_id, asked())
    except InvalidInput as refusal:
        return _page(case_id, refusal.errors), refusal.status
    return redirect(f"/cases/{case_id}#referral", 303)


def _page(case_id: UUID, errors: dict[str, str] | None = None) -> str:
    with reading(system(), actor()) as work:
        found = centres_above(work, case_id)
        view = view_of(work, case_id)
        chosen = chosen_by_actor(work, find_case(work, case_id))
    note_reading(system(), actor(), view, "referral")
    return asking_page(REFERRAL, view, found, errors, asked_of(chosen.referral) if chosen else None)
