"""What was typed when a session ended is offered again, to whoever typed it and to nobody else."""

from __future__ import annotations

from flask.testing import FlaskClient

from dermavis.domain.roles import Role
from tests.clock import FakeClock
from tests.entering import code_now
from tests.factories import PASSWORD, World


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
