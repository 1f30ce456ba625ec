"""Before something grave a signed-in person gives the password again; it holds for ten minutes."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import session

from blueprints.entrance.current import found_session, system

PROVED = "proved"
HOLDS_FOR = timedelta(minutes=10)


def note_proof() -> None:
    """Remember that the password was given in this session just now."""
    found = found_session()
    if found is not None:
        session[PROVED] = [str(found.id), system().clock.now().isoformat()]


def is_proved() -> bool:
    """Tell whether the password was given in this session within the last ten minutes."""
    found = found_session()
    kept = session.get(PROVED)
    if found is None or not isinstance(kept, list) or kept[0] != str(found.id):
        return False
    return system().clock.now() - datetime.fromisoformat(kept[1]) < HOLDS_FOR
