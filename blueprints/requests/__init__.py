"""The requester's place: the guided request and its interface."""

from __future__ import annotations

from flask import Flask

from blueprints.entrance.guard import csrf
from blueprints.requests import api, home, my_requests, specialties, uploads, wizard


def register(app: Flask) -> None:
    """Install the pages and the interface; the interface is guarded by origin, not by form tokens."""
    csrf.exempt(api.blueprint)
    for place in (home, my_requests, wizard, api, specialties):
        app.register_blueprint(place.blueprint)
    uploads.register(app)
