"""What left the coordination, or went past it: where it stands and who has it."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from blueprints.entrance.current import actor, system
from blueprints.pooling.screen import LONGEST_QUERY, show_list
from dermavis.services.pooling_board import count_pooled, sent
from dermavis.services.work import reading

blueprint = Blueprint("pooling_sent", __name__)


@blueprint.get("/pooling/sent")
def show() -> ResponseReturnValue:
    """Show a page of what left, the latest first; ``after`` a place is the next one."""
    return _show("", request.args.get("after", ""))


@blueprint.post("/pooling/sent/search")
def search() -> ResponseReturnValue:
    """Show what is looked for among what left."""
    return _show(request.form.get("q", "")[:LONGEST_QUERY], "")


def _show(query: str, after: str) -> str:
    with reading(system(), actor()) as work:
        found = sent(work, query, after)
        waiting = count_pooled(work)
    return show_list(found, waiting=waiting, query=query)
