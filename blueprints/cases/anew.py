"""A request entered in error is sent anew: for whom, then each of its pictures confirmed, then the guided request."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from blueprints.entrance.current import actor, system
from blueprints.entrance.fields import Fields, as_id, typed_id
from dermavis.domain.errors import Forbidden, InvalidInput
from dermavis.domain.permissions import Permission
from dermavis.domain.wording import birth_date_words
from dermavis.services import carried_pictures, sending_anew
from dermavis.services.access import find_case, may
from dermavis.services.awaiting_anew import decline_anew
from dermavis.services.case_view import note_reading, view_of
from dermavis.services.lists import patient_name
from dermavis.services.patients import FoundPatient, search_patients
from dermavis.services.work import reading, writing

blueprint = Blueprint("anew", __name__)

TRAITS = ("birth_name", "first_name", "birth_date", "sex")
TYPED = ("q", "patient", *TRAITS, "by", "representative_name", "given")
SEXES = (("F", "Féminin"), ("M", "Masculin"), ("U", "Inconnu"))
REVIEW = "relecture"
"""The screen of the guided request on which everything is read again before it is sent."""
SPEAKERS = (("patient", "Le patient"), ("representative", "Son représentant"))


@blueprint.get("/cases/<uuid:case_id>/anew")
def ask_patient(case_id: UUID) -> ResponseReturnValue:
    """Ask for whom the request is made anew; the one already begun is taken up again."""
    with reading(system(), actor()) as work:
        case = find_case(work, case_id, Permission.CASE_SEND_ANEW)
        begun = sending_anew.anew_of(work, case)
    if begun is not None:
        return redirect(f"/cases/{begun.id}" if begun.number else f"/requests/{begun.id}/pictures", 303)
    return _page(case_id, {"by": "patient"})


@blueprint.post("/cases/<uuid:case_id>/anew")
def begin(case_id: UUID) -> ResponseReturnValue:
    """Look for a patient of the site, or begin the request for the one chosen or written."""
    typed = {name: request.form.get(name, "") for name in TYPED}
    if request.form.get("act") == "search":
        with writing(system(), actor()) as work:
            if not may(work, Permission.CASE_SEND_ANEW, find_case(work, case_id)):
                raise Forbidden
            found = search_patients(work, typed["q"])
        return _page(case_id, typed, found)
    try:
        with writing(system(), actor()) as work:
            new_id = sending_anew.begin_anew(
                work, case_id, _traits(typed), _consent(typed), as_id(typed["patient"])
            )
    except InvalidInput as refusal:
        return _page(case_id, typed, _looked_up(typed), _by_field(refusal.errors)), refusal.status
    return redirect(f"/requests/{new_id}/pictures", 303)


@blueprint.post("/cases/<uuid:case_id>/anew/declined")
def decline(case_id: UUID) -> ResponseReturnValue:
    """Note that nothing is to be sent anew."""
    with writing(system(), actor()) as work:
        decline_anew(work, case_id)
    return redirect(f"/cases/{case_id}?done=settled", 303)


@blueprint.get("/requests/<uuid:case_id>/pictures")
def ask_picture(case_id: UUID) -> ResponseReturnValue:
    """Show the next picture to be confirmed; behind the last one the guided request goes on."""
    with reading(system(), actor()) as work:
        shown = carried_pictures.next_to_confirm(work, case_id, as_id(request.args.get("after", "")))
    if shown is None:
        return redirect(f"/requests/{case_id}#{REVIEW}", 303)
    return render_template("pages/cases/requester/confirm_picture.html", draft_id=case_id, shown=shown)


@blueprint.post("/requests/<uuid:case_id>/pictures")
def answer_picture(case_id: UUID) -> ResponseReturnValue:
    """Take the picture over, or leave it behind, and go on to the next."""
    with reading(system(), actor()) as work:
        carried_pictures.next_to_confirm(work, case_id)
    photo_id = typed_id("photo")
    if photo_id is not None and request.form.get("answer") == "yes":
        carried_pictures.carry_picture(system(), actor(), case_id, photo_id)
    after = f"?after={photo_id}" if photo_id else ""
    return redirect(f"/requests/{case_id}/pictures{after}", 303)


def _page(
    case_id: UUID,
    typed: dict[str, str],
    found: list[FoundPatient] | None = None,
    errors: dict[str, str] | None = None,
) -> str:
    with reading(system(), actor()) as work:
        find_case(work, case_id, Permission.CASE_SEND_ANEW)
        view = view_of(work, case_id)
    note_reading(system(), actor(), view, "anew")
    return render_template(
        "pages/cases/requester/anew.html",
        case=view,
        found=[_option(row) for row in found or []],
        looked=found is not None,
        sexes=SEXES,
        speakers=SPEAKERS,
        typed=Fields(typed),
        errors=Fields(errors or {}),
    )


def _option(row: FoundPatient) -> dict[str, Any]:
    born = row.identity.get("birth_date") or ""
    hint = birth_date_words(date.fromisoformat(born)) if born else ""
    return {"value": str(row.id), "label": patient_name(row.identity), "hint": hint}


def _looked_up(typed: dict[str, str]) -> list[FoundPatient] | None:
    """What had been found stays on the screen when something else is refused."""
    if not typed["q"].strip():
        return None
    with writing(system(), actor()) as work:
        return search_patients(work, typed["q"])


def _traits(typed: dict[str, str]) -> dict[str, Any]:
    return {name: typed[name] or None for name in TRAITS} | {
        name: typed[name] for name in ("birth_name", "first_name")
    }


def _consent(typed: dict[str, str]) -> dict[str, Any]:
    return {
        "given": typed["given"] == "1",
        "by": "representative" if typed["by"] == "representative" else "patient",
        "representative_name": typed["representative_name"] if typed["by"] == "representative" else "",
    }


def _by_field(errors: dict[str, str]) -> dict[str, str]:
    """Paths of the request as the fields of this form: "patient.birth_date" is "birth_date"."""
    return {path.rpartition(".")[2]: sentence for path, sentence in errors.items()}
