"""The revisions of a sent request: each by its number, and what differs between any two."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from blueprints.entrance.current import actor, system
from dermavis.domain.errors import NotFound
from dermavis.domain.text import whole_number
from dermavis.services import request_versions
from dermavis.services.access import find_case
from dermavis.services.case_view import CaseView, view_of
from dermavis.services.readings import record_reading
from dermavis.services.request_versions import RequestVersion
from dermavis.services.work import reading

blueprint = Blueprint("revisions", __name__)


@blueprint.get("/cases/<uuid:case_id>/revisions")
def compare(case_id: UUID) -> ResponseReturnValue:
    """Show what differs between two revisions; by default what the last one changed. Of one alone, show that."""
    with reading(system(), actor()) as work:
        view = view_of(work, case_id)
        case = find_case(work, case_id)
        made = request_versions.versions_of_request(work, case)
        last = made[-1].number
        if last == 1:
            return redirect(f"/cases/{case_id}/revisions/1", 303)
        one, other = _number("from", max(1, last - 1)), _number("to", last)
        parts = request_versions.parts_between(work, case, one, other)
    _note(view, other, one)
    return render_template(
        "pages/cases/revisions.html", **_names(view, made), one=one, other=other, parts=parts
    )


@blueprint.get("/cases/<uuid:case_id>/revisions/<int:number>")
def show(case_id: UUID, number: int) -> str:
    """Show all that a revision says."""
    with reading(system(), actor()) as work:
        view = view_of(work, case_id)
        case = find_case(work, case_id)
        made = request_versions.versions_of_request(work, case)
        parts = request_versions.parts_of(work, case, number)
    _note(view, number)
    return render_template(
        "pages/cases/revisions.html", **_names(view, made), one=0, other=number, parts=parts
    )


@blueprint.get("/cases/<uuid:case_id>/revisions/since/<int:number>")
def tell_since(case_id: UUID, number: int) -> Response:
    """Tell whether the request was completed after this revision, to a page that stands open."""
    with reading(system(), actor()) as work:
        words = request_versions.completed_since(work, find_case(work, case_id), number)
    return jsonify(format=1, completed=words)


def _names(view: CaseView, made: list[RequestVersion]) -> dict[str, object]:
    return {
        "view": view,
        "made": made,
        "thumbs": {str(photo.id): photo for photo in view.photos if photo.thumb},
    }


def _note(view: CaseView, number: int, since: int = 0) -> None:
    record_reading(
        system(),
        actor(),
        "case.read",
        case_id=view.id,
        subject_kind="case",
        subject_id=view.id,
        screen="revisions",
        revision=number,
        **({"since": since} if since else {}),
    )


def _number(name: str, otherwise: int) -> int:
    text = request.args.get(name, "")
    if not text:
        return otherwise
    number = whole_number(text)
    if number is None:
        raise NotFound
    return number
