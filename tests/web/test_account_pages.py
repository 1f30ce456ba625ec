"""The pages of one's own account: what is grave asks the password, sessions and absences are ended there."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from blueprints.account.visitor import browser_label
from dermavis.domain.roles import Role
from dermavis.models import Person
from dermavis.services import devices, second_factor
from dermavis.services.sessions import open_session
from dermavis.services.work import System, reading, writing
from tests.account_pages import heading, shown_secret
from tests.clock import FakeClock
from tests.entering import carried
from tests.factories import PASSWORD, TOTP_SECRET, World
from tests.signing_in import sign_in


def test_something_grave_asks_the_password_first_and_for_ten_minutes(
    client: FlaskClient, world: World, clock: FakeClock
) -> None:
    sign_in(client, world.who(Role.REQUESTER))
    assert client.get("/sign-in/enrolment").location == "/account"
    assert client.post("/account/recovery-codes").location == "/account/prove/recovery"
    assert client.post("/account/prove/factor", data={"password": "no"}).status_code == 422

    assert client.post("/account/prove/factor", data={"password": PASSWORD}).location == "/sign-in/enrolment"

    assert heading(client.get("/sign-in/enrolment").text) == "Second facteur"
    assert heading(client.post("/account/recovery-codes").text) == "Gardez ces dix codes"
    clock.advance(minutes=10)
    assert client.get("/sign-in/enrolment").location == "/account"


def test_a_new_authenticator_replaces_the_old_one(
    client: FlaskClient, world: World, clock: FakeClock, system: System
) -> None:
    who = world.who(Role.REQUESTER)
    sign_in(client, who)
    client.post("/account/prove/factor", data={"password": PASSWORD})
    secret = shown_secret(client.get("/sign-in/enrolment/authenticator").text)
    old = second_factor.totp_code(TOTP_SECRET, clock.now())
    assert client.post("/sign-in/enrolment/authenticator", data={"code": old}).status_code == 422

    code = second_factor.totp_code(secret, clock.now())
    done = client.post("/sign-in/enrolment/authenticator", data={"code": code})

    assert heading(done.text) == "Gardez ces dix codes"
    with reading(system) as work:
        person = work.session.get_one(Person, who.person_id)
        assert second_factor.secret_of(work, person) == secret
    assert carried(system, "factor_changed")[-1] == {}


def test_the_account_page_saves_and_shows_what_is_wrong_beside_its_field(
    client: FlaskClient, world: World
) -> None:
    sign_in(client, world.who(Role.REQUESTER))
    wrong = {"title": "Dr", "first_name": "", "last_name": "Le Goff", "phone": "06 12 34 56 78"}
    answer = client.post("/account/profile", data=wrong)
    assert answer.status_code == 422
    assert "Le prénom manque." in answer.text
    assert 'value="Le Goff"' in answer.text

    saved = client.post("/account/profile", data={**wrong, "first_name": "Anne"}, follow_redirects=True)

    assert "Vos coordonnées sont enregistrées." in saved.text
    assert 'value="Anne"' in saved.text
    assert 'value="06\u00a012\u00a034\u00a056\u00a078"' in saved.text
    assert "+336" not in saved.text
    assert "Il ne vous reste aucun code de secours" in saved.text


def test_an_absence_is_set_and_ended_from_the_page(client: FlaskClient, world: World) -> None:
    sign_in(client, world.who(Role.REQUESTER))
    substitute = str(world.who(Role.SUBSTITUTE).person_id)
    data = {"substitute": substitute, "absent_from": "2026-03-16", "absent_to": "2026-03-20"}
    assert client.post("/account/absence", data={**data, "absent_to": "nonsense"}).status_code == 422

    page = client.post("/account/absence", data=data, follow_redirects=True).text
    assert 'value="2026-03-16"' in page
    assert f'value="{substitute}" selected' in page

    page = client.post("/account/absence", data={**data, "end": "1"}, follow_redirects=True).text
    assert 'value="2026-03-16"' not in page


def test_another_session_is_ended_from_the_page_and_is_out(
    client: FlaskClient, world: World, system: System
) -> None:
    who = world.who(Role.REQUESTER)
    other = client.application.test_client()
    with writing(system) as work:
        device_id, _ = devices.enrol(work, who.person_id, "iPad, Safari")
        token = open_session(work, who.person_id, device_id=device_id, label="iPad, Safari")
    other.set_cookie("dermavis", token)
    assert other.get("/account").status_code == 200
    sign_in(client, who)
    page = client.get("/account").text
    assert "iPad, Safari" in page
    assert "cet appareil" in page
    ending = re.search(r'action="(/account/sessions/[0-9a-f-]+/end)"', page)
    assert ending

    client.post(ending[1])

    assert other.get("/account").location == "/sign-in?next=%2Faccount"
    assert client.get("/account").status_code == 200
    expert = client.application.test_client()
    sign_in(expert, world.who(Role.EXPERT))
    assert expert.post(ending[1]).status_code == 404


def test_a_person_without_a_role_can_still_sign_out(client: FlaskClient, world: World) -> None:
    sign_in(client, world.who("outsider"))

    assert client.get("/account").status_code == 404
    assert client.post("/sign-out").location == "/sign-in?out=1"
    assert client.get("/account").status_code == 303


@pytest.mark.parametrize(
    ("agent", "label"),
    [
        (
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
                "Version/18.1 Mobile/15E148 Safari/604.1"
            ),
            "iPhone, Safari",
        ),
        (
            (
                "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
                "Chrome/131.0.0.0 Mobile Safari/537.36"
            ),
            "Android, Chrome",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36 Edg/131.0",
            "Windows, Edge",
        ),
        ("", "Appareil, navigateur inconnu"),
    ],
)
def test_a_browser_is_named_as_its_owner_would(agent: str, label: str) -> None:
    assert browser_label(agent) == label
