"""Whether the service lives, serves and keeps up: for whoever watches it from outside."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, jsonify

from blueprints.entrance.current import system
from blueprints.entrance.login import public
from dermavis.services.health import complaints, unready

blueprint = Blueprint("health", __name__)


def register(app: Flask) -> None:
    """Install the pages."""
    app.register_blueprint(blueprint)


@blueprint.get("/livez")
@public
def alive() -> Response:
    """Answer 200 as long as this process answers at all; whoever restarts processes asks here, and nothing else."""
    return _answer([])


@blueprint.get("/readyz")
@public
def ready() -> Response:
    """Answer 200 when this process can serve people, else 503 with the reasons; for whoever spreads requests."""
    return _answer(unready(system()))


@blueprint.get("/healthz")
@public
def health() -> Response:
    """Answer 200 when all is well, the worker's part included, else 503 with the codes of what is wrong."""
    return _answer(complaints(system()))


def _answer(wrong: list[str]) -> Response:
    response = jsonify(status="ok" if not wrong else "wrong", wrong=wrong)
    response.status_code = 503 if wrong else 200
    response.headers["Cache-Control"] = "no-store"
    return response
