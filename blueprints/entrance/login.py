"""Flask-Login over our own session rows: the cookie carries a random token, the row everything else."""

from __future__ import annotations

from flask import Flask, Response, request
from flask_login import LoginManager, UserMixin

from blueprints.entrance.current import system
from dermavis.services.sessions import FoundSession, find_session

PUBLIC = "public_view"


class SignedIn(UserMixin):  # type: ignore[misc]
    """The user of a request: a found session. Authenticated only when complete and not locked."""

    def __init__(self, found: FoundSession) -> None:
        self.found = found

    def get_id(self) -> str:
        """Return the person's id."""
        return str(self.found.person_id)

    @property
    def is_authenticated(self) -> bool:
        """Whether the password and the second factor were given, and no idle hour has passed."""
        return self.found.stage == "full" and not self.found.locked


def register(app: Flask) -> None:
    """Install the login manager."""
    manager = LoginManager(app)
    manager.session_protection = None
    manager.request_loader(_load)


def cookie_name() -> str:
    """Return the session cookie's name; over HTTPS the browser itself guards its prefix."""
    return "__Host-dermavis" if system().settings.https else "dermavis"


def set_session_cookie(response: Response, token: str) -> None:
    """Give the browser its session."""
    response.set_cookie(
        cookie_name(),
        token,
        max_age=30 * 24 * 3600,
        secure=system().settings.https,
        httponly=True,
        samesite="Lax",
        path="/",
    )


def clear_session_cookie(response: Response) -> None:
    """Take the session from the browser."""
    response.delete_cookie(
        cookie_name(), path="/", secure=system().settings.https, httponly=True, samesite="Lax"
    )


def _load(_request: object) -> SignedIn | None:
    token = request.cookies.get(cookie_name(), "")
    if not token or len(token) > 100:
        return None
    found = find_session(system(), token)
    return None if found is None else SignedIn(found)
