"""What patients ask about their data: the register, one demand, its registration, and the record handed over."""

from __future__ import annotations

from flask import Flask

from blueprints.rights import demand, handing_over, register_pages, registration


def register(app: Flask) -> None:
    """Install the pages."""
    for place in (register_pages, registration, demand, handing_over):
        app.register_blueprint(place.blueprint)
