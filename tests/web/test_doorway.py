"""Whoever is not completely signed in goes no further than public views, and loses nothing typed."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from blueprints.entrance import doorway
from blueprints.entrance.login import PUBLIC
from dermavis.domain.roles import Role
from dermavis.services import devices, sessions
from dermavis.services.work import System, reading, writing
from tests.clock import FakeClock
from tests.factories import PASSWORD, World
from tests.signing_in import sign_in

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


@pytest.fixture
def app(system: System, application: Callable[..., Flask]) -> Flask:
    """An application of this test's own, for a page that the others do not have."""
    return application(system, own=True)


@pytest.fixture
def echo(app: Flask) -> list[dict[str, list[str]]]:
    """A page of the application that takes a form, and what it took."""
    taken: list[dict[str, list[str]]] = []

    def take() -> str:
        if request.method == "POST":
            taken.append(request.form.to_dict(flat=False))
        return "taken"

    app.add_url_rule("/cases/echo/messages", "echo", take, methods=["GET", "POST"])
    app.add_url_rule("/api/v1/echo", "api_echo", take, methods=["GET", "POST"])
    return taken


@pytest.fixture
def kept_device(system: System, world: World, client: FlaskClient) -> FlaskClient:
    """The requester's browser, signed in on an enrolled device."""
    who = world.who(Role.REQUESTER)
    with writing(system) as work:
        device_id, _ = devices.enrol(work, who.person_id, "Essai")
    sign_in(client, who, device_id=device_id)
    return client


def test_a_stranger_is_sent_to_sign_in_and_back(client: FlaskClient, echo: object) -> None:
    answer = client.get("/cases/echo/messages?page=2")

    assert answer.status_code == 303
    assert answer.location == "/sign-in?next=%2Fcases%2Fecho%2Fmessages%3Fpage%3D2"


@pytest.mark.usefixtures("world")
def test_the_page_asked_for_follows_the_sign_in(
    client: FlaskClient, echo: object, world: World, clock: FakeClock
) -> None:
    from tests.services.test_sign_in import code_now

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
    from tests.services.test_sign_in import code_now

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


def test_an_idle_hour_asks_the_password_only(
    kept_device: FlaskClient, clock: FakeClock, echo: object
) -> None:
    assert kept_device.get("/cases/echo/messages").text == "taken"
    clock.advance(hours=1)

    page = kept_device.get("/cases/echo/messages")
    assert page.location == "/sign-in/resume?next=%2Fcases%2Fecho%2Fmessages"
    refused = kept_device.post("/sign-in/resume", data={"password": "no"})
    assert refused.status_code == 422
    assert "Mot de passe incorrect." in refused.text
    api = kept_device.get("/api/v1/echo")
    assert api.status_code == 401
    assert api.json is not None
    assert api.json["locked"] is True

    kept_device.get(page.location)
    again = kept_device.post("/sign-in/resume", data={"password": PASSWORD})

    assert again.location == "/cases/echo/messages"
    assert kept_device.get("/cases/echo/messages").text == "taken"


@pytest.mark.parametrize("headers", [{"X-Background": "1"}, {"Sec-Fetch-Dest": "image"}])
def test_a_page_that_asks_by_itself_does_not_put_off_the_lock(
    kept_device: FlaskClient, clock: FakeClock, echo: object, headers: dict[str, str]
) -> None:
    address = "/cases/echo/messages"
    for _ in range(6):
        clock.advance(minutes=9)
        assert kept_device.get(address, headers=headers).text == "taken"
    clock.advance(minutes=6)

    locked = kept_device.get(address, headers=headers | {"HX-Request": "true"})

    assert locked.text == ""
    assert locked.headers["HX-Redirect"].startswith("/sign-in/resume")


def test_an_act_of_the_person_puts_off_the_lock(
    kept_device: FlaskClient, clock: FakeClock, echo: object
) -> None:
    for _ in range(3):
        clock.advance(minutes=59)
        assert kept_device.get("/cases/echo/messages").text == "taken"


def test_the_guided_request_unlocks_in_place(
    kept_device: FlaskClient, clock: FakeClock, echo: object
) -> None:
    clock.advance(hours=1)
    old = kept_device.get_cookie("dermavis")
    assert old is not None
    assert kept_device.post("/api/v1/session", json={"password": "no"}).status_code == 422
    assert kept_device.post("/api/v1/session", json={}).status_code == 422
    assert kept_device.post("/api/v1/session", data="nonsense").status_code == 422

    answer = kept_device.post("/api/v1/session", json={"format": 1, "password": PASSWORD})

    assert answer.json == {"format": 1}
    new = kept_device.get_cookie("dermavis")
    assert new is not None
    assert new.value != old.value
    assert kept_device.get("/api/v1/echo").text == "taken"


def test_without_a_session_the_guided_request_is_sent_to_sign_in(client: FlaskClient) -> None:
    answer = client.post("/api/v1/session", json={"password": "x"})

    assert answer.status_code == 401
    assert answer.json is not None
    assert answer.json["sign_in"] is True


def test_what_was_typed_is_offered_again_and_never_sends_itself(
    kept_device: FlaskClient, clock: FakeClock, echo: list[dict[str, list[str]]]
) -> None:
    clock.advance(minutes=61)
    typed = {"text": "Lésion du dos, <b>prurit</b>", "choice": ["a", "b"], "csrf_token": "old"}

    away = kept_device.post("/cases/echo/messages", data=typed)
    assert away.location == "/sign-in/resume"
    back = kept_device.post("/sign-in/resume", data={"password": PASSWORD})
    assert back.location == "/sign-in/held"
    page = kept_device.get(back.location)
    assert "Votre texte a été gardé" in page.text
    assert "Lésion du dos, &lt;b&gt;prurit&lt;/b&gt;" in page.text
    assert 'action="/cases/echo/messages"' in page.text
    assert 'value="old"' not in page.text
    assert echo == []

    kept_device.post("/cases/echo/messages", data={"text": typed["text"], "choice": ["a", "b"]})

    assert echo == [{"text": ["Lésion du dos, <b>prurit</b>"], "choice": ["a", "b"]}]
    assert kept_device.get("/sign-in/held").status_code == 303


def test_signing_out_in_another_tab_keeps_what_this_one_sends(
    client: FlaskClient, world: World, clock: FakeClock, echo: list[dict[str, list[str]]]
) -> None:
    from tests.services.test_sign_in import code_now

    who = world.who(Role.REQUESTER)
    client.post("/sign-in", data={"email": who.email, "password": PASSWORD})
    client.post("/sign-in/code", data={"code": code_now(clock)})
    client.post("/sign-out")

    away = client.post("/cases/echo/messages", data={"text": "Lésion du dos"})
    assert away.location is not None
    assert away.location.startswith("/sign-in")
    client.post("/sign-in", data={"email": who.email, "password": PASSWORD})
    back = client.post("/sign-in/code", data={"code": code_now(clock, 30)})

    assert back.location == "/sign-in/held"
    assert "Lésion du dos" in client.get("/sign-in/held").text


def test_what_one_person_typed_is_not_shown_to_the_next_on_the_same_browser(
    client: FlaskClient, world: World, clock: FakeClock, echo: object
) -> None:
    from tests.services.test_sign_in import code_now

    for role in (Role.REQUESTER, Role.EXPERT):
        client.post("/sign-in", data={"email": world.who(role).email, "password": PASSWORD})
        last = client.post("/sign-in/code", data={"code": code_now(clock)})
        if role is Role.REQUESTER:
            client.post("/sign-out")
            client.post("/cases/echo/messages", data={"text": "Lésion du dos"})
            assert client.get_cookie("dermavis-held") is not None

    assert last.location == "/"
    assert client.get("/sign-in/held").status_code == 303


def test_what_a_stranger_posts_is_not_kept(client: FlaskClient, echo: object) -> None:
    client.post("/cases/echo/messages", data={"text": "Lésion du dos"})

    assert client.get_cookie("dermavis-held") is None


def test_no_password_is_ever_kept(kept_device: FlaskClient, clock: FakeClock, echo: object) -> None:
    clock.advance(hours=1)
    kept_device.post("/account/password", data={"old_password": PASSWORD, "password": "une phrase"})
    assert kept_device.get_cookie("dermavis-held") is None

    kept_device.post("/cases/echo/messages", data={"text": "Lésion", "new_password": "hidden thing"})
    kept_device.post("/sign-in/resume", data={"password": PASSWORD})

    page = kept_device.get("/sign-in/held").text
    assert "Lésion" in page
    assert "hidden thing" not in page


def test_a_form_shown_to_one_person_sends_nothing_under_the_session_of_another(
    guarded_client: FlaskClient, world: World, clock: FakeClock
) -> None:
    """Two tabs: the first one's form belongs to whoever was signed in when it was shown."""
    from tests.services.test_sign_in import code_now

    def token_on(path: str) -> str:
        page = guarded_client.get(path).text
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert found
        return found[1]

    def enter(role: Role) -> None:
        data = {"email": world.who(role).email, "password": PASSWORD, "csrf_token": token_on("/sign-in")}
        guarded_client.post("/sign-in", data=data)
        data = {"code": code_now(clock), "csrf_token": token_on("/sign-in/code")}
        assert guarded_client.post("/sign-in/code", data=data).status_code == 303

    enter(Role.REQUESTER)
    old = token_on("/account")
    profile = {"first_name": "Anne", "last_name": "Le Goff", "title": "", "phone": ""}
    mine = guarded_client.post("/account/profile", data={**profile, "csrf_token": old})
    assert mine.status_code == 303
    guarded_client.post("/sign-out", data={"csrf_token": old})
    enter(Role.EXPERT)

    theirs = guarded_client.post("/account/profile", data={**profile, "csrf_token": old})

    assert theirs.status_code == 400


def test_another_site_cannot_make_this_browser_act(client: FlaskClient, world: World) -> None:
    token = sign_in(client, world.who(Role.REQUESTER))
    system: System = client.application.extensions["dermavis"]
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        assert client.post("/sign-out", headers=headers).status_code == 403
    assert sessions.find_session(system, token) is not None

    assert client.post("/sign-out", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 303
    assert sessions.find_session(system, token) is None


def test_no_view_is_public_that_is_not_named_here(app: Flask) -> None:
    public = {endpoint for endpoint, view in app.view_functions.items() if getattr(view, PUBLIC, False)}

    assert "account.sign_in_page" in public
    assert public - PUBLIC_VIEWS == set()


def test_cookies_are_closed_to_scripts_and_other_sites(
    client: FlaskClient, world: World, clock: FakeClock
) -> None:
    from tests.services.test_sign_in import code_now

    client.post("/sign-in", data={"email": world.who(Role.REQUESTER).email, "password": PASSWORD})
    answer = client.post("/sign-in/code", data={"code": code_now(clock), "keep_device": "1"})

    cookies = {line.split("=", 1)[0]: line for line in answer.headers.getlist("Set-Cookie")}
    assert {"dermavis", "dermavis-device", "dermavis-form"} <= set(cookies)
    assert "SameSite=Strict" in cookies["dermavis-device"]
    for name in ("dermavis", "dermavis-device", "dermavis-form"):
        assert "HttpOnly" in cookies[name]
        assert "SameSite=" in cookies[name]
        assert "Path=/" in cookies[name]


def test_signing_in_never_adopts_a_session_that_the_browser_brought(
    client: FlaskClient, world: World, clock: FakeClock, system: System
) -> None:
    """Session fixation: the planted token stays worthless."""
    from tests.services.test_sign_in import code_now

    client.set_cookie("dermavis", "planted-by-somebody-else")
    client.post("/sign-in", data={"email": world.who(Role.REQUESTER).email, "password": PASSWORD})
    half = client.get_cookie("dermavis")
    client.post("/sign-in/code", data={"code": code_now(clock)})
    whole = client.get_cookie("dermavis")

    assert half is not None
    assert whole is not None
    assert len({"planted-by-somebody-else", half.value, whole.value}) == 3
    with reading(system):
        assert sessions.find_session(system, "planted-by-somebody-else") is None
        assert sessions.find_session(system, half.value) is None


def test_the_way_to_sign_in_carries_only_a_path(client: FlaskClient, echo: object) -> None:
    answer = client.get("/cases/echo/messages", base_url="http://evil.example")

    query = parse_qs(urlsplit(answer.location or "").query)
    assert urlsplit(answer.location or "").netloc == ""
    assert query["next"] == ["/cases/echo/messages"]
