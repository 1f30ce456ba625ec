"""The search in CIM-10 while a diagnosis is typed."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from blueprints.entrance.current import actor, system
from dermavis.domain.coding import search
from dermavis.domain.permissions import Permission
from dermavis.services.access import require
from dermavis.services.work import reading

blueprint = Blueprint("diagnoses", __name__)

LONGEST_QUERY = 100


@blueprint.get("/worklist/diagnoses")
def find() -> Response:
    """Give the diagnoses that the words ``q`` call for, best first. What is typed is kept in no cache and no log."""
    with reading(system(), actor()) as work:
        require(work, Permission.WORKLIST_LIST)
    words = request.args.get("q", "")[:LONGEST_QUERY]
    found = [{"code": row.code, "label": row.label} for row in search(system().codes, words)]
    response = jsonify(format=1, found=found)
    response.headers["Cache-Control"] = "private, no-store"
    return response
