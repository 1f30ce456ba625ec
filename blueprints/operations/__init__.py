"""What those who run the service watch and look into; nothing here tells of a patient."""

from __future__ import annotations

from flask import Flask

from blueprints.operations import meters, metrics, state, support


def register(app: Flask) -> None:
    """Install the meters and the pages."""
    meters.register(app)
    for place in (metrics, state, support):
        app.register_blueprint(place.blueprint)
