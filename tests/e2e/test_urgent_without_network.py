"""An urgency where the service cannot be asked: the telephone is shown, and nothing is said of who is on call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.arrivals import wait_on
from tests.e2e.guided_request import GuidedRequest
from tests.e2e.phone_code import state_of
from tests.e2e.phone_database import kept_on_phone

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Locator

    from tests.fixtures.servers import LiveServer

pytestmark = [pytest.mark.e2e, pytest.mark.whole_browser]

SECONDS = 8_000
ON_CALL = "tel:0385000015"


def assert_telephones(place: Locator, *numbers: str) -> None:
    """These numbers are links in that order, and nobody is said to be on call, or not to be."""
    for at, number in enumerate(numbers):
        expect(place.locator("a[href^='tel:']").nth(at)).to_have_attribute("href", number)
    assert "de garde" not in place.inner_text()


def test_without_network_an_urgency_is_telephoned_to_the_numbers_that_were_kept(
    request_on_phone: GuidedRequest, live_server: LiveServer
) -> None:
    request, page = request_on_phone, request_on_phone.page
    page.route("**/api/v1/addressing?*", lambda route: route.abort())
    request.review_kept(live_server.world)
    wait_on(page, lambda: len(kept_on_phone(page)["facts"]) == 2)
    page.evaluate("location.hash = 'destinataire'")
    said = page.get_by_text("Une urgence se téléphone")
    expect(said).to_contain_text("03 85 00 00 15")
    assert_telephones(said, ON_CALL, "tel:15")
    expect(page.get_by_label("Urgente")).to_have_count(0)
    expect(page.get_by_text("de garde")).to_have_count(0)


@pytest.mark.long
def test_where_no_number_was_kept_it_is_the_centres_or_the_15(
    request_on_phone: GuidedRequest, live_server: LiveServer
) -> None:
    request, page = request_on_phone, request_on_phone.page
    page.route("**/api/v1/addressing**", lambda route: route.abort())
    page.route("**/api/v1/addressing/**", lambda route: route.abort())
    request.review_kept(live_server.world)
    page.evaluate("location.hash = 'destinataire'")
    said = page.get_by_text("Une urgence se téléphone")
    expect(said).to_contain_text("votre centre")
    assert_telephones(said, "tel:15")


def test_an_urgent_request_on_a_silent_line_shows_the_telephone_within_seconds_and_goes_on(
    kept_phone: Page, server: LiveServer, tmp_path: Path
) -> None:
    page, request = kept_phone, GuidedRequest(kept_phone, tmp_path)
    request.review_kept(server.world, urgency="urgent")
    page.wait_for_load_state("networkidle")
    case_id, meanwhile = request.case_id, page.locator("#call-meanwhile")
    with server.silent():
        page.get_by_role("button", name="Envoyer").click()
        expect(meanwhile).to_be_visible(timeout=SECONDS)
        expect(meanwhile).to_contain_text("N’attendez pas")
        assert_telephones(meanwhile, ON_CALL, "tel:15")
    request.receipt()
    assert state_of(server, case_id) == "submitted"


@pytest.mark.long
def test_an_urgent_request_that_could_not_leave_gives_numbers_to_touch(
    kept_phone: Page, server: LiveServer, tmp_path: Path
) -> None:
    page, request = kept_phone, GuidedRequest(kept_phone, tmp_path)
    request.review_kept(server.world, urgency="urgent")
    page.wait_for_load_state("networkidle")
    server.stop("web")
    page.get_by_role("button", name="Envoyer").click()
    expect(page.locator("#lacks")).to_contain_text("une urgence se téléphone")
    assert_telephones(page.locator("#lacks"), ON_CALL, "tel:15")
    expect(page.locator("#call-meanwhile")).to_be_hidden()
