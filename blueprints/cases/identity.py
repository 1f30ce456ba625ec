"""The page on which the requester's side corrects who the patient of a sent request is."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from blueprints.entrance.current import actor, system
from blueprints.entrance.fields import Fields
from dermavis.domain.errors import Conflict, InvalidInput
from dermavis.domain.identity import STATUS_WORDS, IdentityStatus
from dermavis.domain.text import whole_number
from dermavis.services.case_view import note_reading, view_of
from dermavis.services.identity_corrections import correct_identity, identity_to_correct
from dermavis.services.work import reading, writing

blueprint = Blueprint("identity", __name__)

TRAITS = (
    "birth_name",
    "used_name",
    "first_name",
    "given_names",
    "birth_date",
    "sex",
    "birthplace_insee",
)
SEXES = (("F", "Féminin"), ("M", "Masculin"), ("U", "Inconnu"))


@blueprint.get("/cases/<uuid:case_id>/identity")
def show(case_id: UUID) -> str:
    """Show the identity as it stands."""
    return _page(case_id)


@blueprint.post("/cases/<uuid:case_id>/identity")
def correct(case_id: UUID) -> ResponseReturnValue:
    """Write the corrected identity; what is wrong, or was changed meanwhile, is said and nothing is lost."""
    typed = {name: request.form.get(name, "") for name in (*TRAITS, "document", "why", "version")}
    traits = {name: typed[name] for name in TRAITS} | {
        name: typed[name] or None for name in ("birth_date", "sex")
    }
    known = whole_number(typed["version"]) or 0
    try:
        with writing(system(), actor()) as work:
            correct_identity(work, case_id, traits, typed["document"], typed["why"], known)
    except InvalidInput as refusal:
        return _page(case_id, typed, refusal.errors), refusal.status
    except Conflict as conflict:
        if conflict.code != "identity_changed":
            raise
        return _page(case_id, typed, conflict=conflict.message), conflict.status
    return redirect(f"/cases/{case_id}?done=identity", 303)


def _page(
    case_id: UUID,
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    conflict: str = "",
) -> str:
    with reading(system(), actor()) as work:
        known = identity_to_correct(work, case_id)
        view = view_of(work, case_id)
    note_reading(system(), actor(), view, "identity")
    status = known.traits.get("identity_status") or IdentityStatus.PROVISIONAL
    return render_template(
        "pages/cases/requester/identity.html",
        case=view,
        version=known.version,
        status=STATUS_WORDS[IdentityStatus(status)],
        numbered=bool(known.traits.get("ins")),
        sexes=SEXES,
        typed=Fields(typed or {name: str(known.traits.get(name) or "") for name in TRAITS}),
        errors=Fields(errors or {}),
        conflict=conflict,
    )
