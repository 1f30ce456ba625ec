"""Until when cases are kept, what comes due, and the legal hold: an administrator decides, and is asked twice."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from blueprints.administration.frame import RETENTION, Answer, answer_of, page, see_other
from blueprints.entrance.current import actor, system
from blueprints.entrance.fields import Fields
from dermavis.domain.calendars import local_day
from dermavis.domain.errors import Conflict, InvalidInput, NotFound
from dermavis.domain.legal_hold import HOLD_REASONS, LONGEST_WORDS
from dermavis.domain.permissions import Permission
from dermavis.domain.wording import date_words, moment_words
from dermavis.services import legal_holds
from dermavis.services.access import require
from dermavis.services.audit_trail import case_number
from dermavis.services.readings import record_reading
from dermavis.services.retention_lists import read_case_term, read_terms
from dermavis.services.work import Work, reading, writing

blueprint = Blueprint("administration_retention", __name__)

SAVED = {
    "held": "Ce télédossier est retenu\u00a0: rien ne peut l’effacer.",
    "lifted": "Ce télédossier n’est plus retenu\u00a0: sa durée de conservation reprend.",
}


@blueprint.get("/administration/retention")
def terms_page() -> ResponseReturnValue:
    """Show what comes due, the nearest term first."""
    return _terms("", Answer())


@blueprint.post("/administration/retention/search")
def search() -> ResponseReturnValue:
    """Go to one case by its number."""
    typed = request.form.get("number", "").strip()
    try:
        number = case_number(typed)
        if not number:
            raise InvalidInput({"number": "Écrivez le numéro d’une demande."})
        with reading(system(), actor()) as work:
            read_case_term(work, number)
    except NotFound as missing:
        return _terms(typed, Answer(Fields({"number": missing.message}), status=404))
    except InvalidInput as refusal:
        return _terms(typed, answer_of(refusal))
    return see_other(f"{RETENTION}/{number}")


@blueprint.get("/administration/retention/<number>")
def case_page(number: str) -> ResponseReturnValue:
    """Show one case: until when it is kept and why, and what was held back."""
    return _case(number, Answer(), {})


@blueprint.post("/administration/retention/<number>/hold")
def hold(number: str) -> ResponseReturnValue:
    """Hold the case back from every erasure."""
    typed = {name: request.form.get(name, "") for name in ("reason", "words", "confirmed")}
    try:
        with writing(system(), actor()) as work:
            legal_holds.set_hold(work, number, typed["reason"], typed["words"], typed["confirmed"] == "1")
    except (Conflict, InvalidInput) as refusal:
        return _case(number, answer_of(refusal), typed)
    return see_other(f"{RETENTION}/{number}?saved=held")


@blueprint.post("/administration/retention/<number>/hold/lifted")
def lift(number: str) -> ResponseReturnValue:
    """End the hold."""
    typed = {name: request.form.get(name, "") for name in ("words", "confirmed")}
    try:
        with writing(system(), actor()) as work:
            legal_holds.lift_hold(work, number, typed["words"], typed["confirmed"] == "1")
    except (Conflict, InvalidInput) as refusal:
        return _case(number, answer_of(refusal), typed)
    return see_other(f"{RETENTION}/{number}?saved=lifted")


def _terms(typed: str, answer: Answer) -> ResponseReturnValue:
    with reading(system(), actor()) as work:
        require(work, Permission.RETENTION_READ)
        after = case_number(request.args.get("after", ""))
        terms = read_terms(work, after)
        words = _words(work)
    return page("retention", RETENTION, answer, terms=terms, typed=typed, after=after, **words)


def _case(number: str, answer: Answer, typed: dict[str, str]) -> ResponseReturnValue:
    with reading(system(), actor()) as work:
        require(work, Permission.RETENTION_READ)
        found = read_case_term(work, case_number(number))
        case_id, words = found.id, _words(work)
    record_reading(
        system(), actor(), "retention.read", case_id=case_id, subject_kind="case", subject_id=case_id
    )
    return page(
        "retention_case",
        RETENTION,
        answer,
        found=found,
        typed=Fields(typed),
        reasons=list(HOLD_REASONS.items()),
        longest=LONGEST_WORDS,
        saved=SAVED.get(request.args.get("saved", ""), ""),
        **words,
    )


def _words(work: Work) -> dict[str, Any]:
    zone = work.acting.time_zone
    return {
        "day": lambda instant: date_words(local_day(instant, zone)),
        "moment": lambda instant: moment_words(instant, zone),
    }
