"""The case page's address and its thread: the part that a person plays on the case decides which view answers."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue

from blueprints.cases.parts import PAGES, WORDS
from blueprints.entrance.current import actor, system
from dermavis.domain.errors import Forbidden, NotFound
from dermavis.services.case_part import Part, part_of
from dermavis.services.work import reading

blueprint = Blueprint("case_page", __name__)

ELSEWHERE: dict[Part, str] = {Part.WRITER: "/requests/{}", Part.COORDINATOR: "/pooling?case={}"}
"""Parts that have their own page of the case."""


@blueprint.get("/cases/<uuid:case_id>")
def show(case_id: UUID) -> ResponseReturnValue:
    """Show the case to the part that the actor plays on it."""
    part = _part(case_id)
    if part in ELSEWHERE:
        return redirect(ELSEWHERE[part].format(case_id), 303)
    if part not in PAGES:
        raise NotFound
    return PAGES[part](case_id)


@blueprint.post("/cases/<uuid:case_id>/messages")
def write_message(case_id: UUID) -> ResponseReturnValue:
    """Take a message from the part that the actor plays on the case."""
    part = _part(case_id)
    if part not in WORDS:
        raise Forbidden
    return WORDS[part](case_id)


def _part(case_id: UUID) -> Part:
    with reading(system(), actor()) as work:
        return part_of(work, case_id)
