"""The requester's place: the guided request and its interface."""

from __future__ import annotations

from flask import Flask

from blueprints.entrance.guard import csrf
from blueprints.pwa.shell import keep_file_offline, keep_page_offline
from blueprints.requests import api, doctors, home, my_requests, received, specialties, uploads, wizard


def register(app: Flask) -> None:
    """Install the pages and the interface; the interface is guarded by origin, not by form tokens."""
    csrf.exempt(api.blueprint)
    csrf.exempt(doctors.blueprint)
    keep_page_offline(app, wizard.PLACES, wizard.WITHOUT_NETWORK)
    keep_file_offline(app, lambda: specialties.address_of(specialties.SPECIALTY))
    for place in (home, my_requests, received, wizard, api, doctors, specialties):
        app.register_blueprint(place.blueprint)
    uploads.register(app)
