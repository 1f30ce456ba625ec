"""Looking up a doctor with an account, to name them as the patient's treating doctor in a guided request."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from blueprints.entrance.current import actor, system
from blueprints.requests.api_body import FORMAT, read_body
from dermavis.domain.errors import InvalidInput
from dermavis.domain.permissions import Permission
from dermavis.services.access import require
from dermavis.services.rate_limits import DOCTORS_BY_PERSON, count_try
from dermavis.services.treating_doctors import find_doctors
from dermavis.services.work import reading

blueprint = Blueprint("doctors", __name__, url_prefix="/api/v1")


@blueprint.post("/doctors")
def find() -> Response:
    """Find doctors by the beginnings of their name or place; those of the site without a query. POST, as patients."""
    query = read_body().get("q")
    if not isinstance(query, str):
        raise InvalidInput({"q": "Cette recherche est illisible."})
    with reading(system(), actor()) as work:
        require(work, Permission.DOCTOR_SEARCH)
    count_try(system(), (DOCTORS_BY_PERSON, str(actor().person_id)))
    with reading(system(), actor()) as work:
        found = find_doctors(work, query)
    doctors = [{"id": str(row.id), "name": row.name, "place": row.place} for row in found]
    return jsonify(format=FORMAT, doctors=doctors)
