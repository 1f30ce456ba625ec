"""Two tabs: where the session ends in one, the other shows nobody's patient any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from dermavis.domain.roles import Role
from tests import cases
from tests.e2e.guided_request import READY, GuidedRequest
from tests.e2e.looking import covered
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


@pytest.mark.parametrize("reopened", [False, True])
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
    page.wait_for_function(f"async () => !(await ({KEY_IN_HAND})())")
    sign_in_page(page, live_server.system, live_server.world.who(Role.REQUESTER))
    page.get_by_role("button", name="Se reconnecter").click()
    page.wait_for_selector(READY)
    assert request.case_id in page.url
    expect(page.locator("#band")).to_contain_text("Gardé")


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
