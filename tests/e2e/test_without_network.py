"""A request with no network at all: the server is stopped, and the phone opens by its code."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select, update

from dermavis.domain.roles import Role
from dermavis.models import Case, Device, Photo, UserSession
from dermavis.services.devices import enrol
from dermavis.services.work import reading, writing
from tests.e2e.guided_request import READY, GuidedRequest
from tests.e2e.phone_code import CODE, choose_code, enter, type_code, use_once
from tests.e2e.phone_database import kept_on_phone
from tests.factories import PASSWORD
from tests.receivers import wait_until
from tests.signing_in import sign_in_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.fixtures.browsers import OpenPage
    from tests.fixtures.servers import LiveServer

pytestmark = [pytest.mark.e2e, pytest.mark.whole_browser]

WRONG = "999912"


def test_a_request_begins_without_network_and_leaves_by_itself_when_the_server_is_back(
    kept_phone: Page, server: LiveServer, tmp_path: Path, axe: Callable[[Page], None]
) -> None:
    page, request = kept_phone, GuidedRequest(kept_phone, tmp_path)
    choose_code(page)
    use_once(page)
    server.stop("web")

    page.goto("/requests/new")
    page.get_by_label("Code de cet appareil").wait_for()
    axe(page)
    type_code(page, CODE)
    page.wait_for_selector(READY)
    page.get_by_role("link", name="Aucun de ces signes").click()
    request.at("patient")
    request.name_patient()
    request.describe_lesion()
    request.photograph_everything()
    request.answer_history()
    place, address = request.place, page.url.split("#")[0]
    page.goto("about:blank")  # closed in the middle, and opened again: the same place
    page.goto(address)
    page.wait_for_selector(READY)
    expect(page.locator("#band")).to_contain_text("D’Aubigné")
    assert request.place == place
    request.ask()
    page.get_by_role("button", name="Envoyer").click()
    expect(page.get_by_role("heading", name="Prête à partir")).to_be_visible()
    axe(page)
    page.goto("/")
    expect(page.get_by_role("heading", name="Pas de réseau")).to_be_visible()
    expect(page.locator("#local-drafts")).to_contain_text("part dès que le réseau revient")
    axe(page)

    page.goto(address)
    page.wait_for_selector(READY)
    server.start("web")
    number = page.locator(".receipt-number").inner_text(timeout=60_000)

    with reading(server.system) as work:
        sent = work.session.get_one(Case, UUID(address.rsplit("/", 1)[1]))
        pictures = work.session.scalar(select(func.count()).where(Photo.case_id == sent.id))
    assert (sent.state, sent.number) == ("submitted", number)
    assert pictures == 2


def test_a_page_sends_nothing_under_the_session_of_somebody_who_signed_in_meanwhile(
    kept_phone: Page, server: LiveServer, tmp_path: Path
) -> None:
    page, request = kept_phone, GuidedRequest(kept_phone, tmp_path)
    request.begin()
    request.identify("Vautrin", "12/03/1958")
    enter(page, server, server.world.who("other_requester"))
    request.record_consent()
    expect(page.get_by_role("heading", name="Votre session est terminée")).to_be_visible()
    with reading(server.system) as work:
        assert work.session.get(Case, UUID(request.case_id)) is None


def test_an_hour_without_a_touch_closes_the_page_until_the_code_and_opens_the_session(
    kept_phone: Page, server: LiveServer, tmp_path: Path
) -> None:
    page, request = kept_phone, GuidedRequest(kept_phone, tmp_path)
    page.clock.install()
    choose_code(page)
    request.begin()
    with writing(server.system) as work:
        work.session.execute(update(UserSession).values(seen_at=work.now - timedelta(hours=2)))
    page.clock.fast_forward("01:00:30")
    expect(page.get_by_role("heading", name="Toujours là")).to_be_visible()
    type_code(page, CODE)
    expect(page.get_by_role("heading", name="Toujours là")).to_be_hidden()
    page.reload()
    page.wait_for_selector(READY)
    assert page.url.endswith("patient")


def test_the_code_opens_the_session_again_on_any_page(kept_phone: Page, server: LiveServer) -> None:
    page = kept_phone
    choose_code(page)
    with writing(server.system) as work:
        work.session.execute(update(UserSession).values(seen_at=work.now - timedelta(hours=2)))
    page.goto("/notifications")
    page.get_by_role("button", name="Donner plutôt le code").click()
    type_code(page, CODE)
    page.wait_for_url("**/notifications")
    expect(page.get_by_role("heading", name="Notifications", exact=True)).to_be_visible()


def test_five_wrong_codes_close_the_phone_until_a_sign_in_and_lose_nothing(
    kept_phone: Page, server: LiveServer
) -> None:
    choose_code(kept_phone)
    use_once(kept_phone)
    address = kept_phone.url.split("#")[0]
    server.stop("web")
    kept_phone.goto(address)
    for left in ("4 essais", "3 essais", "2 essais", "1 essai."):
        type_code(kept_phone, WRONG)
        expect(kept_phone.get_by_role("alert")).to_contain_text(f"Encore {left}")
    type_code(kept_phone, WRONG)
    expect(kept_phone.get_by_role("alert")).to_contain_text("n’ouvre plus cet appareil")
    kept_phone.goto(address)
    expect(kept_phone.locator("#trouble")).to_contain_text("pas de code sur cet appareil")
    server.start("web")
    kept_phone.goto(address)
    expect(kept_phone.get_by_label("Mot de passe")).to_be_visible()
    assert kept_phone.locator(READY).count() == 0, "the session that is still open gives no key before"
    kept_phone.get_by_label("Mot de passe").fill(PASSWORD)
    kept_phone.get_by_label("Mot de passe").press("Enter")
    kept_phone.wait_for_selector(READY)


@pytest.mark.long
@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("123456", "trop facile"),
        ("111111", "trop facile"),
        ("121212", "trop facile"),
        ("27496", "six chiffres"),
    ],
)
def test_a_code_that_is_easy_to_guess_is_refused_beside_its_field(
    kept_phone: Page, code: str, words: str
) -> None:
    choose_code(kept_phone)
    kept_phone.get_by_text("Changer de code").click()
    kept_phone.get_by_label("Code, six chiffres").fill(code)
    kept_phone.get_by_role("button", name="Enregistrer le code").click()
    expect(kept_phone.locator("#phone_code-told")).to_contain_text(words)


@pytest.mark.long
def test_signing_out_or_another_person_ends_the_code(kept_phone: Page, server: LiveServer) -> None:
    choose_code(kept_phone)
    kept_phone.get_by_role("button", name=re.compile("Se déconnecter")).click()
    kept_phone.wait_for_url("**/sign-in*")
    kept_phone.wait_for_function("() => localStorage.getItem('dermavis-code') === null")
    enter(kept_phone, server, server.world.who(Role.REQUESTER))
    choose_code(kept_phone)
    enter(kept_phone, server, server.world.who("other_requester"))
    kept_phone.goto("/")
    kept_phone.wait_for_function("() => localStorage.getItem('dermavis-code') === null")
    server.stop("web")
    kept_phone.goto("/requests/new")
    expect(kept_phone.locator("#trouble")).to_contain_text("pas de code sur cet appareil")


@pytest.mark.long
def test_a_draft_that_has_waited_for_days_says_so_though_it_was_looked_at_and_its_writer_is_written_to(
    kept_phone: Page, server: LiveServer, tmp_path: Path
) -> None:
    page, request = kept_phone, GuidedRequest(kept_phone, tmp_path)
    page.route("**/api/v1/stubs", lambda route: route.abort())  # the service's own clock stays where it is
    request.begin()
    page.get_by_role("button", name="Nouveau patient").click()
    request.at("identite")
    page.get_by_label("Nom de naissance").fill("Vautrin")
    case_id = request.case_id
    page.wait_for_timeout(800)
    page.goto("/healthz")
    page.clock.install(time=datetime.now(UTC) + timedelta(days=4))
    page.unroute("**/api/v1/stubs")
    request.reopen(f"/requests/{case_id}")
    page.evaluate("location.hash = 'alerte'")  # looked at, and not changed
    request.at("alerte")
    page.goto("/requests")
    expect(page.locator("#local-drafts")).to_contain_text("depuis 4 jours")
    address = server.world.who(Role.REQUESTER).email
    wait_until(lambda: [one for one in server.mail.to(address) if "téléphone" in str(one["Subject"])], 20)


def test_a_stolen_phone_destroys_its_owners_drafts_when_it_is_heard_of_and_nobody_elses(
    server: LiveServer, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page("phone", base_url=server.url)
    who = server.world.who(Role.REQUESTER)
    with writing(server.system) as work:
        device_id, token = enrol(work, who.person_id, "Téléphone volé")
    sign_in_page(page, server.system, who, device_id=device_id)
    page.context.add_cookies([{"name": "dermavis-device", "value": token, "url": server.url}])
    request = GuidedRequest(page, tmp_path)
    request.begin()
    page.get_by_role("button", name="Nouveau patient").click()
    request.at("identite")
    page.get_by_label("Nom de naissance").fill("Vautrin")
    page.wait_for_timeout(800)
    page.evaluate(
        """() => new Promise((resolve) => {
             const opening = indexedDB.open('dermavis');
             opening.onsuccess = () => {
               const kept = opening.result.transaction('drafts', 'readwrite');
               kept.objectStore('drafts').put({ id: 'theirs', owner: 'somebody else', at: 1 });
               kept.oncomplete = () => { opening.result.close(); resolve(); };
             };
           })"""
    )
    assert set(kept_on_phone(page)["drafts"]) == {"theirs", request.case_id}
    enter(tablet := open_page("tablet", base_url=server.url), server, who)
    tablet.goto("/account")
    tablet.get_by_text("Perdu ou volé ? Téléphone volé").click()
    tablet.get_by_role("button", name="Oublier et détruire : Téléphone volé").click()
    expect(tablet.get_by_text("Les brouillons qu’il garde seront détruits")).to_be_visible()

    page.goto("/")
    wait_until(lambda: has_answered(server, device_id), 15)
    assert set(kept_on_phone(page)["drafts"]) == {"theirs"}
    tablet.goto("/account")
    expect(tablet.get_by_text("brouillons détruits")).to_be_visible()


def has_answered(server: LiveServer, device_id: UUID) -> bool:
    """Tell whether a device has said that its drafts are gone."""
    with reading(server.system) as work:
        return work.session.get_one(Device, device_id).destroyed_at is not None
