"""« Avis reçus pour mes patients »: what the actor was given as a treating doctor."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from blueprints.entrance.current import actor, system
from dermavis.services.lists import note_list
from dermavis.services.received_opinions import received_page
from dermavis.services.work import reading

blueprint = Blueprint("received_opinions", __name__)


@blueprint.get("/requests/received")
def show() -> str:
    """Show the list, or one further page of it."""
    after = request.args.get("after", "")
    with reading(system(), actor()) as work:
        page = received_page(work, after)
    note_list(system(), actor(), "received", [row.id for row in page.rows], "all")
    return render_template("pages/requests/received.html", page=page)
