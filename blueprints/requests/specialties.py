"""The requester's half of a specialty file, at an address that holds its fingerprint: kept by browsers for a year.

It is vocabulary, open to a stranger: the service worker keeps it before anybody has signed in.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from flask import Blueprint, Response, current_app, request

from blueprints.entrance.current import system
from blueprints.entrance.login import public
from dermavis.domain.errors import NotFound
from dermavis.domain.specialty import as_client

blueprint = Blueprint("specialties", __name__)

SPECIALTY = "dermatology"
"""The one that a request is about where nothing else is said."""

YEAR = 365 * 24 * 3600
FINGERPRINT_LENGTH = 16


@dataclass(frozen=True)
class ClientFile:
    """The JSON text of a specialty and its fingerprint."""

    text: str
    fingerprint: str


@blueprint.get("/api/v1/specialties/<specialty_id>")
@public
def read_specialty(specialty_id: str) -> Response:
    """Give the file; for a year under its own fingerprint, for a minute under another."""
    if specialty_id not in system().specialties:
        raise NotFound("Cette spécialité n’est pas proposée ici.")
    file = _file(specialty_id)
    response = Response(file.text, mimetype="application/json")
    response.set_etag(file.fingerprint)
    own = request.args.get("v") == file.fingerprint
    response.headers["Cache-Control"] = (
        f"private, max-age={YEAR}, immutable" if own else "private, max-age=60"
    )
    return response


def address_of(specialty_id: str) -> str:
    """Return the address of exactly the file that is in force."""
    return f"/api/v1/specialties/{specialty_id}?v={_file(specialty_id).fingerprint}"


def _file(specialty_id: str) -> ClientFile:
    files: dict[str, ClientFile] = current_app.extensions.setdefault("specialty_files", {})
    if specialty_id not in files:
        content = {"format": 1, **as_client(system().specialty(specialty_id))}
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        digest = hashlib.sha256(text.encode()).hexdigest()
        files[specialty_id] = ClientFile(text, digest[:FINGERPRINT_LENGTH])
    return files[specialty_id]
