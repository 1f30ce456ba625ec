"""Two pages on which a request leaves its way: it is cancelled, or sent to another place."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from blueprints.entrance.current import actor, system
from blueprints.entrance.fields import Fields
from blueprints.requests.api_words import as_offer
from dermavis.domain.errors import Forbidden, InvalidInput, Refusal
from dermavis.domain.permissions import Permission
from dermavis.services import changing, redirecting
from dermavis.services.access import find_case, may
from dermavis.services.case_view import CaseView, note_reading, view_of
from dermavis.services.work import reading, writing

blueprint = Blueprint("ending", __name__)


@blueprint.get("/cases/<uuid:case_id>/cancellation")
def ask_cancellation(case_id: UUID) -> str:
    """Ask why, and to confirm."""
    return _cancellation(case_id)


@blueprint.post("/cases/<uuid:case_id>/cancellation")
def cancel(case_id: UUID) -> ResponseReturnValue:
    """Cancel the request."""
    typed = {name: request.form.get(name, "") for name in ("reason", "words")}
    try:
        with writing(system(), actor()) as work:
            changing.cancel(work, case_id, **typed)
    except InvalidInput as refusal:
        return _cancellation(case_id, typed, refusal.errors), refusal.status
    return redirect(f"/cases/{case_id}?done=cancelled", 303)


@blueprint.get("/cases/<uuid:case_id>/redirection")
def ask_redirection(case_id: UUID) -> str:
    """Show the places that may still take the request."""
    return _redirection(case_id)


@blueprint.post("/cases/<uuid:case_id>/redirection")
def redirect_case(case_id: UUID) -> ResponseReturnValue:
    """Send the request to the chosen place; whoever cannot open it there goes back to their list."""
    typed = {name: request.form.get(name, "") for name in ("reason", "words")}
    try:
        team_id = UUID(request.form.get("team", ""))
    except ValueError:
        return _redirection(case_id, {"team": "Choisissez un centre."}), 422
    try:
        with writing(system(), actor()) as work:
            case = redirecting.redirect(work, case_id, team_id, **typed)
            stays = may(work, Permission.CASE_READ, case)
    except InvalidInput as refusal:
        return _redirection(case_id, refusal.errors), refusal.status
    except Refusal as refusal:
        if refusal.field != "addressing" and refusal.code != "second_opinion_awaited":
            raise
        return _redirection(case_id, {"team": refusal.message}), 409
    return redirect(f"/cases/{case_id}?done=redirected" if stays else "/worklist", 303)


def _cancellation(
    case_id: UUID, typed: dict[str, str] | None = None, errors: dict[str, str] | None = None
) -> str:
    view = _opened(case_id, Permission.CASE_CANCEL, "cancellation")
    with reading(system(), actor()) as work:
        reasons = changing.cancel_reasons(work, find_case(work, case_id))
    return render_template(
        "pages/cases/requester/cancellation.html",
        case=view,
        reasons=reasons,
        typed=Fields(typed or {}),
        errors=Fields(errors or {}),
    )


def _redirection(case_id: UUID, errors: dict[str, str] | None = None) -> str:
    view = _opened(case_id, Permission.CASE_REDIRECT, "redirection")
    with reading(system(), actor()) as work:
        found = redirecting.choices(work, case_id)
        case = find_case(work, case_id)
        cancels = may(work, Permission.CASE_CANCEL, case)
        reasons = redirecting.redirect_reasons(work, case)
    offers: list[dict[str, Any]] = [
        as_offer(offer) for offer in (*([found.chosen] if found.chosen else []), *found.others)
    ]
    return render_template(
        "pages/cases/requester/redirection.html",
        case=view,
        offers=offers,
        refused=[why for _, why in found.refused],
        errors=Fields(errors or {}),
        cancels=cancels,
        reasons=reasons,
        typed=Fields({name: request.form.get(name, "") for name in ("team", "reason", "words")}),
    )


def _opened(case_id: UUID, permission: Permission, screen: str) -> CaseView:
    with reading(system(), actor()) as work:
        case = find_case(work, case_id, Permission.CASE_READ)
        if not may(work, permission, case):
            raise Forbidden
        view = view_of(work, case_id)
    note_reading(system(), actor(), view, screen)
    return view
