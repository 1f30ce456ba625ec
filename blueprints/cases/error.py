"""The page on which either side says that a case was entered in error: why, whom it tells, and to confirm."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from blueprints.entrance.current import actor, system
from blueprints.entrance.fields import Fields
from dermavis.domain.errors import InvalidInput
from dermavis.domain.permissions import Permission
from dermavis.services.access import find_case
from dermavis.services.case_recipients import names_told
from dermavis.services.case_view import note_reading, view_of
from dermavis.services.entered_in_error import mark_error, who_would_be_told
from dermavis.services.work import reading, writing

blueprint = Blueprint("case_error", __name__)

MOST_NAMES = 6


@blueprint.get("/cases/<uuid:case_id>/error")
def ask_error(case_id: UUID) -> str:
    """Ask why, and to confirm."""
    return _page(case_id)


@blueprint.post("/cases/<uuid:case_id>/error")
def mark(case_id: UUID) -> ResponseReturnValue:
    """Mark the case; its page then says so."""
    typed = {name: request.form.get(name, "") for name in ("reason", "words")}
    try:
        with writing(system(), actor()) as work:
            mark_error(work, case_id, **typed)
    except InvalidInput as refusal:
        return _page(case_id, typed, refusal.errors), refusal.status
    return redirect(f"/cases/{case_id}", 303)


def _page(case_id: UUID, typed: dict[str, str] | None = None, errors: dict[str, str] | None = None) -> str:
    with reading(system(), actor()) as work:
        case = find_case(work, case_id, Permission.ENTERED_IN_ERROR)
        view = view_of(work, case_id)
        told = names_told(work, who_would_be_told(work, case))
    note_reading(system(), actor(), view, "error")
    return render_template(
        "pages/cases/error.html",
        case=view,
        reasons=[reason for reason in view.specialty.reasons if "entered_in_error" in reason.occasions],
        told=told[:MOST_NAMES],
        more=len(told[MOST_NAMES:]),
        typed=Fields(typed or {}),
        errors=Fields(errors or {}),
    )
