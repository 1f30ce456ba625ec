"""Pages and JSON compressed on their way out; static files come compressed already.

A page that mixes a secret with words of the request can leak it through its compressed length (BREACH) only to a site
that makes this browser ask with its cookies: SameSite cookies and the refusal of foreign origins close that way.
"""

from __future__ import annotations

import gzip

from flask import Flask, Response, request

SMALLEST = 1000
"""Bytes under which compression costs more than it saves."""
LEVEL = 5
TYPES = frozenset(
    {"text/html", "text/plain", "application/json", "application/manifest+json", "text/javascript"}
)


def register(app: Flask) -> None:
    """Compress what is worth it."""
    app.after_request(compress)


def compress(response: Response) -> Response:
    """Return the answer with its body compressed when the browser takes gzip."""
    if response.mimetype not in TYPES or response.direct_passthrough or response.is_streamed:
        return response
    if "Content-Encoding" in response.headers or response.status_code in {204, 206, 304}:
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] <= 0:
        return response
    body = response.get_data()
    if len(body) < SMALLEST:
        return response
    response.set_data(gzip.compress(body, LEVEL, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    return response
