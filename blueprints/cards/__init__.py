"""The reference card: its page, its sheets, and what was measured on them."""

from __future__ import annotations

from flask import Flask

from blueprints.cards import prints


def register(app: Flask) -> None:
    """Install the pages."""
    app.register_blueprint(prints.blueprint)
