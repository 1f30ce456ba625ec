"""Signing in and out, invitations, second factors, and everybody's own account."""

from __future__ import annotations

from flask import Flask

from blueprints.account import enrolment, held, links, profile, session_api, sign_in
from blueprints.account.people import add_person
from blueprints.entrance.guard import csrf

for pages in (enrolment, held, links, profile):
    sign_in.blueprint.register_blueprint(pages.blueprint)


def register(app: Flask) -> None:
    """Install the pages, and tell every page whom it is shown to."""
    app.register_blueprint(sign_in.blueprint)
    csrf.exempt(session_api.blueprint)
    app.register_blueprint(session_api.blueprint)
    app.context_processor(add_person)
