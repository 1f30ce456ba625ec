"""The case page that every role shares: one address, and each part its own page of it (see ``parts``)."""

from flask import Flask

from blueprints.cases import (
    cancelled,
    completion,
    ending,
    expert,
    messages,
    new_photos,
    opinion,
    page,
    photos,
    report,
    requester,
    second_opinion,
    steps,
)

PARTS = (cancelled, expert, messages, requester)
"""Modules whose views answer at the case's own address, for the part they are marked with."""


def register(app: Flask) -> None:
    """Install the routes."""
    for place in (
        photos,
        page,
        steps,
        opinion,
        requester,
        completion,
        ending,
        second_opinion,
        new_photos,
        report,
    ):
        app.register_blueprint(place.blueprint)
