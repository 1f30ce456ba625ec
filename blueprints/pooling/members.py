"""The members whose requests are read again here."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from blueprints.entrance.current import actor, system
from blueprints.pooling.screen import bar
from dermavis.services.pooling_board import count_pooled
from dermavis.services.pooling_members import members
from dermavis.services.readings import record_soon
from dermavis.services.work import reading

blueprint = Blueprint("pooling_members", __name__)


@blueprint.get("/pooling/members")
def show() -> ResponseReturnValue:
    """Show the members with what waits here and what left."""
    with reading(system(), actor()) as work:
        found = members(work)
        waiting = count_pooled(work)
    record_soon(system(), actor(), "list.read", subject_kind="pooling.members", filter="", cases=[])
    return render_template("pages/pooling/members.html", members=found, **bar("members", waiting))
