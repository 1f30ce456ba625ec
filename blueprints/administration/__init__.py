"""The administrator's place: people, organisations with their teams and charters,
how long records are kept, and the reading of the audit."""

from __future__ import annotations

from flask import Flask

from blueprints.administration import (
    audit,
    charters,
    closing,
    doors,
    factor_resets,
    organizations,
    people,
    retention,
    roles,
    teams,
)


def register(app: Flask) -> None:
    """Install the pages."""
    for place in (
        doors,
        people,
        roles,
        closing,
        factor_resets,
        organizations,
        teams,
        charters,
        retention,
        audit,
    ):
        app.register_blueprint(place.blueprint)
