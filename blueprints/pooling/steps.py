"""What a coordinator does with one request: gives it back, notes something, chooses to whom it goes."""

from __future__ import annotations

from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from blueprints.entrance.current import actor, system, wants_partial
from blueprints.pooling.screen import Said, show_board
from dermavis.domain.errors import Conflict, InvalidInput
from dermavis.domain.lifecycle import LifecycleError
from dermavis.domain.text import whole_number
from dermavis.domain.wording import hour_words
from dermavis.services import pooling
from dermavis.services.pooling_case import pool_case
from dermavis.services.work import reading, writing

blueprint = Blueprint("pooling_steps", __name__)


@blueprint.post("/pooling/<uuid:case_id>/return")
def send_back(case_id: UUID) -> ResponseReturnValue:
    """Give the request back to who asked, with a coded reason and words."""
    typed = {name: request.form.get(name, "") for name in ("reason", "words")}
    try:
        with writing(system(), actor()) as work:
            pooling.send_back(work, case_id, **typed)
    except (InvalidInput, LifecycleError) as refusal:
        return show_board(case_id, said=Said("return", refusal, typed)), refusal.status
    return redirect("/pooling?done=returned", 303)


@blueprint.post("/pooling/<uuid:case_id>/note")
def keep_note(case_id: UUID) -> ResponseReturnValue:
    """Keep the administrative note; the program beside the page saves it while it is written."""
    text = request.form.get("note", "")
    known = whole_number(request.form.get("version", ""))
    try:
        with writing(system(), actor()) as work:
            kept = pooling.write_note(work, case_id, text, known)
    except (InvalidInput, Conflict) as refusal:
        message = refusal.errors["note"] if isinstance(refusal, InvalidInput) else refusal.message
        if _wants_json():
            return jsonify(format=1, code=refusal.code, message=message), refusal.status
        said = Said("note", InvalidInput({"note": message}), {"note": text})
        return show_board(case_id, said=said), refusal.status
    if not _wants_json():
        return redirect(f"/pooling/{case_id}?done=noted", 303)
    now = system().clock.now().astimezone(ZoneInfo(actor().time_zone))
    return jsonify(format=1, version=kept, saved=f"Enregistrée à {hour_words(now)}")


@blueprint.post("/pooling/<uuid:case_id>/addressing")
def address(case_id: UUID) -> ResponseReturnValue:
    """Choose the team that it will go to, and show what that team promises."""
    try:
        team = UUID(request.form.get("team", ""))
    except ValueError:
        refusal = InvalidInput({"team": "Choisissez un destinataire."})
        return show_board(case_id, said=Said("addressing", refusal)), refusal.status
    with writing(system(), actor()) as work:
        pooling.address_to(work, case_id, team)
    if not wants_partial():
        return redirect(f"/pooling/{case_id}?done=addressed", 303)
    with reading(system(), actor()) as work:
        opened = pool_case(work, case_id)
    return render_template("partials/pooling/addressing.html", opened=opened, errors={})


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"
