"""The technical sheet of a case, and what broke under a reference: for support, without anything of a patient."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from blueprints.administration.frame import SERVICE, Answer, page, see_other
from blueprints.entrance.current import actor, system
from blueprints.operations.state import state_page
from dermavis.domain.audit_words import action_words
from dermavis.domain.errors import InvalidInput, NotFound
from dermavis.domain.permissions import Permission
from dermavis.domain.service_state import event_words, kind_words, reference_of, sheet_words, size_words
from dermavis.domain.wording import moment_words
from dermavis.services.access import require
from dermavis.services.audit_trail import case_number
from dermavis.services.support_sheet import read_breakdown, read_sheet
from dermavis.services.work import reading

blueprint = Blueprint("support", __name__)

EXPECTED = "Un numéro de demande (D-4821) ou une référence de panne (K7QF-29MD) est attendu."


@blueprint.post("/administration/service/search")
def search() -> ResponseReturnValue:
    """Go to a case by its number, or to a breakdown by its reference."""
    with reading(system(), actor()) as work:
        require(work, Permission.SERVICE_READ)
    typed = request.form.get("q", "").strip()
    reference = reference_of(typed)
    if reference:
        return see_other(f"{SERVICE}/breakdowns/{reference}")
    try:
        number = case_number(typed)
    except InvalidInput:
        number = ""
    if not number:
        return state_page(Answer(words=EXPECTED, status=422), typed)
    return see_other(f"{SERVICE}/cases/{number}")


@blueprint.get("/administration/service/cases/<number>")
def case_sheet(number: str) -> ResponseReturnValue:
    """Show the sheet of one case."""
    try:
        sheet = read_sheet(system(), actor(), number)
    except NotFound as refusal:
        return state_page(Answer(words=refusal.message, status=404), number)
    zone = actor().time_zone
    return page(
        "support_case",
        SERVICE,
        sheet=sheet,
        say=sheet_words,
        event_words=event_words,
        kind_words=kind_words,
        step_words=lambda name: action_words(f"case.{name}"),
        size=size_words,
        when=lambda instant: moment_words(instant, zone) if instant else "–",
    )


@blueprint.get("/administration/service/breakdowns/<reference>")
def breakdown(reference: str) -> ResponseReturnValue:
    """Show where a request broke."""
    try:
        found, number = read_breakdown(system(), actor(), reference_of(reference))
    except NotFound as refusal:
        return state_page(Answer(words=refusal.message, status=404), reference)
    when = moment_words(found.at, actor().time_zone)
    places = _places(found.trace)
    return page("support_breakdown", SERVICE, found=found, number=number, when=when, places=places)


def _places(trace: str) -> list[tuple[str, str]]:
    """The lines of a trace two by two: where, and what the program says there."""
    found: list[tuple[str, str]] = []
    for line in trace.splitlines():
        if line.startswith("  File "):
            found.append((line.strip(), ""))
        elif found and line.strip(" ^~"):
            found[-1] = (found[-1][0], line.strip())
    return found
