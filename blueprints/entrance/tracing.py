"""Each request has a reference: on its lines in the log, on its answer, and on the page that tells of a breakdown."""

from __future__ import annotations

import logging
import secrets
import time

from flask import Flask, Response, g, request

from dermavis.adapters.logs import begin_request

log = logging.getLogger("dermavis.requests")

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""None that is taken for another when it is read aloud."""

LENGTH = 8
HEADER = "X-Request-Id"
QUIET = frozenset({"static", "health.alive", "health.ready", "health.health", "metrics.metrics"})
"""Routes without a line of their own: they come every few seconds and tell nothing."""


def register(app: Flask) -> None:
    """Give every request its reference before anything else happens to it."""
    app.before_request(_begin)
    app.after_request(_end)


def reference() -> str:
    """Return the reference of this request, as it is read aloud: ``K7QF-29MD``."""
    return str(g.get("reference", ""))


def new_reference() -> str:
    """Return a fresh one: 39 bits, enough to be alone within the months that a log is kept."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    return f"{letters[:4]}-{letters[4:]}"


def _begin() -> None:
    g.reference = new_reference()
    g.began = time.perf_counter()
    begin_request(g.reference)


def _end(response: Response) -> Response:
    if "reference" not in g:
        return response
    if request.endpoint != "static":
        response.headers[HEADER] = g.reference
    if request.endpoint not in QUIET:
        # The name of the route, never the address: it may hold a number, and its query what was searched.
        told = {
            "route": request.endpoint or "none",
            "method": request.method if request.method.isalpha() and len(request.method) <= 7 else "other",
            "status": response.status_code,
            "ms": round(1000 * (time.perf_counter() - g.began)),
        }
        log.info("answered", extra=told)
    return response
