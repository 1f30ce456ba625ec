"""``/administration``: everybody finds the first tab that is theirs."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from blueprints.administration.frame import see_other, tabs
from dermavis.domain.errors import Forbidden

blueprint = Blueprint("administration", __name__)

HOME = "/worklist"


@blueprint.get("/administration")
def door() -> ResponseReturnValue:
    """Go to the person's first tab. Raises Forbidden for whoever has none."""
    mine = [tab["href"] for tab in tabs("") if tab["href"] != HOME]
    if not mine:
        raise Forbidden
    return see_other(mine[0])
