"""A patient's demand is written down: what they ask, who asks for them, when it came."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from blueprints.administration.charter_form import read_day
from blueprints.administration.frame import DEMANDS, Answer, answer_of, see_other
from blueprints.entrance.current import actor, system
from blueprints.entrance.fields import Fields
from blueprints.rights.frame import page
from dermavis.domain.calendars import local_day
from dermavis.domain.demands import ASKERS, KIND_HINTS, KINDS, LONGEST_WORDS
from dermavis.domain.errors import InvalidInput
from dermavis.domain.permissions import Permission
from dermavis.services import demands
from dermavis.services.access import require
from dermavis.services.work import reading, writing

blueprint = Blueprint("demand_registration", __name__)

TYPED = ("number", "kind", "asked_by", "who", "words", "received_on", "died_on")


@blueprint.get("/demands/new")
def form() -> ResponseReturnValue:
    """Show an empty form; the number of the case it was opened from stands in it."""
    with reading(system(), actor()) as work:
        require(work, Permission.DEMANDS_REGISTER)
        today = local_day(work.now, work.acting.time_zone)
    number = request.args.get("number", "")[:20]
    return _show({"number": number, "received_on": today.isoformat(), "asked_by": "patient"}, Answer())


@blueprint.post("/demands/new")
def register() -> ResponseReturnValue:
    """Write it into the register."""
    typed = {name: request.form.get(name, "").strip() for name in TYPED}
    try:
        with writing(system(), actor()) as work:
            demand_id = demands.register(work, _read(typed)).id
    except InvalidInput as refusal:
        return _show(typed, answer_of(refusal))
    return see_other(f"{DEMANDS}/{demand_id}?saved=registered")


def _read(typed: dict[str, str]) -> demands.NewDemand:
    return demands.NewDemand(
        number=typed["number"],
        kind=typed["kind"],
        asked_by=typed["asked_by"],
        who=typed["who"],
        words=typed["words"],
        received_on=read_day(typed["received_on"]),
        died_on=read_day(typed["died_on"]) if typed["died_on"] else None,
    )


def _show(typed: dict[str, str], answer: Answer) -> ResponseReturnValue:
    kinds = [{"id": kind, "label": label, "hint": KIND_HINTS[kind]} for kind, label in KINDS.items()]
    return page(
        "registration",
        answer,
        typed=Fields(typed),
        kinds=kinds,
        askers=list(ASKERS.items()),
        longest=LONGEST_WORDS,
    )
