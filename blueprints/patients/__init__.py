"""The site's patients: records that may be one person, compared, joined by two people, and taken apart again."""

from __future__ import annotations

from flask import Flask

from blueprints.patients import duplicates


def register(app: Flask) -> None:
    """Install the pages."""
    app.register_blueprint(duplicates.blueprint)
