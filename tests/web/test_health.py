"""``/healthz``: open to everybody, and silent about everybody."""

from __future__ import annotations

import dataclasses

from flask.testing import FlaskClient
from sqlalchemy import create_engine

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


def test_a_process_lives_and_serves_while_only_the_worker_is_away(
    client: FlaskClient, system: System
) -> None:
    assert client.get("/healthz").status_code == 503
    assert (client.get("/livez").status_code, client.get("/readyz").status_code) == (200, 200)
    nowhere = create_engine("sqlite:////nonexistent/dermavis.sqlite3")
    client.application.extensions["dermavis"] = dataclasses.replace(system, engine=nowhere)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["wrong"]) == (503, ["database"])
    assert client.get("/livez").status_code == 200
