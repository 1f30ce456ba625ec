"""The photo course: its pages, the pairs at its end, the picture that is tried."""

from __future__ import annotations

from flask import Flask

from blueprints.course import pages


def register(app: Flask) -> None:
    """Install the pages."""
    app.register_blueprint(pages.blueprint)
