"""Pictures after sending: those that the expert asked for, or others. The program of the page sends them by tus."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from blueprints.entrance.current import actor, system
from dermavis.domain.errors import Forbidden, InvalidInput
from dermavis.domain.permissions import Permission
from dermavis.domain.request_photos import PhotoQuality
from dermavis.services import changing
from dermavis.services.access import find_case, may
from dermavis.services.case_photos import CasePhoto
from dermavis.services.case_view import note_reading
from dermavis.services.requester_view import requester_view
from dermavis.services.work import reading, writing

blueprint = Blueprint("new_photos", __name__)


@blueprint.get("/cases/<uuid:case_id>/photos/new")
def show_page(case_id: UUID) -> str:
    """Show the views that are asked for, each with its instruction, and the others that may be added."""
    return _page(case_id)


@blueprint.post("/cases/<uuid:case_id>/photos/new")
def add(case_id: UUID) -> ResponseReturnValue:
    """Make the pictures that arrived part of the request, as a revision."""
    try:
        ids = [UUID(text) for text in request.form.getlist("photo")[:60]]
        told = {photo_id: request.form.get(f"quality-{photo_id}", "") for photo_id in ids}
        wanting = {key: PhotoQuality.model_validate_json(text) for key, text in told.items() if text}
    except ValueError:
        return _page(case_id, "Une photo est illisible\u00a0: reprenez-la."), 422
    if not ids:
        return _page(case_id, "Prenez d’abord une photo."), 422
    try:
        with writing(system(), actor()) as work:
            changing.add_photos(work, case_id, ids, wanting)
    except InvalidInput as refusal:
        return _page(case_id, next(iter(refusal.errors.values()))), refusal.status
    return redirect(f"/cases/{case_id}?done=photos", 303)


def _page(case_id: UUID, error: str = "") -> str:
    with reading(system(), actor()) as work:
        if not may(work, Permission.CASE_COMPLETE, find_case(work, case_id)):
            raise Forbidden("Cette demande ne reçoit plus de photo.")
        view = requester_view(work, case_id)
    note_reading(system(), actor(), view.case, "photos")
    asked = [row for row, answered in view.asked.views if not answered] if view.asked else []
    others = [row for row in view.case.specialty.views if row not in asked]
    return render_template(
        "pages/cases/requester/new_photos.html",
        view=view,
        case=view.case,
        asked=asked,
        others=others,
        pending=[row for row in view.case.awaited if not row.confirmed],
        former=_former(view.photos),
        error=error,
    )


def _former(photos: Iterable[CasePhoto]) -> dict[str, list[dict[str, str]]]:
    """View → the pictures that there are of it, the last one last: what a new one is to repeat."""
    found: dict[str, list[dict[str, str]]] = {}
    for photo in photos:
        row = {"lesion": str(photo.lesion or ""), "full": photo.full}
        found.setdefault(photo.view, []).append(row)
    return found
