"""After an idle hour of the person a kept device asks the password, whatever its pages renew by themselves."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.clock import FakeClock
from tests.factories import PASSWORD


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
