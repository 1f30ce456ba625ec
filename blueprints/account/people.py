"""Whom a page is shown to."""

from __future__ import annotations

from typing import Any

from flask_login import current_user

from blueprints.entrance.current import found_session


def add_person() -> dict[str, Any]:
    """Give every template ``person_id``, ``person_name`` and ``person_href`` once somebody is completely signed in."""
    found = found_session() if current_user else None
    if found is None or found.actor is None or not current_user.is_authenticated:
        return {}
    return {
        "person_id": str(found.person_id),
        "person_name": found.actor.name,
        "person_href": "/account",
    }
