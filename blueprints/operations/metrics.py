"""``GET /metrics`` in Prometheus' text form, for a watcher that knows the token, or on this machine itself."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from ipaddress import ip_address

from flask import Blueprint, Response, abort, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import CollectorRegistry, GaugeMetricFamily

from blueprints.entrance.current import system
from blueprints.entrance.login import public
from blueprints.operations.meters import meters
from dermavis.domain.service_state import COMPLAINTS
from dermavis.services.health import complaints
from dermavis.services.operation_figures import Figures, read_figures
from dermavis.services.work import reading

blueprint = Blueprint("metrics", __name__)

FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")
"""What a proxy writes: behind one, everybody seems to come from this machine."""


@blueprint.get("/metrics")
@public
def metrics() -> Response:
    """Give every figure. 404 for whoever may not ask, as for an address that leads nowhere."""
    if not _may_ask():
        abort(404)
    registry = CollectorRegistry()
    registry.register(ServiceFigures())
    body = generate_latest(meters().registry) + generate_latest(registry)
    return Response(body, content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def _may_ask() -> bool:
    token = system().settings.metrics_token
    if token:
        way, _, told = request.headers.get("Authorization", "").partition(" ")
        return way.lower() == "bearer" and hmac.compare_digest(told.strip().encode(), token.encode())
    return _comes_from_this_machine()


def _comes_from_this_machine() -> bool:
    """Whether the line itself begins here, and nothing says that it was handed on."""
    before_proxies = request.environ.get("werkzeug.proxy_fix.orig", request.environ)
    peer = str(before_proxies.get("REMOTE_ADDR") or "")
    try:
        here = ip_address(peer).is_loopback
    except ValueError:
        return False
    return here and not any(name in request.headers for name in FORWARDED)


class ServiceFigures:
    """The figures of the whole service: the same whichever web process is asked."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield them; of a database that is away only that it is."""
        wrong = set(complaints(system()))
        truths = {code: float(code in wrong) for code in COMPLAINTS}
        yield _family("dermavis_wrong", "1 for each code of /healthz that is true now", "code", truths)
        if "database" in wrong:
            return
        with reading(system()) as work:
            figures = read_figures(work)
        yield from _of(figures)


def _of(figures: Figures) -> Iterator[GaugeMetricFamily]:
    due = {queue.kind: float(queue.due) for queue in figures.queues}
    oldest = {queue.kind: queue.oldest_s for queue in figures.queues}
    yield _family("dermavis_queue_due", "Rows that are due and not done", "kind", due)
    yield _family("dermavis_queue_oldest_seconds", "Age of the oldest row that is due", "kind", oldest)
    yield _one("dermavis_oldest_due_seconds", "Age of the oldest row of all", figures.oldest_due_s)
    failed = GaugeMetricFamily(
        "dermavis_notices_failed", "Notices given up within a day", labels=("channel", "outcome")
    )
    for (channel, outcome), count in sorted(figures.failed.items()):
        failed.add_metric((channel, outcome), count)
    yield failed
    yield _one("dermavis_timers_dead", "Timers given up within a day", figures.dead_timers)
    yield _one("dermavis_unread_red", "Emergencies answered and not acknowledged", figures.unread_red)
    yield _one("dermavis_pictures_waiting", "Received files not yet made ready", figures.pictures_waiting)
    yield _one("dermavis_sealing_lag_seconds", "Age of the oldest row without a seal", figures.sealing_lag_s)
    yield _one("dermavis_database_bytes", "Size of the database", figures.database_bytes)
    if figures.backup_age_s is not None:
        yield _one("dermavis_backup_age_seconds", "Age of the last complete backup", figures.backup_age_s)
    yield _family(
        "dermavis_lane_silent_seconds", "Since a lane of the worker was alive", "lane", figures.lanes
    )


def _family(name: str, meaning: str, label: str, values: dict[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, meaning, labels=(label,))
    for key, value in sorted(values.items()):
        family.add_metric((key,), value)
    return family


def _one(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, meaning, value=value)
