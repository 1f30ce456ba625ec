"""``GET /healthz`` for whoever watches the service from outside."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, jsonify

from blueprints.entrance.current import system
from blueprints.entrance.login import public
from dermavis.services.health import complaints

blueprint = Blueprint("health", __name__)


def register(app: Flask) -> None:
    """Install the page."""
    app.register_blueprint(blueprint)


@blueprint.get("/healthz")
@public
def health() -> Response:
    """Answer 200 when all is well, else 503 with the codes of what is wrong."""
    wrong = complaints(system())
    response = jsonify(status="ok" if not wrong else "wrong", wrong=wrong)
    response.status_code = 503 if wrong else 200
    response.headers["Cache-Control"] = "no-store"
    return response
