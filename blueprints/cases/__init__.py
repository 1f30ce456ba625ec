"""The case page that every role shares: one address, and each part its own page of it (see ``parts``)."""

from flask import Flask

from blueprints.cases import page, photos


def register(app: Flask) -> None:
    """Install the routes."""
    for place in (photos, page):
        app.register_blueprint(place.blueprint)
