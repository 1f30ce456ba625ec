"""The record that a patient asked for leaves as an archive, sent while it is read."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from blueprints.administration.frame import answer_of
from blueprints.entrance.current import actor, system
from blueprints.rights.demand import show_demand
from dermavis.domain.errors import Conflict, Forbidden
from dermavis.domain.wording import birth_date_words, moment_words
from dermavis.services.access_contents import Contents
from dermavis.services.access_export import hand_over

blueprint = Blueprint("access_hand_over", __name__)


@blueprint.post("/demands/<uuid:demand_id>/record")
def give(demand_id: UUID) -> ResponseReturnValue:
    """Send the whole record; noted before its first byte."""
    try:
        handing = hand_over(system(), actor(), demand_id, _pages)
    except (Conflict, Forbidden) as refusal:
        if refusal.code == "forbidden" and refusal.message == Forbidden().message:
            raise
        return show_demand(demand_id, answer_of(refusal))
    headers = {
        "Content-Disposition": f'attachment; filename="{handing.name}"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(handing.pieces, mimetype="application/zip", headers=headers)


def _pages(contents: Contents, made_at: datetime) -> dict[str, str]:
    zone = actor().time_zone

    def when(written: str) -> str:
        return moment_words(datetime.fromisoformat(written), zone) if written else ""

    def born(written: str | None) -> str:
        return birth_date_words(datetime.fromisoformat(written).date()) if written else ""

    words = {"contents": contents, "made_at": moment_words(made_at, zone), "when": when, "born": born}
    return {
        "LISEZ-MOI.txt": render_template("documents/access/read-me.txt", **words),
        "dossier.html": render_template("documents/access/record.html", **words),
        "dossier.css": render_template("documents/access/record.css"),
    }
