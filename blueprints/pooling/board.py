"""The board of the members' requests, alone or with one of them open; what is looked for stands in no address."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from blueprints.pooling.screen import show_board

blueprint = Blueprint("pooling", __name__)


@blueprint.get("/pooling")
def show() -> ResponseReturnValue:
    """Show the requests to read again. ``case`` in the address of a notification leads to that request."""
    try:
        return redirect(f"/pooling/{UUID(request.args['case'])}", 303)
    except (KeyError, ValueError):
        return show_board()


@blueprint.get("/pooling/<uuid:case_id>")
def show_case(case_id: UUID) -> ResponseReturnValue:
    """Show one request: beside the board where there is room for both."""
    return show_board(case_id)


@blueprint.post("/pooling/search")
def search() -> ResponseReturnValue:
    """Show what of the board is looked for; with nothing typed, the whole of it as it stands now."""
    return show_board(query=request.form.get("q", ""))
