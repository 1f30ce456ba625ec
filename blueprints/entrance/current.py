"""Who asks, and which system answers, for the request being served."""

from __future__ import annotations

from typing import cast

from flask import current_app, request
from flask_login import current_user

from dermavis.domain.errors import NotFound
from dermavis.services.sessions import FoundSession
from dermavis.services.work import Actor, System


def system() -> System:
    """Return the system that this application serves."""
    return cast(System, current_app.extensions["dermavis"])


def found_session() -> FoundSession | None:
    """Return the session of this request, whatever its stage."""
    return cast("FoundSession | None", getattr(current_user, "found", None))


def actor() -> Actor:
    """Return who acts. Raises NotFound for somebody who holds no role anywhere today."""
    found = found_session()
    if found is None or found.actor is None:
        raise NotFound
    return found.actor


def wants_partial() -> bool:
    """Whether htmx asks for a part of a page rather than the page (a restored history entry wants the page)."""
    return (
        request.headers.get("HX-Request") == "true"
        and request.headers.get("HX-History-Restore-Request") != "true"
    )


def wants_json() -> bool:
    """Whether a program of ours asks: every path under /api/, and whoever sends JSON."""
    return request.path.startswith("/api/") or request.is_json
