"""Full-size pictures: they leave once the request has its receipt; one that does not arrive is not lost in silence."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.e2e.arrivals import sent_fingerprints, wait_on

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

    from tests.e2e.guided_request import GuidedRequest
    from tests.fixtures.servers import LiveServer

pytestmark = pytest.mark.e2e

ORIGINAL = "role " + b64encode(b"original").decode()


def is_original(metadata: str | None) -> bool:
    return ORIGINAL in (metadata or "")


def answer_originals(page: Page, **answer: Any) -> None:
    """Answer so whoever creates the upload of an original."""

    def handle(route: Route) -> None:
        if is_original(route.request.headers.get("upload-metadata")):
            route.fulfill(**answer)
        else:
            route.continue_()

    page.route("**/api/v1/uploads", handle)


def test_originals_wait_for_the_receipt(request_on_phone: GuidedRequest, live_server: LiveServer) -> None:
    request, page = request_on_phone, request_on_phone.page
    seen: list[str] = []

    def note(asked: Any) -> None:
        if asked.url.endswith("/send"):
            seen.append("sent")
        if asked.method == "POST" and asked.url.endswith("/uploads"):
            seen.append("original" if is_original(asked.headers.get("upload-metadata")) else "diagnostic")

    page.on("request", note)
    request.complete()
    case_id = request.case_id
    wait_on(page, lambda: len(sent_fingerprints(live_server, case_id)) == 2)
    request.send()
    wait_on(page, lambda: len(sent_fingerprints(live_server, case_id, "original")) == 2)
    assert seen == ["diagnostic", "diagnostic", "sent", "original", "original"]


@pytest.mark.long
def test_a_page_of_somebody_on_the_line_is_no_refusal_of_an_original(
    request_on_phone: GuidedRequest, live_server: LiveServer
) -> None:
    request, page = request_on_phone, request_on_phone.page
    answer_originals(page, status=403, content_type="text/html", body="<h1>Proxy</h1>")
    request.complete()
    case_id = request.case_id
    request.send()
    page.wait_for_timeout(1500)
    assert sent_fingerprints(live_server, case_id, "original") == {}
    page.unroute("**/api/v1/uploads")
    page.goto("/requests")
    wait_on(page, lambda: len(sent_fingerprints(live_server, case_id, "original")) == 2, 40)


def test_an_original_that_the_server_refuses_is_told_until_it_was_read(
    request_on_phone: GuidedRequest,
) -> None:
    request, page = request_on_phone, request_on_phone.page
    body = '{"format": 1, "message": "Cette photo dépasse 25 Mo."}'
    answer_originals(
        page, status=413, content_type="application/json", headers={"Tus-Resumable": "1.0.0"}, body=body
    )
    request.complete()
    request.send()
    page.wait_for_function("() => localStorage.getItem('dermavis-here') === '1'")
    page.goto("/requests")
    expect(page.get_by_text("partie sans une photo en plein format")).to_be_visible()
    expect(page.get_by_text("Cette photo dépasse 25 Mo.")).to_have_count(2)
    page.get_by_role("button", name="Ne plus montrer").click()
    expect(page.get_by_text("partie sans une photo en plein format")).to_be_hidden()
