"""The pages of sign-in, invitation and forgotten passwords."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from dermavis.domain.roles import Role
from dermavis.services import invitations, second_factor
from dermavis.services.invitations import Newcomer
from dermavis.services.work import System, writing
from tests.account_pages import heading, shown_secret
from tests.clock import FakeClock
from tests.enrolling import NEW
from tests.entering import carried
from tests.factories import PASSWORD, World


@pytest.fixture
def invitation(world: World) -> str:
    """The path of an invitation."""
    with writing(world.system, world.actor(Role.ADMINISTRATOR)) as work:
        newcomer = Newcomer("jeanne.novel@example.org", "Jeanne", "Novel", "Dr")
        link = invitations.invite(work, newcomer, world.site_id, Role.REQUESTER).link
    return link.removeprefix(world.system.settings.origin)


def test_an_invitation_is_lived_from_its_link_to_the_first_page(
    client: FlaskClient, clock: FakeClock, invitation: str
) -> None:
    page = client.get(invitation).text
    assert heading(page) == "Bienvenue, Dr Jeanne Novel"
    assert "Maison de santé des Tilleuls" in page
    assert "Médecin requérant" in page
    short = client.post(invitation, data={"password": "court", "again": "court"})
    assert short.status_code == 422
    assert "il en manque 7" in short.text
    assert client.post(invitation, data={"password": NEW, "again": NEW}).location == "/sign-in/enrolment"
    assert client.get("/account").location == "/sign-in/enrolment?next=%2Faccount"
    chosen = client.post("/sign-in/enrolment", data={"factor": "totp"})
    page = client.get(chosen.location or "").text

    code = second_factor.totp_code(shown_secret(page), clock.now())
    done = client.post("/sign-in/enrolment/authenticator", data={"code": f"{code[:3]} {code[3:]}"})

    codes = re.findall(r"<li>([a-z2-9]{5}-[a-z2-9]{5})</li>", done.text)
    assert len(set(codes)) == 10
    assert done.headers["Cache-Control"] == "no-store"
    assert heading(client.get("/welcome").text) == "Votre compte est ouvert"
    assert client.post("/welcome").location == "/"
    used = client.get(invitation)
    assert used.status_code == 404
    assert heading(used.text) == "Ce lien n’ouvre plus rien"


def test_the_qr_code_brings_no_style_of_its_own(client: FlaskClient, invitation: str) -> None:
    client.post(invitation, data={"password": NEW, "again": NEW})

    page = client.get("/sign-in/enrolment/authenticator").text

    drawn = re.search(r"<svg[^>]*class=\"qr\".*?</svg>", page, re.S)
    assert drawn
    assert "style" not in drawn[0]
    assert "<path" in drawn[0]
    assert re.search(r'href="otpauth://totp/DermAvis[^"]*secret=' + shown_secret(page), page)


def test_mailed_codes_are_enrolled_from_the_page(
    client: FlaskClient, clock: FakeClock, invitation: str, system: System
) -> None:
    client.post(invitation, data={"password": NEW, "again": NEW})
    sent = client.post("/sign-in/enrolment", data={"factor": "email"})
    page = client.get(sent.location or "").text
    assert "jeanne.novel@example.org" in page
    assert 'data-resend="30"' in page
    wrong = client.post("/sign-in/enrolment/email", data={"code": "000 00"})
    assert wrong.status_code == 422

    code = carried(system, "email_code")[-1]["code"]

    assert (
        heading(client.post("/sign-in/enrolment/email", data={"code": code}).text) == "Gardez ces dix codes"
    )
    client.post("/sign-out")
    client.post("/sign-in", data={"email": "jeanne.novel@example.org", "password": NEW})
    page = client.get("/sign-in/code").text
    assert heading(page) == "Entrez le code reçu"
    assert "j•••@example.org" in page
    assert "jeanne.novel" not in page


def test_the_code_field_is_one_input_that_phones_fill(client: FlaskClient, world: World) -> None:
    client.post("/sign-in", data={"email": world.who(Role.REQUESTER).email, "password": PASSWORD})

    field = re.search(r"<input[^>]*name=\"code\"[^>]*>", client.get("/sign-in/code").text)

    assert field
    assert 'autocomplete="one-time-code"' in field[0]
    assert 'inputmode="numeric"' in field[0]
    assert "maxlength" not in field[0]


def test_a_refused_password_keeps_the_address_and_says_the_same_to_everybody(
    client: FlaskClient, world: World
) -> None:
    answers = []
    for email in (world.who(Role.REQUESTER).email, "nobody@example.org"):
        answer = client.post("/sign-in", data={"email": email, "password": "not this one"})
        assert f'value="{email}"' in answer.text
        assert "not this one" not in answer.text
        page = re.sub(r'(csrf[-_]token"[^>]*(?:value|content)=)"[^"]+"', r"\1", answer.text)
        answers.append((answer.status_code, page.replace(email, "")))

    assert answers[0] == answers[1]
    assert answers[0][0] == 422
    assert "Adresse ou mot de passe incorrects." in answers[0][1]


def test_too_many_tries_are_told_with_a_wait(client: FlaskClient, world: World) -> None:
    data = {"email": world.who(Role.REQUESTER).email, "password": "wrong"}
    for _ in range(10):
        assert client.post("/sign-in", data=data).status_code == 422

    answer = client.post("/sign-in", data=data)

    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 900
    assert "Trop d’essais. Réessayez dans" in answer.text
    assert f'value="{data["email"]}"' in answer.text


def test_a_forgotten_password_answers_the_same_and_its_link_works_once(
    client: FlaskClient, world: World, system: System
) -> None:
    email = world.who(Role.REQUESTER).email
    answers = [
        client.post("/password/forgotten", data={"email": one}) for one in (email, "nobody@example.org")
    ]
    assert [(answer.status_code, answer.location) for answer in answers] == [
        (303, "/password/forgotten/sent")
    ] * 2
    path = carried(system, "password_reset")[-1]["link"].removeprefix(system.settings.origin)
    assert email in client.get(path).text

    assert client.post(path, data={"password": NEW, "again": NEW}).location == "/sign-in?changed=1"

    assert client.post(path, data={"password": NEW, "again": NEW}).status_code == 404
    assert client.post("/sign-in", data={"email": email, "password": NEW}).location == "/sign-in/code"


def test_a_forwarded_address_is_believed_from_as_many_proxies_as_told(system: System, world: World) -> None:
    from app import create_app

    def tries_until_refused(hops: int, email: str) -> int:
        behind = replace(system, settings=replace(system.settings, trusted_proxies=hops))
        app = create_app(behind)
        app.config.update(WTF_CSRF_ENABLED=False)
        client = app.test_client()
        for number in range(61):
            headers = {"X-Forwarded-For": f"203.0.113.{number}"}
            data = {"email": f"{number}{email}", "password": "wrong"}
            if client.post("/sign-in", data=data, headers=headers).status_code == 429:
                return number
        return 61

    assert tries_until_refused(1, "@believed.example") == 61
    assert tries_until_refused(0, "@not.example") == 60


def test_https_gives_cookies_the_prefix_that_browsers_guard(system: System, world: World) -> None:
    from app import create_app

    secure = replace(system, settings=replace(system.settings, origin="https://dermavis.example"))
    app = create_app(secure)
    app.config.update(WTF_CSRF_ENABLED=False)
    client = app.test_client()
    data = {"email": world.who(Role.REQUESTER).email, "password": PASSWORD}

    answer = client.post("/sign-in", data=data, base_url="https://dermavis.example")

    cookies = answer.headers.getlist("Set-Cookie")
    assert any(line.startswith("__Host-dermavis=") for line in cookies)
    assert all("Secure" in line and "HttpOnly" in line and "Domain" not in line for line in cookies)
