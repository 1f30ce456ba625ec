"""The expert's place: the lists, and the sitting that goes from one request to the next."""

from __future__ import annotations

from flask import Flask

from blueprints.worklist import diagnoses, lists, sittings


def register(app: Flask) -> None:
    """Install the pages."""
    for place in (lists, sittings, diagnoses):
        app.register_blueprint(place.blueprint)
