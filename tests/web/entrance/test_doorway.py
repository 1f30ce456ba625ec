"""Whoever is not completely signed in goes no further than public views, and comes back to what they asked for."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from blueprints.entrance import doorway
from blueprints.entrance.login import PUBLIC
from dermavis.domain.roles import Role
from tests.clock import FakeClock
from tests.entering import code_now
from tests.factories import PASSWORD, World

PUBLIC_VIEWS = frozenset(
    {
        # The door
        "account.sign_in_page",
        "account.give_password",
        "account.code_page",
        "account.give_code",
        "account.send_code_again",
        "account.recovery_page",
        "account.give_recovery_code",
        "account.resume_page",
        "account.resume",
        "account.leave",
        "session_api.unlock",
        "session_api.device_orders",
        "session_api.device_has_destroyed",
        # Behind a link sent by e-mail; each looks for the session that the link opened
        "account.links.invitation_page",
        "account.links.accept_invitation",
        "account.links.forgotten_page",
        "account.links.forgotten",
        "account.links.forgotten_sent",
        "account.links.reset_page",
        "account.links.reset",
        "account.links.lost_factor_page",
        "account.links.lost_factor",
        "account.enrolment.choose_page",
        "account.enrolment.choose",
        "account.enrolment.authenticator_page",
        "account.enrolment.authenticator",
        "account.enrolment.email_page",
        "account.enrolment.email",
        "account.enrolment.email_again",
        # What an installed application and whoever watches the service need
        "static",
        "pwa.manifest",
        "pwa.service_worker",
        "pwa.offline",
        "specialties.read_specialty",
        "kept_cases.without_network",
        "wizard.without_network",
        "health.alive",
        "health.health",
        "health.ready",
        "metrics.metrics",
        "uploads.tell_abilities",
        # Words for everybody, and the demonstration's letters
        "information.patient_information",
        "demonstration.mailbox",
        "demonstration.letter",
    }
)
"""Every view that a stranger may open: a new one is thought about here first."""


def test_no_view_is_public_that_is_not_named_here(app: Flask) -> None:
    public = {endpoint for endpoint, view in app.view_functions.items() if getattr(view, PUBLIC, False)}

    assert "account.sign_in_page" in public
    assert public - PUBLIC_VIEWS == set()


def test_a_stranger_is_sent_to_sign_in_and_back(client: FlaskClient, echo: object) -> None:
    answer = client.get("/cases/echo/messages?page=2")

    assert answer.status_code == 303
    assert answer.location == "/sign-in?next=%2Fcases%2Fecho%2Fmessages%3Fpage%3D2"


@pytest.mark.usefixtures("world")
def test_the_page_asked_for_follows_the_sign_in(
    client: FlaskClient, echo: object, world: World, clock: FakeClock
) -> None:
    client.get("/sign-in?next=/cases/echo/messages?page=2")
    email = world.who(Role.REQUESTER).email
    half = client.post("/sign-in", data={"email": email, "password": PASSWORD})
    assert half.location == "/sign-in/code"

    whole = client.post("/sign-in/code", data={"code": code_now(clock)})

    assert whole.location == "/cases/echo/messages?page=2"
    assert client.get(whole.location).text == "taken"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "http:evil.example",
        "evil.example",
        "/sign-out",
        "",
    ],
)
def test_no_next_leads_outside(client: FlaskClient, world: World, clock: FakeClock, target: str) -> None:
    client.get("/sign-in", query_string={"next": target})
    client.post("/sign-in", data={"email": world.who(Role.REQUESTER).email, "password": PASSWORD})

    assert client.post("/sign-in/code", data={"code": code_now(clock)}).location == "/"


def test_the_same_rule_holds_for_a_path_of_ours() -> None:
    assert doorway.safe_next("/cases/1?tab=2#x") == "/cases/1?tab=2#x"
    assert doorway.safe_next("//evil.example", "/else") == "/else"


def test_a_program_is_told_in_json(client: FlaskClient, echo: object) -> None:
    answer = client.post("/api/v1/echo", json={})

    assert answer.status_code == 401
    assert answer.json is not None
    assert answer.json["code"] == "signed_out"


def test_htmx_is_sent_to_the_whole_page(client: FlaskClient, echo: object) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/cases/echo/messages"}
    answer = client.post("/cases/echo/messages", data={"text": "Lésion"}, headers=headers)

    assert answer.status_code == 200
    assert answer.headers["HX-Redirect"] == "/sign-in?next=%2Fcases%2Fecho%2Fmessages"


def test_htmx_on_a_foreign_page_leads_home(client: FlaskClient, echo: object) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "https://evil.example/cases/echo/messages"}

    assert client.post("/cases/echo/messages", headers=headers).headers["HX-Redirect"] == "/sign-in"


def test_without_a_session_the_guided_request_is_sent_to_sign_in(client: FlaskClient) -> None:
    answer = client.post("/api/v1/session", json={"password": "x"})

    assert answer.status_code == 401
    assert answer.json is not None
    assert answer.json["sign_in"] is True


def test_the_way_to_sign_in_carries_only_a_path(client: FlaskClient, echo: object) -> None:
    answer = client.get("/cases/echo/messages", base_url="http://evil.example")

    query = parse_qs(urlsplit(answer.location or "").query)
    assert urlsplit(answer.location or "").netloc == ""
    assert query["next"] == ["/cases/echo/messages"]
