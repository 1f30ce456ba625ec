"""How a test signs somebody in: a real session row, and its cookie in the client or the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask.testing import FlaskClient

from dermavis.services.sessions import open_session
from dermavis.services.work import System, writing

if TYPE_CHECKING:
    from tests.factories import Who


def sign_in(client: FlaskClient, who: Who, *, stage: str = "full", device_id: UUID | None = None) -> str:
    """Give the client a session of that person, acting for that organisation, and return its token."""
    system: System = client.application.extensions["dermavis"]
    token = new_session(system, who, stage=stage, device_id=device_id)
    client.set_cookie(cookie_name(system), token, secure=system.settings.https, httponly=True, samesite="Lax")
    return token


def sign_in_page(page: Any, system: System, who: Who, *, device_id: UUID | None = None) -> str:
    """Give a browser's page a session without typing; ``system`` is the one that its server runs on."""
    token = new_session(system, who, device_id=device_id)
    page.context.add_cookies(
        [{"name": cookie_name(system), "value": token, "url": system.settings.origin, "httpOnly": True}]
    )
    return token


def new_session(system: System, who: Who, *, stage: str = "full", device_id: UUID | None = None) -> str:
    """Open a session row and return its token."""
    with writing(system) as work:
        return open_session(
            work,
            who.person_id,
            stage=stage,
            device_id=device_id,
            organization_id=who.organization_id if who.role else None,
            label="Essai",
        )


def cookie_name(system: System) -> str:
    """Return the name of the session's cookie."""
    return "__Host-dermavis" if system.settings.https else "dermavis"
