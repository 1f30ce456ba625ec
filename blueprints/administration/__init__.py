"""The administrator's place: people, organisations with their teams and charters, and the reading of the audit."""

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
    roles,
    teams,
)


def register(app: Flask) -> None:
    """Install the pages."""
    for place in (doors, people, roles, closing, factor_resets, organizations, teams, charters, audit):
        app.register_blueprint(place.blueprint)
