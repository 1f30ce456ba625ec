"""The page of an opinion for the patient's treating doctor: to read, to keep, and to confirm for oneself alone."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from blueprints.cases.opening import a_person_opens
from blueprints.cases.parts import page_for
from blueprints.cases.words import call_rows
from blueprints.entrance.current import actor, system
from blueprints.entrance.fields import typed_id
from dermavis.domain.errors import Conflict
from dermavis.services.case_part import Part
from dermavis.services.treating_copies import acknowledge_copy, open_copy
from dermavis.services.treating_view import TreatingView, note_copy_read, treating_view
from dermavis.services.work import reading, writing

blueprint = Blueprint("treating_case", __name__)


@page_for(Part.TREATING)
def show_copy(case_id: UUID) -> ResponseReturnValue:
    """Show the opinion. Opening it is noted before the page leaves."""
    view = _view(case_id)
    if view.to_record and a_person_opens():
        with writing(system(), actor()) as work:
            open_copy(work, case_id)
        view = _view(case_id)
    return _page(view, done=request.args.get("done") == "acknowledged")


@blueprint.post("/cases/<uuid:case_id>/copy/acknowledgement")
def acknowledge(case_id: UUID) -> ResponseReturnValue:
    """Confirm that the opinion on the screen was read, for oneself."""
    try:
        with writing(system(), actor()) as work:
            acknowledge_copy(work, case_id, typed_id("opinion"))
    except Conflict as conflict:
        return _page(_view(case_id), refused=conflict.message), conflict.status
    return redirect(f"/cases/{case_id}?done=acknowledged", 303)


def _view(case_id: UUID) -> TreatingView:
    with reading(system(), actor()) as work:
        return treating_view(work, case_id)


def _page(view: TreatingView, done: bool = False, refused: str = "") -> str:
    note_copy_read(system(), actor(), view)
    last = view.versions[-1] if view.versions else None
    names: dict[str, Any] = {
        "view": view,
        "signed": last,
        "calls": call_rows(last.content, system().clock.now(), actor().time_zone) if last else [],
        "done": done,
        "refused": refused,
    }
    return render_template("pages/cases/treating.html", **names)
