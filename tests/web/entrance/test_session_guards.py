"""What keeps a session its person's own: cookies, form tokens, and no act from another site."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from dermavis.domain.roles import Role
from dermavis.services import sessions
from dermavis.services.work import System, reading
from tests.clock import FakeClock
from tests.entering import code_now
from tests.factories import PASSWORD, World
from tests.signing_in import sign_in


def test_a_form_shown_to_one_person_sends_nothing_under_the_session_of_another(
    guarded_client: FlaskClient, world: World, clock: FakeClock
) -> None:
    """Two tabs: the first one's form belongs to whoever was signed in when it was shown."""

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


def test_cookies_are_closed_to_scripts_and_other_sites(
    client: FlaskClient, world: World, clock: FakeClock
) -> None:
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
