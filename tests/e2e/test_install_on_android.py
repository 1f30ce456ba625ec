"""What a phone with Android is told: the browser's own question where it comes, however early, else how to do it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from dermavis.domain.roles import Role
from tests.fixtures.browsers import assert_fits
from tests.signing_in import sign_in_page

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page, Route

    from tests.fixtures.browsers import OpenPage
    from tests.fixtures.servers import LiveServer

pytestmark = pytest.mark.e2e

FIREFOX = "Mozilla/5.0 (Android 15; Mobile; rv:144.0) Gecko/144.0 Firefox/144.0"
PAGES = ("/welcome", "/account", "/notifications/preferences")
STEPS = ("menu ⋮", "« Ajouter à l’écran d’accueil » ou « Installer »", "depuis sa nouvelle icône")
PROMPT = """() => {
  const event = new Event('beforeinstallprompt', { cancelable: true });
  event.prompt = async () => { window.prompted = true; };
  dispatchEvent(event);
  return event.defaultPrevented;
}"""


def signed_in(open_page: OpenPage, server: LiveServer, **options: str) -> Page:
    page = open_page("phone", **options)
    sign_in_page(page, server.system, server.world.who(Role.REQUESTER))
    return page


def test_a_browser_that_does_not_ask_is_told_how(
    open_page: OpenPage, live_server: LiveServer, axe: Callable[[Page], None]
) -> None:
    page = signed_in(open_page, live_server, user_agent=FIREFOX)
    for path in PAGES:
        page.goto(path)
        steps = page.locator("[data-install] ol:visible").get_by_role("listitem")
        expect(steps).to_have_count(len(STEPS))
        for step, words in zip(steps.all(), STEPS, strict=True):
            expect(step).to_contain_text(words)
        assert_fits(page)
    axe(page)


@pytest.mark.long
def test_a_question_that_comes_before_its_module_is_kept_for_the_tap(
    open_page: OpenPage, live_server: LiveServer
) -> None:
    page = signed_in(open_page, live_server, user_agent=FIREFOX)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/js/install.js", hold)
    page.goto("/account", wait_until="domcontentloaded")
    while not held:
        page.wait_for_timeout(50)
    assert page.evaluate(PROMPT), "the browser's own banner is held back"
    held[0].continue_()
    install = page.get_by_role("button", name="Installer", exact=True)
    expect(install).to_be_visible()
    expect(page.locator("[data-install] ol:visible")).to_have_count(0)
    install.click()
    page.wait_for_function("() => window.prompted")
    expect(page.locator("[data-install]")).to_be_hidden()


@pytest.mark.long
def test_a_question_that_comes_late_takes_the_place_of_the_steps(
    open_page: OpenPage, live_server: LiveServer
) -> None:
    page = signed_in(open_page, live_server, user_agent=FIREFOX)
    page.goto("/account")
    expect(page.locator("[data-install] ol:visible")).to_have_count(1)
    page.evaluate(PROMPT)
    expect(page.get_by_role("button", name="Installer", exact=True)).to_be_visible()
    expect(page.locator("[data-install] ol:visible")).to_have_count(0)


def test_a_computer_is_told_nothing_and_a_page_without_the_offer_holds_nothing_back(
    open_page: OpenPage, live_server: LiveServer
) -> None:
    page = signed_in(open_page, live_server)
    page.goto("/account", wait_until="networkidle")
    expect(page.locator("[data-install]")).to_be_hidden()
    page.goto("/requests", wait_until="networkidle")
    assert not page.evaluate(PROMPT)
