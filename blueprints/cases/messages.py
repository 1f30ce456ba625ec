"""A word from the expert's side on a case."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, request
from flask.typing import ResponseReturnValue

from blueprints.cases.expert import Refused, show_case
from blueprints.cases.parts import words_from
from blueprints.entrance.current import actor, system
from blueprints.entrance.fields import typed_id
from dermavis.domain.errors import Conflict, InvalidInput
from dermavis.services import conversation
from dermavis.services.case_part import Part
from dermavis.services.work import writing


@words_from(Part.EXPERT)
def write_to_requester(case_id: UUID) -> ResponseReturnValue:
    """Write a word to the requester; the delay goes on."""
    text = request.form.get("text", "")
    try:
        with writing(system(), actor()) as work:
            conversation.write(work, case_id, text, typed_id("message_id"))
    except (InvalidInput, Conflict) as refusal:
        return show_case(case_id, Refused("message", refusal, {"text": [text]})), refusal.status
    return redirect(f"/cases/{case_id}?did=message#thread", 303)
