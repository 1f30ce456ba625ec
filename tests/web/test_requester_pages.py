"""Who reaches the pages of a request: each role its place, each part its page, a stranger nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID, uuid4

import html5lib
import pytest
from flask.testing import FlaskClient

from dermavis.domain.roles import Role
from tests import cases
from tests.answered_cases import critical, declined, deliveries
from tests.factories import World
from tests.signing_in import sign_in

PLACES = {
    **dict.fromkeys(
        (Role.REQUESTER, Role.NURSE_REQUESTER, Role.SUBSTITUTE, Role.SITE_SECRETARY), "/requests"
    ),
    **dict.fromkeys((Role.EXPERT, Role.JUNIOR, Role.SUPER_USER), "/worklist"),
    Role.COORDINATOR: "/pooling",
    Role.ADMINISTRATOR: "/administration",
    Role.DATA_PROTECTION_OFFICER: "/administration/audit",
}
PAGES = (
    "/cases/{}",
    "/cases/{}/completion",
    "/cases/{}/cancellation",
    "/cases/{}/photos/new",
    "/cases/{}/redirection",
    "/cases/{}/report",
    "/cases/{}/report.pdf",
    "/cases/{}/report.txt",
)
ACTS = (
    "/cases/{}/messages",
    "/cases/{}/completion",
    "/cases/{}/cancellation",
    "/cases/{}/photos/new",
    "/cases/{}/redirection",
    "/cases/{}/acknowledgement",
    "/cases/{}/aftermath",
    "/cases/{}/appointment",
    "/cases/{}/closure",
    "/cases/{}/follow-up",
)

STATES: dict[str, Callable[[World], UUID]] = {
    "pooled": lambda world: cases.sent(world, "pooled_requester"),
    "submitted": cases.sent,
    "claimed": cases.claimed,
    "on_hold": cases.on_hold,
    "declined": declined,
    "answered": cases.answered,
    "critical": critical,
    "closed": cases.closed,
}


@pytest.mark.parametrize("role", list(Role))
def test_each_role_is_sent_to_its_place_and_who_has_none_is_told(
    client: FlaskClient, world: World, role: Role
) -> None:
    sign_in(client, world.who(role))
    answer = client.get("/")
    if role in PLACES:
        assert (answer.status_code, answer.headers["Location"]) == (303, PLACES[role])
    else:
        assert answer.status_code == 200
        assert "pas encore d’écran" in answer.text


def test_who_has_the_request_is_said_in_french(client: FlaskClient, world: World) -> None:
    sent, claimed = cases.sent(world), cases.claimed(world)
    sign_in(client, world.who(Role.REQUESTER))
    assert "Envoyée au CH de Chalon-sur-Saône" in client.get(f"/cases/{sent}").text
    page = client.get(f"/cases/{claimed}").text
    assert "Demande prise\u00a0: 10\u00a0h." in page
    assert "Depuis 10" not in page


def test_somebody_without_a_role_is_told_whom_to_ask(client: FlaskClient, world: World) -> None:
    sign_in(client, world.who("outsider"))
    answer = client.get("/")
    assert answer.status_code == 200
    assert "administrateur de votre structure" in answer.text


@pytest.mark.parametrize("state", STATES)
def test_the_page_of_a_case_is_valid_html_in_every_state(
    client: FlaskClient, world: World, state: str
) -> None:
    case_id = STATES[state](world)
    sign_in(client, world.who("pooled_requester" if state == "pooled" else Role.REQUESTER))
    answer = client.get(f"/cases/{case_id}")
    assert answer.status_code == 200
    parser = html5lib.HTMLParser(strict=False)
    parser.parse(answer.text)
    assert parser.errors == []
    assert len(re.findall(r"<h1[ >]", answer.text)) == 1
    identifiers = re.findall(r' id="([^"]+)"', answer.text)
    assert len(identifiers) == len(set(identifiers))
    assert "Hélène Vautrin" in answer.text
    assert "style=" not in answer.text


@pytest.mark.parametrize("state", ["submitted", "on_hold", "declined", "answered"])
def test_a_stranger_does_not_learn_that_the_case_exists(
    client: FlaskClient, world: World, state: str
) -> None:
    case_id = STATES[state](world)
    for name in ("stranger", "other_requester", Role.COORDINATOR, Role.ADMINISTRATOR, "stranger_expert"):
        sign_in(client, world.who(name))
        for path in PAGES:
            assert client.get(path.format(case_id)).status_code == 404, (name, path)
        for path in ACTS:
            sent = {"team": str(world.other_team_id), "photo": str(uuid4()), "text": "x", "day": "2026-03-20"}
            assert client.post(path.format(case_id), data=sent).status_code == 404, (name, path)
    assert deliveries(world.system, case_id) in ([], ["sent"])


def test_a_visitor_is_sent_to_sign_in_and_a_case_that_is_none_is_not_found(
    client: FlaskClient, world: World
) -> None:
    case_id = cases.answered(world)
    for path in ("/", "/requests", *(page.format(case_id) for page in PAGES)):
        answer = client.get(path)
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/sign-in")
    sign_in(client, world.who(Role.REQUESTER))
    assert client.get(f"/cases/{uuid4()}").status_code == 404
