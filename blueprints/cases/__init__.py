"""The case page that every role shares."""

from flask import Flask

from blueprints.cases import photos


def register(app: Flask) -> None:
    """Install the routes."""
    app.register_blueprint(photos.blueprint)
