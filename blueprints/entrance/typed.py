"""What a person had typed when their session turned out to be over: kept sealed, and offered to them again.

Only whole forms of pages are kept: our programs and htmx keep their own text. Nothing of the account's own pages is
kept, nor any field that holds a secret.
"""

from __future__ import annotations

from uuid import UUID

from flask import Flask, after_this_request, request, session
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from blueprints.entrance.current import found_session, system
from dermavis.services import held_forms

AUTHOR = "person"
"""Where the browser's form cookie says whose pages it shows, or showed last."""

SECRET_NAMES = ("csrf_token", "password", "code", "secret")
MOST_FIELDS = 500


def register(app: Flask) -> None:
    """Forget a kept form once it has been sent again."""
    app.after_request(forget_once_sent)


def cookie_name() -> str:
    """Return the name of the cookie that gives a kept form back."""
    return "__Host-dermavis-held" if system().settings.https else "dermavis-held"


def keep_typed() -> None:
    """Keep the posted form for whoever its page was shown to; unknown authors keep nothing."""
    author = _author()
    if author is None or request.method != "POST" or "account" in request.blueprints:
        return
    if request.headers.get("HX-Request") == "true":
        return
    try:
        fields = [(name, value) for name, value in request.form.items(multi=True) if _may_be_kept(name)]
    except HTTPException:
        return
    if not any(value.strip() for _, value in fields):
        return
    token = held_forms.keep(system(), author, request.path, fields[:MOST_FIELDS])

    @after_this_request
    def give_token(response: Response) -> Response:
        response.set_cookie(
            cookie_name(),
            token,
            max_age=int(held_forms.VALID_FOR.total_seconds()),
            secure=system().settings.https,
            httponly=True,
            samesite="Lax",
            path="/",
        )
        return response


def kept_form(person_id: UUID) -> held_forms.KeptForm | None:
    """Return what this browser's person had typed."""
    token = held_token()
    return held_forms.find(system(), person_id, token) if token else None


def held_token() -> str:
    """Return the token of the kept form, or nothing."""
    token = request.cookies.get(cookie_name(), "")
    return token if len(token) <= 100 else ""


def forget_once_sent(response: Response) -> Response:
    """Forget the kept form when the same address has just taken it."""
    token = held_token() if request.method == "POST" and response.status_code < 400 else ""
    found = found_session() if token else None
    if found is not None and found.actor is not None and held_forms.discard(system(), token, request.path):
        forget_cookie(response)
    return response


def forget_cookie(response: Response) -> None:
    """Take the kept form's token from the browser."""
    response.delete_cookie(
        cookie_name(), path="/", secure=system().settings.https, httponly=True, samesite="Lax"
    )


def _author() -> UUID | None:
    found = found_session()
    if found is not None:
        return found.person_id
    try:
        return UUID(session.get(AUTHOR, ""))
    except ValueError:
        return None


def _may_be_kept(name: str) -> bool:
    return not any(secret in name.casefold() for secret in SECRET_NAMES)
