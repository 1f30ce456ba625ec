"""What an expert writes is kept: reloads, lost lines, tabs, ended sessions, requests that change."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from dermavis.domain.roles import Role
from dermavis.services import changing
from dermavis.services.work import writing
from tests import cases
from tests.e2e.answering import SAVED, field, fill_in
from tests.signing_in import sign_in_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.fixtures.servers import LiveServer


# What a page says of scripts that a cut network kept from it.
OUTAGES = ("fetching the script", "dynamically imported module")


def test_what_is_written_is_kept_without_a_press_and_survives_a_reload(answering_page: Page) -> None:
    page = answering_page
    fill_in(page, "Présentiel")
    field(page, "destination_delay").fill("sous un mois")
    expect(page.locator("#saving")).to_have_text(SAVED)
    page.wait_for_timeout(1200)
    page.reload()
    expect(field(page, "lesions.0.conduct")).to_have_value("Pas de biopsie.")
    expect(page.get_by_role("radio", name="Présentiel")).to_be_checked()
    expect(field(page, "destination_delay")).to_have_value("sous un mois")


def test_without_a_network_the_text_stays_and_is_kept_later(
    answering_page: Page, page_faults: list[str]
) -> None:
    page = answering_page
    page.context.set_offline(True)
    field(page, "lesions.0.conduct").fill("Écrit sans réseau.")
    expect(page.locator("#saving")).to_contain_text("Hors connexion")
    page.context.set_offline(False)
    expect(page.locator("#saving")).to_have_text(SAVED)
    page.reload()
    expect(field(page, "lesions.0.conduct")).to_have_value("Écrit sans réseau.")
    page_faults[:] = [fault for fault in page_faults if not any(outage in fault for outage in OUTAGES)]


def test_a_second_tab_is_told_and_keeps_its_own_text(
    expert: Callable[..., Page], live_server: LiveServer, page_faults: list[str]
) -> None:
    page = expert()
    page.goto(f"/cases/{cases.claimed(live_server.world)}")
    other = page.context.new_page()
    other.goto(page.url)
    field(page, "lesions.0.conduct").fill("Du premier onglet.")
    expect(page.locator("#saving")).to_have_text(SAVED)
    field(page, "lesions.0.diagnosis").fill("Kératose")
    expect(page.locator("#saving")).to_have_text(SAVED)
    field(other, "lesions.0.conduct").fill("Du second onglet.")
    told = other.locator("#opinion-conflict")
    expect(told).to_contain_text("Modifié sur un autre appareil par Dr Camille Expert à")
    expect(field(other, "lesions.0.conduct")).to_have_value("Du second onglet.")
    told.get_by_role("button", name="Comparer et choisir").click()
    sheet = other.get_by_role("dialog")
    for words in ("Du premier onglet.", "Du second onglet.", "Kératose"):
        expect(sheet).to_contain_text(words)
    sheet.get_by_role("button", name="Continuer avec ces choix").click()
    expect(other.locator("#saving")).to_have_text(SAVED)
    page.reload()
    expect(field(page, "lesions.0.conduct")).to_have_value("Du second onglet.")
    expect(field(page, "lesions.0.diagnosis")).to_have_value("Kératose")
    page_faults.clear()


def test_a_session_that_ended_gives_the_text_back_after_the_sign_in(
    expert: Callable[..., Page], live_server: LiveServer
) -> None:
    page = expert()
    page.goto(f"/cases/{cases.claimed(live_server.world)}")
    here = page.url
    page.context.clear_cookies(name="dermavis")
    field(page, "lesions.0.conduct").fill("Écrit trop tard.")
    page.wait_for_url("**/sign-in**")
    sign_in_page(page, live_server.system, live_server.world.who(Role.EXPERT))
    page.goto(here)
    expect(field(page, "lesions.0.conduct")).to_have_value("Écrit trop tard.")


def test_a_request_completed_meanwhile_comes_back_with_all_that_was_typed_and_is_then_signed(
    expert: Callable[..., Page], live_server: LiveServer, page_faults: list[str]
) -> None:
    case_id = cases.claimed(live_server.world)
    page = expert()
    page.goto(f"/cases/{case_id}")
    with writing(live_server.system, live_server.world.actor(Role.REQUESTER)) as work:
        changing.complete(work, case_id, {"question": "Et sous anticoagulant ?"}, 1)
    fill_in(page)
    page.get_by_role("button", name="Signer", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("complétée entre-temps")
    expect(page.locator("main")).to_contain_text("Et sous anticoagulant ?")
    expect(field(page, "lesions.0.conduct")).to_have_value("Pas de biopsie.")
    page.get_by_role("button", name="Signer", exact=True).click()
    expect(page.locator(".toast")).to_contain_text("Avis signé")
    page_faults[:] = [fault for fault in page_faults if "409" not in fault]
