"""Two tabs: where the session ends in one, the other shows nobody's patient any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from dermavis.domain.roles import Role
from tests import cases
from tests.e2e.arrivals import sent_fingerprints, wait_on
from tests.e2e.guided_request import READY, GuidedRequest
from tests.e2e.looking import covered
from tests.e2e.phone_database import kept_on_phone
from tests.e2e.test_originals import answer_originals
from tests.signing_in import sign_in_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.fixtures.servers import LiveServer

pytestmark = pytest.mark.e2e

KEY_IN_HAND = (
    "async () => (await import(document.querySelector('link[href$=\"wizard/key.js\"]').href)).inHand()"
)


def sign_out_in_another_tab(page: Page) -> None:
    """Touch « Se déconnecter » on the account's page of another tab."""
    other = page.context.new_page()
    other.goto("/account")
    other.get_by_role("button", name="Se déconnecter").click()
    other.wait_for_url("**/sign-in?out=1")


@pytest.mark.parametrize("reopened", [False, pytest.param(True, marks=pytest.mark.long)])
def test_a_request_closes_over_its_patient_drops_its_key_and_loses_nothing(
    request_on_phone: GuidedRequest, live_server: LiveServer, reopened: bool
) -> None:
    request, page = request_on_phone, request_on_phone.page
    request.begin()
    request.name_patient()
    request.kept()
    page.evaluate("location.hash = 'identite'")
    page.get_by_label("Nom de naissance").fill("Gardé")
    request.kept()
    if reopened:
        page.evaluate("location.hash = 'alerte'")
        request.kept()
        request.reopen(page.url)
        expect(page.locator("#band")).to_contain_text("Gardé")
    assert page.evaluate(KEY_IN_HAND)
    sign_out_in_another_tab(page)
    expect(page.get_by_role("heading", name="Votre session est terminée")).to_be_visible()
    assert covered(page)
    wait_on(page, lambda: not page.evaluate(KEY_IN_HAND))
    sign_in_page(page, live_server.system, live_server.world.who(Role.REQUESTER))
    page.get_by_role("button", name="Se reconnecter").click()
    page.wait_for_selector(READY)
    assert request.case_id in page.url
    expect(page.locator("#band")).to_contain_text("Gardé")


@pytest.mark.long
def test_a_word_of_a_session_that_goes_on_closes_nothing(request_on_phone: GuidedRequest) -> None:
    request, page = request_on_phone, request_on_phone.page
    request.begin()
    other = page.context.new_page()
    other.goto("/requests")
    for told in (page, other):
        with told.expect_response("**/api/v1/device-key") as answered:
            page.evaluate("new BroadcastChannel('dermavis-session').postMessage('ended')")
        assert answered.value.ok
        told.wait_for_timeout(500)
        assert told.locator("dialog").count() == 0
    assert other.url.endswith("/requests")


@pytest.mark.long
def test_any_other_page_is_left_and_what_was_typed_comes_back(phone: Page, live_server: LiveServer) -> None:
    world = live_server.world
    case_id = cases.sent(world)
    sign_in_page(phone, live_server.system, world.who(Role.REQUESTER))
    address = f"/cases/{case_id}"
    phone.goto(address)
    field = phone.locator("#write textarea")
    field.fill("Une question à moitié écrite")
    sign_out_in_another_tab(phone)
    phone.wait_for_url("**/sign-in?next=**")
    sign_in_page(phone, live_server.system, world.who(Role.REQUESTER))
    phone.goto(address)
    expect(field).to_have_value("Une question à moitié écrite")


def test_full_size_pictures_that_have_not_left_outlive_the_key(
    request_on_phone: GuidedRequest, live_server: LiveServer
) -> None:
    request, page = request_on_phone, request_on_phone.page
    answer_originals(page, status=503)
    request.complete()
    case_id = request.case_id
    request.send()
    waiting = kept_on_phone(page)["bytes"]
    assert [name for name in waiting if name.endswith(":original")]
    sign_out_in_another_tab(page)
    wait_on(page, lambda: not page.evaluate(KEY_IN_HAND))
    for _ in range(4):
        page.evaluate("['online', 'focus', 'pageshow'].forEach(name => dispatchEvent(new Event(name)))")
        page.wait_for_timeout(1000)
    assert kept_on_phone(page)["bytes"] == waiting
    page.unroute("**/api/v1/uploads")
    sign_in_page(page, live_server.system, live_server.world.who(Role.REQUESTER))
    page.goto("/requests")
    wait_on(page, lambda: len(sent_fingerprints(live_server, case_id, "original")) == 2, 40)
