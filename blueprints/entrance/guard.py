"""Requests that change something must come from our own pages.

Forms carry a token as well (flask-wtf); the JSON API and uploads, whose pages may be open for days, rely on this check:
browsers tell where a request comes from by Sec-Fetch-Site and Origin, and cookies are SameSite.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, request
from flask_wtf.csrf import CSRFProtect

from blueprints.entrance.current import system
from dermavis.domain.errors import Forbidden

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

csrf = CSRFProtect()


def register(app: Flask) -> None:
    """Check the origin of every unsafe request."""
    app.before_request(refuse_foreign_origins)


def register_tokens(app: Flask) -> None:
    """Check the token of every form. It stands behind the sign-in, so that a form sent without a session is kept."""
    csrf.init_app(app)


def refuse_foreign_origins() -> None:
    """Raise Forbidden for an unsafe request that another site made this browser send."""
    if request.method in SAFE:
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site not in {"same-origin", "none"}:
            raise Forbidden("Cette demande ne vient pas de DermAvis.", "foreign_origin")
        return
    origin = request.headers.get("Origin")
    if origin is not None and origin not in {system().settings.origin, _own_origin()}:
        raise Forbidden("Cette demande ne vient pas de DermAvis.", "foreign_origin")


def _own_origin() -> str:
    parts = urlsplit(request.host_url)
    return f"{parts.scheme}://{parts.netloc}"
