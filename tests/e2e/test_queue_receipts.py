"""The queue of a phone on a line that lies: only the receipt of this very request is one, and it leaves once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.arrivals import assert_arrived_once, wait_on
from tests.e2e.guided_request import GuidedRequest
from tests.e2e.phone_code import state_of

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.fixtures.servers import LiveServer

pytestmark = pytest.mark.e2e

PORTAL = "<!doctype html><h1>Bienvenue sur ce Wi-Fi</h1>"
STRANGER = {"format": 1, "receipt": {"id": "019a8d2e-0000-7000-8000-000000000000", "number": "D-1"}}
LOOK = "void dispatchEvent(new Event('online'))"


def answers(**answer: Any) -> Callable[[Route], None]:
    """Answer in the place of the server."""
    return lambda route: route.fulfill(**answer)


LIES = {
    "a captive portal's page": answers(status=200, content_type="text/html", body=PORTAL),
    "an empty answer": answers(status=204, body=""),
    "a portal's redirect": answers(status=302, headers={"Location": "http://portal.invalid/"}, body=""),
    "a receipt of another request": answers(json=STRANGER),
    "a receipt without a number": answers(json={"format": 1, "receipt": {"id": "", "number": ""}}),
    "a server that is broken": answers(status=500, content_type="text/html", body="<h1>500</h1>"),
    "a server that is full": answers(status=503, headers={"Retry-After": "1"}, body=""),
}


@pytest.fixture
def waiting(request_on_phone: GuidedRequest, live_server: LiveServer) -> GuidedRequest:
    """A request in the queue of the phone, whose page was left."""
    request, page = request_on_phone, request_on_phone.page
    request.review_kept(live_server.world)
    page.wait_for_load_state("networkidle")
    page.route("**/api/v1/**", lambda route: route.abort())
    page.get_by_role("button", name="Envoyer").click()
    expect(page.get_by_role("heading", name="Prête à partir")).to_be_visible()
    return request


def is_queued(page: Page) -> bool:
    """Tell whether the phone still means to send something."""
    return page.evaluate("localStorage.getItem('dermavis-outbox')") == "1"


def test_no_lie_of_the_line_is_a_receipt_and_the_request_leaves_once_when_it_is_honest(
    waiting: GuidedRequest, live_server: LiveServer
) -> None:
    page, case_id = waiting.page, waiting.case_id
    told: list[str] = []
    lies = iter(LIES.items())

    def lie(route: Route) -> None:
        name, answer = next(lies, ("", Route.continue_))
        told.append(name)
        answer(route)

    page.goto("/healthz")
    page.unroute("**/api/v1/**")
    page.route("**/send", lie)
    page.goto("/requests")
    for count, name in enumerate(LIES, 1):
        wait_on(page, lambda count=count: page.evaluate(LOOK) or len(told) >= count)  # type: ignore[misc]
        if len(told) == count:
            assert is_queued(page), name
            assert state_of(live_server, case_id) == "draft", name
    wait_on(page, lambda: page.evaluate(LOOK) or state_of(live_server, case_id) == "submitted")
    wait_on(page, lambda: not is_queued(page))
    assert told == [*LIES, ""]
    assert_arrived_once(live_server, case_id)


@pytest.mark.long
def test_a_queue_that_cannot_be_read_just_now_is_not_forgotten(
    waiting: GuidedRequest, live_server: LiveServer
) -> None:
    page, case_id = waiting.page, waiting.case_id
    page.goto("/healthz")
    page.unroute("**/api/v1/**")
    spoilt = page.context.new_page()
    spoilt.add_init_script(
        "IDBFactory.prototype.open = () => { throw new DOMException('', 'UnknownError'); };"
    )
    with spoilt.expect_response("**/api/v1/device-key"):
        spoilt.goto("/requests")
    spoilt.wait_for_load_state("networkidle")
    assert is_queued(spoilt)
    assert state_of(live_server, case_id) == "draft"
    spoilt.close()
    page.goto("/requests")
    wait_on(page, lambda: state_of(live_server, case_id) == "submitted")
    assert_arrived_once(live_server, case_id)
