"""A phone's database that is old, blocked, silent, dying or newer than its page: it works or says so, nothing lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.e2e.arrivals import assert_arrived_once, wait_on
from tests.e2e.guided_request import READY, GuidedRequest
from tests.e2e.phone_database import BACK_TO_ONE, DYING, RAISE, SILENT, kept_on_phone

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.fixtures.servers import LiveServer

pytestmark = pytest.mark.e2e

SOON = 5000
"""Milliseconds within which a person is told."""

BARE = "/healthz"
"""An address of the same origin whose page opens no database."""


def bare_tab(page: Page) -> Page:
    """Open a tab of the same phone that runs nothing."""
    tab = page.context.new_page()
    tab.goto(BARE)
    return tab


def begin_on_this_phone_alone(request: GuidedRequest, name: str = "Vautrin") -> None:
    """Name a patient who has not agreed yet: only the phone holds it."""
    request.begin()
    request.identify(name, "12/03/1958")


def trouble(page: Page, words: str) -> None:
    """Wait for these words above the question."""
    expect(page.locator("#trouble")).to_contain_text(words, timeout=SOON)


def test_a_database_of_the_earlier_version_is_upgraded_with_a_draft_and_its_picture(
    request_on_phone: GuidedRequest, live_server: LiveServer
) -> None:
    request, page = request_on_phone, request_on_phone.page
    page.route("**/api/v1/uploads", lambda route: route.abort())
    request.begin()
    request.name_patient("Vautrin", "12/03/1958")
    request.describe_lesion()
    request.photograph()
    expect(page.locator("#main .tag")).to_contain_text("partira avec le réseau")
    address = page.url
    tab = bare_tab(page)
    page.goto("about:blank")
    before = kept_on_phone(tab)
    tab.evaluate(BACK_TO_ONE)
    assert "facts" not in kept_on_phone(tab)
    tab.close()

    page.unroute("**/api/v1/uploads")
    request.reopen(address)
    expect(page.locator("#band")).to_contain_text("Vautrin")
    page.wait_for_selector("#main .tag.ok")
    kept = kept_on_phone(page)
    assert kept["drafts"] == before["drafts"] == [request.case_id]
    assert kept["pictures"] == before["pictures"]
    assert kept["facts"] is not None
    assert request.picture_states() == ["verified"]


@pytest.mark.long
def test_an_upgrade_that_an_old_tab_blocks_says_so_and_goes_on_when_the_tab_is_closed(
    request_on_phone: GuidedRequest,
) -> None:
    request, page = request_on_phone, request_on_phone.page
    begin_on_this_phone_alone(request)
    address = page.url
    tab = bare_tab(page)
    page.goto("about:blank")
    tab.evaluate(BACK_TO_ONE)

    page.goto(address.split("#")[0])
    trouble(page, "Une ancienne page DermAvis est encore ouverte")
    new = GuidedRequest(page, request.folder)
    begin_on_this_phone_alone(new, "Rastignac")
    trouble(page, "Fermez les autres pages de DermAvis")
    new_id = new.case_id
    tab.close()
    expect(page.locator("#trouble")).to_be_hidden()
    page.goto(address.split("#")[0])
    page.wait_for_selector(READY)
    expect(page.locator("#band")).to_contain_text("Vautrin")
    assert set(kept_on_phone(page)["drafts"]) == {request.case_id, new_id}


@pytest.mark.long
def test_a_database_that_says_nothing_is_told_and_what_was_typed_is_kept_when_it_speaks(
    request_on_phone: GuidedRequest,
) -> None:
    request, page = request_on_phone, request_on_phone.page
    page.add_init_script(SILENT)
    begin_on_this_phone_alone(request)
    trouble(page, "La mémoire de ce téléphone ne répond pas")
    page.evaluate("speakAtLast()")
    expect(page.locator("#trouble")).to_be_hidden()
    assert kept_on_phone(page)["drafts"] == [request.case_id]


@pytest.mark.long
def test_a_request_is_sent_from_a_phone_whose_database_never_speaks(
    request_on_phone: GuidedRequest, live_server: LiveServer
) -> None:
    request, page = request_on_phone, request_on_phone.page
    page.add_init_script(SILENT)
    request.review_kept(live_server.world)
    trouble(page, "La mémoire de ce téléphone ne répond pas")
    assert request.send() == assert_arrived_once(live_server, request.case_id)


@pytest.mark.long
def test_a_draft_that_cannot_be_read_just_now_is_not_told_to_be_lost(
    request_on_phone: GuidedRequest,
) -> None:
    request, page = request_on_phone, request_on_phone.page
    begin_on_this_phone_alone(request)
    address = page.url
    page.goto("/requests")
    expect(page.locator("#local-drafts")).to_contain_text("Vautrin")
    page.add_init_script(SILENT)
    page.goto("/requests")
    expect(page.locator("#local-drafts")).to_contain_text("n’est pas perdu", timeout=SOON)
    assert page.evaluate("localStorage.getItem('dermavis-here')") == "1"
    page.goto(address)
    trouble(page, "La mémoire de ce téléphone ne répond pas")


def test_a_connection_that_dies_is_opened_again_and_keeps_what_is_typed(
    request_on_phone: GuidedRequest,
) -> None:
    request, page = request_on_phone, request_on_phone.page
    page.add_init_script(DYING)
    begin_on_this_phone_alone(request)
    assert page.evaluate("window.died")
    wait_on(page, lambda: kept_on_phone(page)["drafts"] == [request.case_id])
    expect(page.locator("#trouble")).to_be_hidden()


@pytest.mark.long
def test_a_page_older_than_its_database_asks_to_be_loaded_again_and_goes_on_keeping(
    request_on_phone: GuidedRequest,
) -> None:
    request, page = request_on_phone, request_on_phone.page
    begin_on_this_phone_alone(request)
    bare_tab(page).evaluate(RAISE)
    page.go_back()
    request.at("coordonnees")
    page.go_back()
    request.at("identite")
    page.get_by_label("Nom de naissance").fill("Rastignac")
    trouble(page, "Rechargez cette page")
    page.reload()
    page.wait_for_selector(READY)
    expect(page.locator("#band")).to_contain_text("Rastignac")
    new = GuidedRequest(page.context.new_page(), request.folder)
    begin_on_this_phone_alone(new, "Goriot")
    assert set(kept_on_phone(new.page)["drafts"]) == {request.case_id, new.case_id}
