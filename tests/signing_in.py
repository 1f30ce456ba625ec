"""How a test signs somebody in: a real session row, and its cookie in the client."""

from __future__ import annotations

from uuid import UUID

from flask.testing import FlaskClient

from dermavis.services.sessions import open_session
from dermavis.services.work import System, writing


def sign_in(
    client: FlaskClient,
    system: System,
    person_id: UUID,
    organization_id: UUID | None = None,
    *,
    stage: str = "full",
    device_id: UUID | None = None,
) -> str:
    """Give the client a session of that person and return its token."""
    with writing(system) as work:
        token = open_session(
            work, person_id, stage=stage, device_id=device_id, organization_id=organization_id, label="Test"
        )
    carry(client, system, token)
    return token


def carry(client: FlaskClient, system: System, token: str) -> None:
    """Put a session's token into the client's cookies."""
    name = "__Host-dermavis" if system.settings.https else "dermavis"
    client.set_cookie(name, token, secure=system.settings.https, httponly=True, samesite="Lax")
