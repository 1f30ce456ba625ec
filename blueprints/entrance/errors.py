"""How a refusal is shown: JSON to our programs, a whole page to a person; never a stack, never English."""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask, Response, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from blueprints.entrance.current import system, wants_json
from blueprints.entrance.tracing import reference
from dermavis.domain.errors import Conflict, InvalidInput, Refusal, TooMany
from dermavis.domain.overload import Overloaded
from dermavis.services.breakdowns import note_breakdown
from dermavis.services.failures import is_passing, trace_of

log = logging.getLogger("dermavis.web")

PASSING_S = 5
"""Seconds after which a database that was too busy may be asked again."""

PAGES = {400, 403, 404, 410, 413, 429, 500, 503}
WORDS = {
    400: "Cette demande n’a pas pu être comprise.",
    403: "Vous n’avez pas le droit de faire cela.",
    404: "Cette page n’existe pas, ou ne vous est pas ouverte.",
    405: "Cette adresse ne reçoit pas ce genre de demande.",
    413: "C’est trop volumineux pour être reçu.",
    429: "Trop d’essais. Patientez un peu.",
    500: "Une panne de notre côté. Ce que vous aviez déjà enregistré est gardé.",
    503: "Le service est très demandé. Réessayez dans un instant.",
}


def register(app: Flask) -> None:
    """Install the handlers."""
    app.register_error_handler(Refusal, show_refusal)
    app.register_error_handler(CSRFError, show_csrf_error)
    app.register_error_handler(HTTPException, show_http_error)
    app.register_error_handler(Exception, show_breakdown)


def show_refusal(refusal: Refusal) -> Response:
    """Show a refusal of a use case."""
    payload: dict[str, Any] = {"code": refusal.code, "message": refusal.message}
    if isinstance(refusal, InvalidInput):
        payload["fields"] = refusal.errors
    if isinstance(refusal, Conflict):
        payload |= {"holder": refusal.holder, "when": refusal.when}
    response = _answer(refusal.status, payload)
    if isinstance(refusal, TooMany | Overloaded):
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


def show_csrf_error(_error: CSRFError) -> Response:
    """Show that the page was too old; nothing was changed."""
    return _answer(
        400, {"code": "stale_page", "message": "Cette page avait trop attendu. Rechargez-la et recommencez."}
    )


def show_http_error(error: HTTPException) -> Response:
    """Show what Flask itself refuses; redirects pass."""
    status = error.code or 500
    if error.response is not None or status < 400:
        return make_response(error.get_response())
    response = _answer(status, {"code": f"http_{status}", "message": WORDS.get(status, WORDS[400])})
    for name, value in error.get_headers():
        if name.lower() in {"allow", "retry-after"}:
            response.headers[name] = value
    return response


def show_breakdown(error: Exception) -> Response:
    """Show a breakdown without saying more than that; the log keeps where it happened, not the values in hand.

    A database that was only too busy is no breakdown of ours: the same request may be sent again.
    """
    log.error("breakdown: %s", trace_of(error))
    status = 503 if is_passing(error) else 500
    note_breakdown(
        system(),
        error,
        reference=reference(),
        route=request.endpoint or "none",
        method=request.method,
        status=status,
        case_id=(request.view_args or {}).get("case_id"),
    )
    response = _answer(status, {"code": "busy" if status == 503 else "breakdown", "message": WORDS[status]})
    if status == 503:
        response.headers["Retry-After"] = str(PASSING_S)
    return response


def _answer(status: int, payload: dict[str, Any]) -> Response:
    if status >= 500:
        payload = payload | {"reference": reference()}
    if wants_json():
        response = jsonify(payload)
    else:
        page = status if status in PAGES else (404 if status == 405 else 400)
        response = make_response(
            render_template(
                f"pages/errors/{page}.html",
                message=payload["message"],
                refusal=payload,
                reference=payload.get("reference", ""),
            )
        )
    response.status_code = status
    return response
