"""How far a request and its pictures have come is told in figures, and read out to nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.e2e.arrivals import wait_on
from tests.e2e.phone_code import state_of
from tests.e2e.test_originals import is_original

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

    from tests.e2e.guided_request import GuidedRequest
    from tests.fixtures.servers import LiveServer

pytestmark = pytest.mark.e2e

NOT_READ_OUT = "line => !line.closest('[aria-live], [role=status], [role=alert], output, progress')"


def test_a_request_that_leaves_from_the_list_says_which_picture_is_on_its_way(
    request_on_phone: GuidedRequest, live_server: LiveServer
) -> None:
    request, page = request_on_phone, request_on_phone.page
    page.route("**/api/v1/uploads", lambda route: route.abort())
    request.complete()
    case_id = request.case_id
    page.route("**/api/v1/**", lambda route: route.abort())
    page.get_by_role("button", name="Envoyer").click()
    expect(page.get_by_role("heading", name="Prête à partir")).to_be_visible()
    page.goto("/healthz")
    page.unroute_all()
    held = hold_second_picture(page)

    page.goto("/requests")
    row = page.locator("#local-drafts .case-row")
    expect(row).to_contain_text("Envoi en cours, photo 2 sur 2, 0\u00a0%")
    assert row.locator("p").evaluate(NOT_READ_OUT)
    held.pop().abort()
    page.unroute("**/api/v1/uploads/*")
    wait_on(
        page,
        lambda: (
            page.evaluate("dispatchEvent(new Event('online'))")
            and state_of(live_server, case_id) == "submitted"
        ),
    )
    expect(row).to_be_hidden()


def hold_second_picture(page: Page) -> list[Route]:
    """Let the first picture pass, and nothing of the second."""
    held: list[Route] = []
    passed: list[Route] = []

    def handle(route: Route) -> None:
        if route.request.method != "PATCH" or passed:
            held.append(route)
        else:
            passed.append(route)
            route.continue_()

    page.route("**/api/v1/uploads/*", handle)
    return held


@pytest.mark.long
def test_the_receipt_counts_the_full_size_pictures_that_have_left(request_on_phone: GuidedRequest) -> None:
    request, page = request_on_phone, request_on_phone.page
    held: list[Route] = []

    def hold_originals(route: Route) -> None:
        if is_original(route.request.headers.get("upload-metadata")):
            held.append(route)
        else:
            route.continue_()

    page.route("**/api/v1/uploads", hold_originals)
    request.complete()
    request.send()
    told = page.get_by_text("Photos en plein format")
    for gone in (0, 1):
        expect(told).to_contain_text(f"{gone} sur 2 parties")
        assert told.evaluate(NOT_READ_OUT)
        wait_on(page, lambda: held)
        held.pop().continue_()
    expect(told).to_have_count(0)
