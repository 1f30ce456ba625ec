"""A request in the queue is corrected in another window, or its browser is killed: what was written last leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.e2e.arrivals import assert_arrived_once, wait_on
from tests.e2e.guided_request import GuidedRequest
from tests.e2e.looking import looked_at
from tests.e2e.phone_code import state_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import APIResponse, Page, Route

    from tests.fixtures.servers import LiveServer

pytestmark = pytest.mark.e2e

WRITING = "**/api/v1/drafts/**"
LOOK = "void dispatchEvent(new Event('online'))"


def wait_for_line(request: GuidedRequest) -> None:
    """Press Envoyer while nothing can be written."""
    request.page.evaluate("location.hash = 'relecture'")
    request.page.get_by_role("button", name="Envoyer").click()
    expect(request.page.get_by_role("heading", name="Prête à partir")).to_be_visible()


def test_what_another_window_corrected_leaves_and_the_older_text_of_the_queue_does_not(
    request_on_phone: GuidedRequest, live_server: LiveServer
) -> None:
    request, page, context = request_on_phone, request_on_phone.page, request_on_phone.page.context
    refused: list[Page] = []

    def write_nothing(route: Route) -> None:
        if route.request.method == "GET":
            route.continue_()
        else:
            refused.append(route.request.frame.page)
            route.abort()

    request.review_kept(live_server.world)
    case_id, address = request.case_id, page.url
    context.route(WRITING, write_nothing)
    request.rewrite_question("Une première question ?")
    wait_for_line(request)
    page.goto("/requests")
    wait_on(page, lambda: page.evaluate(LOOK) or page in refused[-1:])

    other = GuidedRequest(context.new_page(), request.folder)
    other.reopen(address)
    other.page.get_by_role("button", name="Modifier").click()
    other.at("relecture")
    other.rewrite_question("La question corrigée ?")
    wait_for_line(other)
    other.page.close()

    context.unroute(WRITING)
    written: list[str] = []
    page.on("request", lambda sent: written.append(sent.post_data or "") if sent.method == "PUT" else None)
    wait_on(page, lambda: page.evaluate(LOOK) or state_of(live_server, case_id) == "submitted", 40)
    assert_arrived_once(live_server, case_id)
    assert written
    assert all("La question corrigée" in text for text in written)


def test_words_of_a_window_that_was_closed_are_told_by_the_one_whose_sending_went_on(
    request_on_phone: GuidedRequest, live_server: LiveServer
) -> None:
    request, page, context = request_on_phone, request_on_phone.page, request_on_phone.page.context
    held: list[tuple[Route, APIResponse]] = []

    def hold_the_first_answer(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append((route, route.fetch()))

    request.review_kept(live_server.world)
    case_id, address = request.case_id, page.url
    request.rewrite_question("Une première question ?")
    other = GuidedRequest(context.new_page(), request.folder)
    other.reopen(address)
    other.page.evaluate("location.hash = 'relecture'")
    context.route("**/send", hold_the_first_answer)
    page.evaluate("location.hash = 'relecture'")
    page.get_by_role("button", name="Envoyer").click()
    wait_on(page, lambda: state_of(live_server, case_id) == "submitted")
    other.page.get_by_role("button", name="Modifier").click()
    other.at("relecture")
    context.route(WRITING, lambda route: route.abort() if route.request.method == "PUT" else route.fallback())
    other.rewrite_question("La question corrigée ?")
    other.page.close()
    [(route, answer)] = held
    route.fulfill(response=answer)

    expect(page.locator("#main")).to_contain_text("Vos derniers changements n’y sont pas")
    expect(page.locator("#main")).to_contain_text("La question corrigée")
    page.goto("/requests")
    expect(page.locator("#local-drafts")).to_contain_text("La question corrigée")


def test_a_request_leaves_from_the_window_that_stays_open_when_the_one_that_sent_it_is_closed(
    request_on_phone: GuidedRequest, live_server: LiveServer, axe: Callable[..., object]
) -> None:
    request, page, context = request_on_phone, request_on_phone.page, request_on_phone.page.context
    request.review_kept(live_server.world)
    case_id, address = request.case_id, page.url
    other = GuidedRequest(context.new_page(), request.folder)
    other.reopen(address)
    other.at("relecture")
    context.route(WRITING, lambda route: route.abort())
    other.rewrite_question("La question de l’autre fenêtre ?")
    wait_for_line(other)
    expect(page.get_by_role("heading", name="Prête à partir")).to_be_visible()
    other.page.get_by_role("button", name="Modifier").click()
    expect(page.get_by_role("heading", name="Prête à partir")).to_be_hidden()
    wait_for_line(other)
    expect(page.get_by_role("heading", name="Prête à partir")).to_be_visible()
    looked_at(page, axe, "waits-in-the-other-window")
    other.page.close()
    written: list[str] = []
    page.on("request", lambda sent: written.append(sent.post_data or "") if sent.method == "PUT" else None)
    context.unroute(WRITING)
    wait_on(page, lambda: page.evaluate(LOOK) or state_of(live_server, case_id) == "submitted", 40)
    assert_arrived_once(live_server, case_id)
    assert written
    assert all("La question de l’autre fenêtre" in text for text in written), (
        "what lay in the closed one alone"
    )
    expect(page.locator(".receipt-number")).to_be_visible()


@pytest.mark.long
def test_a_request_in_the_queue_leaves_although_a_killed_browser_forgot_that_one_waits(
    request_on_phone: GuidedRequest, live_server: LiveServer
) -> None:
    request, page, context = request_on_phone, request_on_phone.page, request_on_phone.page.context
    request.review_kept(live_server.world)
    case_id = request.case_id
    context.route(WRITING, lambda route: route.abort())
    wait_for_line(request)
    page.evaluate("localStorage.clear()")  # of what it had not written to the disk yet
    page.close()
    context.unroute(WRITING)
    shown = context.new_page()
    shown.goto("/requests")
    wait_on(shown, lambda: state_of(live_server, case_id) == "submitted", 20)
    assert_arrived_once(live_server, case_id)
