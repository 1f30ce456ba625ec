"""The reading of the audit: filters, pages, one case with each picture, and a file. Names stand in no address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from blueprints.administration.charter_form import read_day
from blueprints.administration.frame import (
    AUDIT,
    Answer,
    answer_of,
    page,
    see_other,
)
from blueprints.entrance.current import actor, system
from blueprints.entrance.fields import Fields, as_id
from dermavis.domain.audit_words import GROUPS, actions_of
from dermavis.domain.csv_text import csv_text
from dermavis.domain.errors import InvalidInput
from dermavis.domain.permissions import Permission
from dermavis.domain.text import whole_number
from dermavis.domain.wording import ago_words, moment_words
from dermavis.services import audit_sealing, audit_trail
from dermavis.services.access import require
from dermavis.services.audit_trail import Filter, Trail, TrailRow, case_number
from dermavis.services.case_readings import read_case_readings
from dermavis.services.work import reading

blueprint = Blueprint("administration_audit", __name__)

TYPED = ("number", "person", "name", "action", "first", "last")
MOST_ROWS = 10**17
HEADER = ("Date et heure", "Qui", "Pour", "Au nom de", "Action", "Précision", "Objet", "Demande", "Code")


@blueprint.get("/administration/audit")
def trail_page() -> ResponseReturnValue:
    """Show a page of the audit."""
    typed = {name: request.args.get(name, "") for name in TYPED}
    try:
        wanted = _filter(typed)
        before = whole_number(request.args.get("before", ""), MOST_ROWS)
        trail = audit_trail.read_trail(system(), actor(), replace(wanted, before=before))
    except InvalidInput as refusal:
        return _show(typed, answer_of(refusal), None)
    return _show(typed, Answer(), trail, wanted)


@blueprint.post("/administration/audit/search")
def search() -> ResponseReturnValue:
    """Read the filter's form: a name becomes a person's id, which is all that the address will hold."""
    _check_reader()
    typed = {name: request.form.get(name, "").strip() for name in TYPED}
    try:
        wanted = _filter(typed)
        named = _named(typed["name"])
    except InvalidInput as refusal:
        return _show(typed, answer_of(refusal), None)
    if len(named) > 1:
        several = [(name, f"{AUDIT}{query(replace(wanted, person=person))}") for person, name in named]
        return _show(typed, Answer(), None, several=several)
    person = named[0][0] if named else None
    return see_other(f"{AUDIT}{query(replace(wanted, person=person))}")


@blueprint.get("/administration/audit/cases/<number>")
def case_page(number: str) -> ResponseReturnValue:
    """Show who opened one case and each of its pictures."""
    found = read_case_readings(system(), actor(), number)
    zone = actor().time_zone
    return page("audit_case", AUDIT, found=found, when=lambda instant: moment_words(instant, zone))


@blueprint.get("/administration/audit/export.csv")
def export() -> Response:
    """Give what the filter finds as a file."""
    _check_reader()
    wanted = _filter({name: request.args.get(name, "") for name in TYPED})
    trail = audit_trail.export_trail(system(), actor(), wanted)
    zone = ZoneInfo(actor().time_zone)
    rows = [_cells(row, zone) for row in trail.rows]
    if trail.next_before is not None:
        words = (
            f"Fichier coupé à {audit_trail.MOST_EXPORTED} lignes\u00a0: choisissez des jours plus proches."
        )
        rows.append((words, *[""] * (len(HEADER) - 1)))
    response = Response(csv_text(HEADER, rows), mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="audit-dermavis.csv"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def query(wanted: Filter) -> str:
    """Return a filter as the query of an address, with its question mark; ids and codes only."""
    parts = {
        "number": wanted.number,
        "person": str(wanted.person or ""),
        "action": wanted.action,
        "first": wanted.first.isoformat() if wanted.first else "",
        "last": wanted.last.isoformat() if wanted.last else "",
        "before": str(wanted.before or ""),
    }
    words = urlencode({name: value for name, value in parts.items() if value})
    return f"?{words}" if words else ""


def _check_reader() -> None:
    """Refuse whoever may not read the audit before anything of their demand is looked at."""
    with reading(system(), actor()) as work:
        require(work, Permission.AUDIT_READ)


def _filter(typed: Mapping[str, str]) -> Filter:
    errors: dict[str, str] = {}
    days = {}
    for name in ("first", "last"):
        days[name] = read_day(typed[name]) if typed[name] else None
        if typed[name] and days[name] is None:
            errors[name] = "Une date est attendue\u00a0: jour, mois, année."
    if days["first"] and days["last"] and days["first"] > days["last"]:
        errors["last"] = "Le dernier jour vient après le premier."
    if typed["action"] and not actions_of(typed["action"]):
        errors["action"] = "Choisissez une action de la liste."
    number = ""
    try:
        number = case_number(typed["number"])
    except InvalidInput as refusal:
        errors |= refusal.errors
    if errors:
        raise InvalidInput(errors)
    return Filter(number, as_id(typed["person"]), typed["action"], days["first"], days["last"])


def _named(words: str) -> list[tuple[Any, str]]:
    if not words:
        return []
    with reading(system(), actor()) as work:
        found = audit_trail.people_named(work, words)
    if not found:
        raise InvalidInput({"name": "Personne de ce nom dans ce réseau. Ce champ cherche un professionnel."})
    return found


def _show(
    typed: dict[str, str],
    answer: Answer,
    trail: Trail | None,
    wanted: Filter | None = None,
    several: list[tuple[str, str]] | None = None,
) -> ResponseReturnValue:
    _check_reader()
    with reading(system(), actor()) as work:
        person = wanted.person if wanted else as_id(typed["person"])
        name = audit_trail.person_named(work, person) if person else ""
        now, zone = work.now, work.acting.time_zone
        sealed = audit_sealing.standing(work)
    wanted = wanted or Filter()
    further = trail.next_before if trail else None
    return page(
        "audit",
        AUDIT,
        answer,
        typed=Fields(typed | {"name": typed["name"] or name}),
        trail=trail,
        several=several or [],
        filtered=wanted != Filter(),
        groups=GROUPS,
        further=query(replace(wanted, before=further)) if further else "",
        latest=query(replace(wanted, before=None)) if request.args.get("before") else "",
        export=f"{AUDIT}/export.csv{query(replace(wanted, before=None))}",
        case=wanted.number,
        sealed=sealed,
        when=lambda instant: ago_words(instant, now, zone, with_hour=True),
        moment=lambda instant: moment_words(instant, zone),
    )


def _cells(row: TrailRow, zone: ZoneInfo) -> tuple[str, ...]:
    at = row.at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
    return (at, row.who, row.place, row.on_behalf_of, row.what, row.detail, row.about, row.number, row.action)
