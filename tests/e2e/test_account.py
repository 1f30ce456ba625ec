"""From the invitation's letter to a signed-in phone, in a real browser; and an idle hour that loses nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update

from dermavis.domain.roles import Role
from dermavis.models import Message, UserSession
from dermavis.services import devices, invitations
from dermavis.services.invitations import Newcomer
from dermavis.services.second_factor import totp_code
from dermavis.services.sessions import hash_of
from dermavis.services.work import reading, writing
from tests.cases import sent
from tests.factories import PASSWORD, TOTP_SECRET
from tests.receivers import plain_text, wait_until
from tests.signing_in import new_session, sign_in_page

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.fixtures.servers import LiveServer

NEW = "un cerf traverse la route"


def invited(live_server: LiveServer, name: str) -> str:
    """Invite somebody and return the link of the letter that they get."""
    system, world = live_server.system, live_server.world
    email = f"{name.lower()}@example.org"
    with writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        newcomer = Newcomer(email, name, "Novel", "Dr")
        invitations.invite(work, newcomer, world.site_id, Role.REQUESTER)
    wait_until(lambda: live_server.mail.to(email), 20)
    found = re.search(r"https?://\S+/invitation/\S+", plain_text(live_server.mail.to(email)[-1]))
    assert found
    return found[0]


def shown(secret: str, seconds: int = 0) -> str:
    """What an authenticator shows, now or so many seconds later."""
    return totp_code(secret, datetime.now(UTC) + timedelta(seconds=seconds))


def choose_password(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_label("Mot de passe", exact=True).fill(NEW)
    page.get_by_label("Le même, encore une fois").fill(NEW)
    page.get_by_role("button", name="Continuer").click()


def heading(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def test_a_doctor_opens_an_account_with_an_authenticator_and_signs_in_again(
    live_server: LiveServer, phone: Page, axe: Callable[[Page], Any]
) -> None:
    link = invited(live_server, "Jeanne")
    phone.goto(link)
    axe(phone)
    expect(heading(phone)).to_have_text("Bienvenue, Dr Jeanne Novel")
    phone.get_by_label("Mot de passe", exact=True).fill("court")
    expect(phone.get_by_text("Encore 7\u00a0caractères.")).to_be_visible()
    phone.get_by_role("button", name="Continuer").click()
    expect(phone.get_by_role("alert")).to_be_visible()
    axe(phone)

    choose_password(phone, link)
    expect(heading(phone)).to_contain_text("second facteur")
    axe(phone)
    phone.get_by_role("button", name="Avec une application").click()
    expect(phone.get_by_role("img", name="Code QR")).to_be_visible()
    axe(phone)
    phone.get_by_text("Ou recopiez la clé").click()
    secret = "".join(phone.locator("#seed span").all_inner_texts())
    code = shown(secret)
    field = phone.get_by_label("Code à 6 chiffres")
    field.focus()
    phone.keyboard.insert_text(f"{code[:3]}-{code[3:]}\n")
    assert field.input_value() == code
    phone.get_by_role("button", name="Vérifier").click()

    expect(heading(phone)).to_have_text("Gardez ces dix codes")
    codes = phone.locator("#codes li").all_inner_texts()
    assert len(set(codes)) == 10
    axe(phone)
    phone.get_by_role("link", name="J’ai gardé ces codes").click()
    expect(heading(phone)).to_have_text("Votre compte est ouvert")
    axe(phone)
    phone.get_by_role("button", name="Commencer").click()
    phone.wait_for_url(re.compile(r"/(requests)?$"))

    phone.goto("/account")
    axe(phone)
    phone.get_by_role("button", name="Se déconnecter").click()
    expect(phone.get_by_text("Vous êtes déconnecté.")).to_be_visible()
    phone.get_by_label("Adresse e-mail").fill(" Jeanne@Example.org ")
    phone.get_by_label("Mot de passe", exact=True).fill(NEW)
    phone.get_by_role("button", name="Continuer").click()
    expect(heading(phone)).to_have_text("Entrez votre code")
    axe(phone)
    later = shown(secret, 30)
    phone.keyboard.insert_text(f"{later[:3]} {later[3:]}")
    phone.get_by_label("Garder cet appareil 30 jours").check()
    phone.get_by_role("button", name="Se connecter").click()
    phone.wait_for_url(re.compile(r"/(requests)?$"))

    phone.goto("/account")
    phone.get_by_role("button", name="Se déconnecter").click()
    phone.get_by_label("Adresse e-mail").fill("jeanne@example.org")
    phone.get_by_label("Mot de passe", exact=True).fill(NEW)
    phone.get_by_role("button", name="Continuer").click()
    phone.wait_for_url(re.compile(r"/(requests)?$"))


def test_a_doctor_opens_an_account_with_codes_by_e_mail(
    live_server: LiveServer, tablet: Page, axe: Callable[[Page], Any]
) -> None:
    choose_password(tablet, invited(live_server, "Lucie"))
    tablet.get_by_role("button", name="Par e-mail").click()
    expect(tablet.get_by_text("Nouveau code possible dans")).to_be_visible()
    assert tablet.get_by_role("button", name="Renvoyer un code").is_hidden()
    axe(tablet)
    wait_until(lambda: len(live_server.mail.to("lucie@example.org")) == 2, 20)
    code = re.search(r"\b\d{6}\b", plain_text(live_server.mail.to("lucie@example.org")[-1]))
    assert code
    tablet.get_by_label("Code à 6 chiffres").fill(code[0])
    tablet.get_by_role("button", name="Vérifier").click()

    expect(heading(tablet)).to_have_text("Gardez ces dix codes")
    axe(tablet)


def test_an_idle_hour_asks_the_password_and_gives_the_typed_text_back_to_send(
    live_server: LiveServer, phone: Page, axe: Callable[[Page], Any]
) -> None:
    system, world = live_server.system, live_server.world
    who = world.who(Role.REQUESTER)
    case_id = sent(world)
    with writing(system) as work:
        device_id, _ = devices.enrol(work, who.person_id, "Essai")
    token = new_session(system, who, device_id=device_id)
    phone.context.add_cookies([{"name": "dermavis", "value": token, "url": live_server.url}])
    phone.goto(f"/cases/{case_id}")
    text = "La lésion a doublé en un mois : « gênante »."
    phone.locator("#write textarea").fill(text)
    idle_hour(live_server, token)

    # The page keeps the text before it lets the form go, so the way to the door begins a moment after the tap.
    phone.locator("#write button.primary, #write button[type=submit]").first.click()
    phone.wait_for_url(re.compile("/sign-in/resume"))

    expect(heading(phone)).to_have_text("Toujours là\u00a0?")
    axe(phone)
    phone.get_by_label(f"Mot de passe de Dr {who.name}").fill(PASSWORD)
    phone.get_by_role("button", name="Continuer").click()
    expect(heading(phone)).to_have_text("Votre texte a été gardé")
    expect(phone.get_by_text(text)).to_be_visible()
    axe(phone)
    assert messages(live_server, case_id) == 0
    phone.get_by_role("button", name="Envoyer maintenant").click()
    phone.wait_for_url(re.compile(f"/cases/{case_id}"))

    assert messages(live_server, case_id) == 1
    assert phone.locator("#write textarea").input_value() == ""
    expect(phone.get_by_text(text).first).to_be_visible()


def test_after_an_idle_hour_a_list_leaves_the_screen_by_itself_with_the_typed_text(
    live_server: LiveServer, desk: Page
) -> None:
    system, world = live_server.system, live_server.world
    who = world.who(Role.COORDINATOR)
    case_id = sent(world, "pooled_requester")
    with writing(system) as work:
        device_id, _ = devices.enrol(work, who.person_id, "Essai")
    token = sign_in_page(desk, system, who, device_id=device_id)
    desk.clock.install()
    desk.goto(f"/pooling/{case_id}")
    desk.route("**/note", lambda route: route.abort())
    desk.locator("#note").fill("La famille rappelle jeudi.")
    desk.clock.run_for(10_000)
    idle_hour(live_server, token)
    desk.clock.run_for(61_000)
    desk.wait_for_url(re.compile("/sign-in/resume"))
    desk.unroute("**/note")

    desk.get_by_label(f"Mot de passe de {who.name}").fill(PASSWORD)
    desk.get_by_role("button", name="Continuer").click()
    desk.wait_for_timeout(3000)
    desk.wait_for_url(re.compile(f"/pooling/{case_id}"))
    expect(desk.locator("#note")).to_have_value("La famille rappelle jeudi.")


@pytest.mark.parametrize(
    ("role", "page_of_list"), [(Role.EXPERT, "/worklist"), (Role.REQUESTER, "/requests")]
)
def test_after_an_idle_hour_no_name_stays_on_an_open_list(
    live_server: LiveServer, desk: Page, role: Role, page_of_list: str
) -> None:
    system, world = live_server.system, live_server.world
    who = world.who(role)
    sent(world)
    with writing(system) as work:
        device_id, _ = devices.enrol(work, who.person_id, "Essai")
    token = sign_in_page(desk, system, who, device_id=device_id)
    desk.clock.install()
    desk.goto(page_of_list)
    idle_hour(live_server, token)
    desk.clock.run_for(61_000)

    desk.wait_for_url(re.compile(f"/sign-in/resume.*{page_of_list[1:]}"))


@pytest.mark.long
def test_every_page_of_the_door_is_accessible_on_a_tablet(
    live_server: LiveServer, tablet: Page, axe: Callable[[Page], Any]
) -> None:
    email = live_server.world.who(Role.EXPERT).email
    for path in ("/sign-in", "/password/forgotten", "/password/forgotten/sent", "/invitation/nothing"):
        tablet.goto(path)
        axe(tablet)
    tablet.goto("/sign-in")
    tablet.get_by_label("Adresse e-mail").fill(email)
    tablet.get_by_label("Mot de passe", exact=True).fill("pas le bon")
    tablet.get_by_role("button", name="Continuer").click()
    expect(tablet.get_by_role("alert")).to_be_visible()
    axe(tablet)
    tablet.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    tablet.get_by_role("button", name="Continuer").click()
    tablet.get_by_role("link", name="Un code de secours").click()
    axe(tablet)
    tablet.goto("/sign-in/code")
    tablet.get_by_label("Code à 6 chiffres").fill(shown(TOTP_SECRET))
    tablet.get_by_role("button", name="Se connecter").click()
    for path in ("/account", "/account/password", "/account/prove/factor", "/account/recovery-codes"):
        tablet.goto(path)
        axe(tablet)


def idle_hour(live_server: LiveServer, token: str) -> None:
    """Let it be more than an hour since that session's person did something."""
    with writing(live_server.system) as work:
        work.session.execute(
            update(UserSession)
            .where(UserSession.token_hash == hash_of(token))
            .values(seen_at=work.now - timedelta(minutes=61))
        )


def messages(live_server: LiveServer, case_id: object) -> int:
    """Return how many messages are on the case."""
    with reading(live_server.system) as work:
        return len(work.session.scalars(select(Message).where(Message.case_id == case_id)).all())
