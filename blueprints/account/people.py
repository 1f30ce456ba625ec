"""Whom a page is shown to."""

from __future__ import annotations

from typing import Any

from flask_login import current_user

from blueprints.entrance.current import actor, found_session, system
from dermavis.services.notices import unread_count
from dermavis.services.work import reading


def add_person() -> dict[str, Any]:
    """Give every template ``person_id``, ``person_name`` and ``person_href`` once somebody is completely signed in.

    ``unread_notifications()`` counts what they have not read yet, for the pages that show it.
    """
    found = found_session() if current_user else None
    if found is None or found.actor is None or not current_user.is_authenticated:
        return {}
    return {
        "person_id": str(found.person_id),
        "person_name": found.actor.name,
        "person_href": "/account",
        "unread_notifications": _unread,
    }


def _unread() -> int:
    with reading(system(), actor()) as work:
        return unread_count(work)
