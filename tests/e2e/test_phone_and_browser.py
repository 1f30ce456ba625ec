"""What the browser does for a phone: storage that lasts, a word when the line is back, installing; a draft's end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.e2e.arrivals import assert_arrived_once, wait_on
from tests.e2e.phone_code import state_of
from tests.e2e.phone_database import kept_on_phone
from tests.receivers import wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

    from tests.e2e.guided_request import GuidedRequest
    from tests.fixtures.servers import LiveServer

pytestmark = pytest.mark.e2e

ASKED_TO_LAST = """
  window.askedToLast = 0;
  navigator.storage.persist = async () => { window.askedToLast += 1; return true; };
"""
NOTES_WHAT_IS_SYNCED = """
  window.synced = [];
  const register = SyncManager.prototype.register;
  SyncManager.prototype.register = function (tag) { window.synced.push(tag); return register.call(this, tag); };
"""
OFFERS_TO_INSTALL = """() => {
  const event = new Event('beforeinstallprompt', { cancelable: true });
  event.prompt = async () => { window.prompted = true; };
  dispatchEvent(event);
  return event.defaultPrevented;
}"""


@pytest.mark.long
def test_the_phone_is_asked_to_keep_its_storage_before_a_camera_opens(
    request_on_phone: GuidedRequest,
) -> None:
    request, page = request_on_phone, request_on_phone.page
    page.add_init_script(ASKED_TO_LAST)
    page.goto("/requests/new")
    page.wait_for_selector("body[data-ready]")
    assert page.evaluate("askedToLast") == 0, "nothing is asked of a phone that only looks"
    request.find_none_of_the_signs()
    wait_on(page, lambda: page.evaluate("askedToLast") == 1)


@pytest.mark.long
@pytest.mark.whole_browser
def test_background_sync_wakes_the_page_that_sends_what_waits(
    request_on_phone: GuidedRequest, live_server: LiveServer
) -> None:
    request, page = request_on_phone, request_on_phone.page
    page.goto("/")
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    page.add_init_script(NOTES_WHAT_IS_SYNCED)
    browser = page.context.new_cdp_session(page)
    registrations: list[str] = []
    browser.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: registrations.extend(one["registrationId"] for one in told["registrations"]),
    )
    browser.send("ServiceWorker.enable")
    request.review_kept(live_server.world)
    case_id = request.case_id
    page.context.route("**/api/v1/drafts/**", lambda route: route.abort())
    page.get_by_role("button", name="Envoyer").click()
    expect(page.get_by_role("heading", name="Prête à partir")).to_be_visible()
    wait_on(page, lambda: page.evaluate("synced").count("outbox") == 1)
    tried: list[str] = []

    def note(route: Route) -> None:
        tried.append(route.request.method)
        route.abort()

    page.context.route("**/api/v1/drafts/**", note)
    page.goto("/requests")
    wait_until(lambda: page.wait_for_timeout(50) or tried, 15)  # its own first look is over
    page.context.unroute("**/api/v1/drafts/**")
    wake = {
        "origin": live_server.url,
        "registrationId": registrations[-1],
        "tag": "outbox",
        "lastChance": False,
    }
    browser.send("ServiceWorker.dispatchSyncEvent", wake)
    wait_on(page, lambda: state_of(live_server, case_id) == "submitted", 10)
    assert_arrived_once(live_server, case_id)


@pytest.mark.long
def test_android_is_let_ask_where_people_look_for_it_and_once(gp: Callable[..., Page]) -> None:
    phone = gp()
    phone.goto("/account")
    assert phone.get_by_role("button", name="Installer").count() == 0
    wait_until(lambda: phone.wait_for_timeout(50) or phone.evaluate(OFFERS_TO_INSTALL), 10)
    phone.get_by_role("button", name="Installer").click()
    wait_until(lambda: phone.wait_for_timeout(50) or phone.evaluate("window.prompted === true"), 5)
    expect(phone.get_by_role("button", name="Installer")).to_be_hidden()


def test_a_draft_is_thrown_away_from_the_review_after_a_second_word_and_leaves_nothing(
    request_on_phone: GuidedRequest, live_server: LiveServer
) -> None:
    request, page = request_on_phone, request_on_phone.page
    request.review_kept(live_server.world)
    case_id = request.case_id
    request.rewrite_question("À jeter ?")
    page.evaluate("location.hash = 'relecture'")
    assert case_id in kept_on_phone(page)["drafts"]
    page.get_by_role("button", name="Supprimer ce brouillon").click()
    page.get_by_role("button", name="Garder le brouillon").click()
    assert state_of(live_server, case_id) == "draft"
    page.get_by_role("button", name="Supprimer ce brouillon").click()
    page.get_by_role("button", name="Supprimer", exact=True).click()
    page.wait_for_url(lambda address: case_id not in address)
    assert state_of(live_server, case_id) == "cancelled"
    assert case_id not in kept_on_phone(page)["drafts"]
