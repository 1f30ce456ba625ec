"""``/metrics``: for a watcher that knows the token or stands on this machine, and silent about everybody."""

from __future__ import annotations

import dataclasses
from typing import Any

from flask.testing import FlaskClient

from dermavis.domain.roles import Role
from dermavis.services.work import System
from tests import cases
from tests.factories import World
from tests.signing_in import sign_in

TOKEN = "un-jeton-tire-au-hasard"


def ask(client: FlaskClient, **headers: str) -> Any:
    return client.get("/metrics", headers={name.replace("_", "-"): value for name, value in headers.items()})


def test_without_a_token_only_this_machine_itself_is_answered(client: FlaskClient, world: World) -> None:
    assert ask(client).status_code == 200
    assert client.get("/metrics", environ_overrides={"REMOTE_ADDR": "::1"}).status_code == 200
    assert client.get("/metrics", environ_overrides={"REMOTE_ADDR": "192.0.2.7"}).status_code == 404
    for header in ("X_Forwarded_For", "Forwarded", "X_Real_IP", "Via"):
        assert ask(client, **{header: "192.0.2.7"}).status_code == 404, header


def test_with_a_token_only_who_knows_it_is_answered(
    client: FlaskClient, system: System, world: World
) -> None:
    settings = dataclasses.replace(system.settings, metrics_token=TOKEN)
    client.application.extensions["dermavis"] = dataclasses.replace(system, settings=settings)
    assert ask(client).status_code == 404
    assert ask(client, Authorization="Bearer un-autre-jeton").status_code == 404
    assert ask(client, Authorization=f"Basic {TOKEN}").status_code == 404
    assert ask(client, Authorization=f"Bearer {TOKEN}", X_Forwarded_For="192.0.2.7").status_code == 200


def test_requests_are_counted_by_route_and_end_and_nobody_is_named(client: FlaskClient, world: World) -> None:
    requester = world.who(Role.REQUESTER)
    case_id = cases.answered(world)
    sign_in(client, requester)
    assert client.get(f"/cases/{case_id}").status_code == 200
    client.get(f"/leads-nowhere/{requester.email}")
    told = ask(client).text
    assert 'dermavis_requests_total{method="GET",route="case_page.show",status="2xx"}' in told
    assert 'dermavis_requests_total{method="GET",route="none",status="4xx"}' in told
    assert 'dermavis_request_seconds_count{route="case_page.show"}' in told
    assert 'dermavis_wrong{code="worker_silent"} 1.0' in told
    assert "dermavis_queue_due{" in told
    for word in (
        str(case_id),
        str(requester.person_id),
        requester.email,
        cases.number_of(world.system, case_id),
    ):
        assert word not in told


def test_a_database_that_is_away_is_told_by_one_figure(client: FlaskClient, system: System) -> None:
    from sqlalchemy import create_engine

    nowhere = dataclasses.replace(system, engine=create_engine("sqlite:////nonexistent/dermavis.sqlite3"))
    client.application.extensions["dermavis"] = nowhere
    told = ask(client).text
    assert 'dermavis_wrong{code="database"} 1.0' in told
    assert "dermavis_queue_due" not in told
