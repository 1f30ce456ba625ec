"""``/healthz``: open to everybody, and silent about everybody."""

from __future__ import annotations

from flask.testing import FlaskClient

from dermavis.models import Heartbeat
from dermavis.services.work import System, writing


def test_a_watcher_hears_whether_all_is_well(client: FlaskClient, system: System) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json) == (503, {"status": "wrong", "wrong": ["worker_silent"]})
    with writing(system) as work:
        work.session.add(Heartbeat(name="worker.push", at=work.now))
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok", "wrong": []})
    assert answer.headers["Cache-Control"] == "no-store"
