"""Reading without network: what a device keeps as a choice, opened by its code, with its date."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import TimeoutError as NoAnswer
from playwright.sync_api import expect

from dermavis.domain.roles import Role
from tests import cases
from tests.e2e.arrivals import wait_on
from tests.e2e.looking import looked_at
from tests.e2e.phone_code import CODE, choose_code, enter, type_code
from tests.e2e.phone_database import kept_on_phone
from tests.pictured_cases import claimed_with_pictures

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.fixtures.browsers import OpenPage
    from tests.fixtures.servers import LiveServer

pytestmark = [pytest.mark.e2e, pytest.mark.whole_browser]

COPIED = re.compile(r"^(Une copie, faite le|Aucune copie pour l’instant)")


def keep_cases(page: Page) -> None:
    """Choose the device's code, then have it keep cases."""
    choose_code(page)
    page.get_by_label("Garder ici").check()
    expect(page.locator("[data-kept-told]")).to_have_text(COPIED)


def rest(page: Page) -> None:
    """Let the key that was opened be forgotten."""
    page.evaluate("() => navigator.serviceWorker.controller.postMessage({ type: 'drop-key' })")


@pytest.mark.long
def test_a_requester_reads_their_opinions_without_network(
    kept_phone: Page, server: LiveServer, axe: Callable[..., None]
) -> None:
    page = kept_phone
    case_id, waiting = cases.answered(server.world), cases.claimed(server.world)
    number = cases.number_of(server.system, case_id)
    keep_cases(page)
    looked_at(page, axe, "kept-choice")
    server.stop("web")
    page.goto(f"/cases/{case_id}")
    type_code(page, CODE)
    expect(page.get_by_text("Copie gardée sur cet appareil", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name="Diagnostic")).to_be_visible()
    expect(page.get_by_role("heading", name=f"Votre demande {number}")).to_be_visible()
    looked_at(page, axe, "kept-opinion")
    page.goto(f"/cases/{waiting}")
    expect(page.get_by_text("Cette demande n’est pas gardée sur cet appareil.")).to_be_visible()
    page.goto("/notifications")
    looked_at(page, axe, "kept-list")
    page.get_by_role("link", name="Vautrin").click()
    expect(page.get_by_role("heading", name="Diagnostic")).to_be_visible()


def test_an_expert_reads_what_they_have_taken_with_its_whole_pictures(
    server: LiveServer, open_page: OpenPage, axe: Callable[..., None]
) -> None:
    page = open_page("tablet", base_url=server.url)
    case_id = claimed_with_pictures(server.world)
    enter(page, server, server.world.who(Role.EXPERT))
    page.goto("/")
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    keep_cases(page)
    server.stop("web")
    rest(page)
    page.goto(f"/cases/{case_id}")
    type_code(page, CODE)
    expect(page.get_by_role("heading", name="Téléphones")).to_be_visible()
    looked_at(page, axe, "kept-case")
    page.get_by_role("link", name="voir en grand").first.click()
    shown = page.locator("dialog.viewer[open] .zoomed img")
    expect(shown).to_be_visible()
    page.wait_for_function(
        "() => document.querySelector('dialog.viewer[open] .zoomed img').naturalWidth > 1000"
    )


@pytest.mark.long
def test_a_line_that_answers_nothing_gives_way_to_the_copy_and_to_nothing_else(
    kept_phone: Page, server: LiveServer
) -> None:
    page = kept_phone
    kept, other = cases.answered(server.world), cases.claimed(server.world)
    keep_cases(page)
    with server.silent():
        page.goto(f"/cases/{kept}")
        type_code(page, CODE)
        expect(page.get_by_text("Copie gardée sur cet appareil", exact=True)).to_be_visible()
    page.get_by_role("button", name="Réessayer avec le réseau").click()
    expect(page.get_by_role("link", name="PDF")).to_be_visible()
    expect(page.get_by_text("Copie gardée sur cet appareil", exact=True)).to_have_count(0)
    with server.silent(), pytest.raises(NoAnswer):
        page.goto(f"/cases/{other}", timeout=6000)


def test_copies_go_with_the_choice_with_the_code_and_with_their_owner(
    kept_phone: Page, server: LiveServer
) -> None:
    page = kept_phone
    cases.answered(server.world)
    keep_cases(page)
    assert len(kept_on_phone(page)["cases"]) == 1
    page.get_by_label("Garder ici").uncheck()
    expect(page.get_by_text("Les copies sont effacées")).to_be_visible()
    assert len(kept_on_phone(page)["cases"]) == 0
    page.get_by_label("Garder ici").check()
    expect(page.locator("[data-kept-told]")).to_have_text(COPIED)
    page.get_by_role("button", name="Se déconnecter").click()
    page.wait_for_url("**/sign-in**")
    page.wait_for_function("() => localStorage.getItem('dermavis-cases') === null")
    assert len(kept_on_phone(page)["cases"]) == 0


@pytest.mark.long
def test_what_is_new_is_copied_by_any_page_and_what_has_left_the_list_goes(
    kept_phone: Page, server: LiveServer
) -> None:
    page = kept_phone
    keep_cases(page)
    assert len(kept_on_phone(page)["cases"]) == 0
    case_id = cases.answered(server.world)
    page.evaluate("() => localStorage.setItem('dermavis-cases', '1')")
    page.goto("/requests")
    wait_on(page, lambda: len(kept_on_phone(page)["cases"]) == 1)
    cases.in_error(server.world, case_id)
    page.evaluate("() => localStorage.setItem('dermavis-cases', '1')")
    page.goto("/requests")
    wait_on(page, lambda: len(kept_on_phone(page)["cases"]) == 0)
