"""A sitting: begun by one press, carried by the address of each page, ended by leaving."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from blueprints.entrance.current import actor, system
from blueprints.entrance.fields import typed_id
from dermavis.domain.text import whole_number
from dermavis.services.seance import pass_on, take_next

blueprint = Blueprint("sittings", __name__)

LONGEST = 999


@blueprint.post("/worklist/sitting")
def go_on() -> ResponseReturnValue:
    """Open the most pressing request, or the one after ``passed``, which is left for later."""
    motive = request.form.get("motive", "")[:64]
    passed = typed_id("passed")
    if passed is not None:
        pass_on(system(), actor(), passed)
    return redirect(next_page(motive, rank_of(request.form.get("sitting", "")) + 1, after=passed), 303)


def next_page(motive: str, rank: int, after: UUID | None = None) -> str:
    """Take the next request and return its address, or the list's when there is none left."""
    taken = take_next(system(), actor(), motive, after)
    if taken is None:
        return "/worklist?" + urlencode({"done": rank - 1} | ({"motive": motive} if motive else {}))
    return f"/cases/{taken}?" + urlencode({"sitting": rank} | ({"motive": motive} if motive else {}))


def rank_of(text: str) -> int:
    """Which request of the sitting this is; 0 outside of one."""
    return min(whole_number(text, 9999) or 0, LONGEST)
