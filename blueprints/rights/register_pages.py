"""The register of patients' demands: filtered, searched without a name in the address, and as a file."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from blueprints.administration.frame import DEMANDS
from blueprints.entrance.current import actor, system
from blueprints.rights.frame import page
from dermavis.domain.csv_text import csv_text
from dermavis.domain.demands import KINDS
from dermavis.services.demand_register import STANDINGS, DemandRow, Wanted, export_register, read_register

blueprint = Blueprint("demand_register", __name__)

LONGEST_QUERY = 100
HEADER = (
    "Numéro",
    "Droit",
    "Demande liée",
    "Site",
    "Qui demande",
    "Reçue le",
    "Réponse due le",
    "En retard",
    "Réponse",
    "Répondue le",
    "Enregistrée par",
)


@blueprint.get("/demands")
def show() -> ResponseReturnValue:
    """Show the register, what is due first."""
    return _show(_wanted(""))


@blueprint.post("/demands/search")
def search() -> ResponseReturnValue:
    """Show what bears the number or the patient's name that was typed."""
    return _show(_wanted(request.form.get("q", "").strip()[:LONGEST_QUERY]))


@blueprint.get("/demands/export.csv")
def export() -> Response:
    """Give the register as a file; no patient is named in it."""
    register = export_register(system(), actor(), _wanted(""))
    response = Response(csv_text(HEADER, [_cells(row) for row in register.rows]), mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="demandes-des-patients.csv"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _wanted(words: str) -> Wanted:
    kind, standing = request.values.get("kind", ""), request.values.get("standing", "")
    return Wanted(kind if kind in KINDS else "", standing if standing in STANDINGS else "", words)


def _show(wanted: Wanted) -> ResponseReturnValue:
    register = read_register(system(), actor(), wanted)
    parts = {"kind": wanted.kind, "standing": wanted.standing}
    query = urlencode({name: value for name, value in parts.items() if value})
    return page(
        "register",
        register=register,
        wanted=wanted,
        kinds=list(KINDS.items()),
        standings=list(STANDINGS.items()),
        export=f"{DEMANDS}/export.csv{'?' + query if query else ''}",
    )


def _cells(row: DemandRow) -> tuple[str, ...]:
    return (
        row.number,
        row.kind,
        row.case_number,
        row.site,
        row.asked_by,
        row.received_on.isoformat(),
        row.due_on.isoformat(),
        "oui" if row.late else "",
        row.outcome,
        row.closed_at.date().isoformat() if row.closed_at else "",
        row.registered_by,
    )
