"""Every request is counted by the name of its route and how it ended, and its time measured; never by its address.

One process serves the pages, so the figures of its own memory are complete: several machines are asked one by one.
"""

from __future__ import annotations

import time
from typing import cast

from flask import Flask, Response, current_app, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram

EXTENSION = "dermavis-meters"
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
NO_ROUTE = "none"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Meters:
    """The counters of one application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "dermavis_requests",
            "Requests by route, method and class of status",
            ("route", "method", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "dermavis_request_seconds",
            "Time from the first line of the program to the finished answer, by route",
            ("route",),
            buckets=SECONDS,
            registry=self.registry,
        )


def register(app: Flask) -> None:
    """Measure every request."""
    app.extensions[EXTENSION] = Meters()
    # The last of all: what the other places do to an answer counts as well.
    app.after_request_funcs.setdefault(None, []).insert(0, _count)


def meters() -> Meters:
    """Return the meters of the application that serves this request."""
    return cast(Meters, current_app.extensions[EXTENSION])


def _count(response: Response) -> Response:
    found = meters()
    route = request.endpoint or NO_ROUTE
    method = request.method if request.method in METHODS else "other"
    found.requests.labels(route, method, f"{response.status_code // 100}xx").inc()
    if "began" in g:
        found.seconds.labels(route).observe(time.perf_counter() - g.began)
    return response
