"""Flask-Login over our own session rows: the cookie carries a random token, the row everything else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, request
from flask_login import LoginManager, UserMixin
from werkzeug.wrappers import Response

from blueprints.entrance.current import system
from dermavis.services.sessions import LIFETIME, FoundSession, find_session

PUBLIC = "public_view"

View = TypeVar("View", bound=Callable[..., Any])


def public(view: View) -> View:
    """Mark a view that a stranger may open. Every other view asks for a complete sign-in (see ``doorway``)."""
    setattr(view, PUBLIC, True)
    return view


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


def session_token() -> str:
    """Return the token that the browser sent, or nothing."""
    token = request.cookies.get(cookie_name(), "")
    return token if len(token) <= 100 else ""


def set_session_cookie(response: Response, token: str) -> None:
    """Give the browser its session."""
    response.set_cookie(
        cookie_name(),
        token,
        max_age=int(LIFETIME.total_seconds()),
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


def asked_by_itself() -> bool:
    """Whether a page asks on its own: a list that renews itself, a picture being followed, an image on the page.

    Images count because a list that renewed itself fetches the thumbnails of its new rows.
    """
    return request.headers.get("X-Background") == "1" or request.headers.get("Sec-Fetch-Dest") == "image"


def _load(_request: object) -> SignedIn | None:
    token = session_token()
    found = find_session(system(), token, by_itself=asked_by_itself()) if token else None
    return None if found is None else SignedIn(found)
