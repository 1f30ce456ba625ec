"""The coordinator's place: the board of the members' requests, one request beside it, what left, and the members."""

from __future__ import annotations

from flask import Flask

from blueprints.pooling import batch, board, completion, members, sent, steps


def register(app: Flask) -> None:
    """Install the pages."""
    for place in (board, batch, sent, members, completion, steps):
        app.register_blueprint(place.blueprint)
