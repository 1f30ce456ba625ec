"""The case page that every role shares: one address, and each part its own page of it (see ``parts``)."""

from uuid import uuid4

from flask import Flask

from blueprints.cases import (
    anew,
    cancelled,
    completion,
    ending,
    error,
    expert,
    identity,
    kept,
    messages,
    new_photos,
    opinion,
    page,
    photos,
    referral,
    report,
    requester,
    revisions,
    second_opinion,
    steps,
    treating,
)
from blueprints.pwa.shell import keep_page_offline

PARTS = (cancelled, expert, messages, requester, treating)
"""Modules whose views answer at the case's own address, for the part they are marked with."""


def register(app: Flask) -> None:
    """Install the routes, and the ids that forms give to what they write."""
    keep_page_offline(app, kept.PLACES, kept.WITHOUT_NETWORK, kept.TABLE)
    app.jinja_env.globals["new_id"] = lambda: str(uuid4())
    for place in (
        photos,
        page,
        steps,
        opinion,
        requester,
        completion,
        ending,
        error,
        anew,
        identity,
        second_opinion,
        referral,
        new_photos,
        report,
        revisions,
        treating,
        kept,
    ):
        app.register_blueprint(place.blueprint)
