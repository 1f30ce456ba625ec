"""Answers that never came: a phone knows its own text again, and says what is not in the request that left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.e2e.phone_code import state_of
from tests.receivers import wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

    from tests.e2e.guided_request import GuidedRequest
    from tests.fixtures.servers import LiveServer

SEAL_SLOWLY = """() => {
  const seal = crypto.subtle.encrypt.bind(crypto.subtle);
  crypto.subtle.encrypt = async (...parts) => {
    await new Promise(go => setTimeout(go, 800));
    return seal(...parts);
  };
}"""
IS_WANTED = """id => new Promise(resolve => {
  const opening = indexedDB.open('dermavis');
  opening.onsuccess = () => {
    const row = opening.result.transaction('drafts').objectStore('drafts').get(id);
    row.onsuccess = () => { opening.result.close(); resolve(Boolean(row.result?.wanted)); };
  };
})"""
LEFT_OUT = "Vos derniers changements n’y sont pas"


def lose_answer(route: Route) -> None:
    """The server hears and does what it is asked, and its answer never comes."""
    route.fetch()
    route.abort()


def sending_held(page: Page) -> Route:
    """Touch « Envoyer », and return what was asked of the service: whoever calls lets it go on."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/send", hold, times=1)
    page.get_by_role("button", name="Envoyer").click()
    wait_until(lambda: page.wait_for_timeout(50) or held, 10)
    return held[0]


def test_a_lost_answer_and_a_line_that_stays_down_while_one_types_on_ask_nobody_to_choose_a_text(
    request_on_phone: GuidedRequest, live_server: LiveServer
) -> None:
    request, page = request_on_phone, request_on_phone.page
    request.review_kept(live_server.world)
    drafts = f"**/api/v1/drafts/{request.case_id}"
    came: list[str] = []

    def first_answer_lost_then_no_line(route: Route) -> None:
        came.append(route.request.method)
        if came.count("PUT") == 1:
            lose_answer(route)
        else:
            route.abort()

    page.route(drafts, first_answer_lost_then_no_line)
    for words in ("Une première ?", "Une deuxième ?", "Une troisième ?"):
        before = came.count("PUT")
        request.rewrite_question(words)
        wait_until(lambda before=before: page.wait_for_timeout(50) or came.count("PUT") > before, 15)
    page.unroute(drafts)
    page.reload()
    page.wait_for_selector("body[data-ready]")
    request.rewrite_question("Une quatrième ?")
    wait_until(lambda: page.wait_for_timeout(100) or _held(page, request) == "Une quatrième ?", 20)
    expect(page.locator("dialog")).to_have_count(0)


def test_a_save_that_went_out_as_its_page_was_closed_is_known_again_after_a_correction_without_network(
    request_on_phone: GuidedRequest, live_server: LiveServer
) -> None:
    request, page = request_on_phone, request_on_phone.page
    request.review_kept(live_server.world)
    address, drafts = page.url, f"**/api/v1/drafts/{request.case_id}"
    refused: list[str] = []

    def no_line(route: Route) -> None:
        refused.append(route.request.method)
        route.abort()

    page.route(drafts, no_line)
    request.rewrite_question("Une première ?")
    wait_until(lambda: page.wait_for_timeout(50) or "PUT" in refused, 15)
    page.evaluate(
        "void (crypto.subtle.encrypt = () => new Promise(() => {}))"
    )  # a dying page keeps nothing more
    page.unroute(drafts)
    page.route(drafts, lose_answer)
    page.evaluate("dispatchEvent(new Event('pagehide'))")
    wait_until(lambda: page.wait_for_timeout(50) or _held(page, request) == "Une première ?", 15)
    context = page.context
    page.close()
    request.page = page = context.new_page()
    page.route(drafts, no_line)
    request.reopen(address)
    request.rewrite_question("Une seconde ?")
    page.unroute(drafts)
    page.evaluate("dispatchEvent(new Event('online'))")
    wait_until(lambda: page.wait_for_timeout(100) or _held(page, request) == "Une seconde ?", 20)
    expect(page.locator("dialog")).to_have_count(0)


@pytest.mark.long
def test_the_phone_remembers_envoyer_before_anything_of_it_leaves(
    request_on_phone: GuidedRequest, live_server: LiveServer
) -> None:
    request, page = request_on_phone, request_on_phone.page
    request.review_kept(live_server.world)
    page.evaluate(SEAL_SLOWLY)
    sending = sending_held(page)
    assert page.evaluate(IS_WANTED, request.case_id), "a page that dies now has sent what its phone knows of"
    sending.continue_()
    assert request.receipt()


def _held(page: Page, request: GuidedRequest) -> str:
    return str(page.request.get(f"/api/v1/drafts/{request.case_id}").json()["content"]["question"])


@pytest.mark.long
def test_a_change_after_envoyer_that_came_too_late_is_told_on_the_list_until_its_writer_has_read_it(
    request_on_phone: GuidedRequest, live_server: LiveServer
) -> None:
    request, page = request_on_phone, request_on_phone.page
    request.review_kept(live_server.world)
    context, case_id = page.context, request.case_id

    def nothing_but_the_sending_passes(route: Route) -> None:
        if route.request.url.endswith("/send") and state_of(live_server, case_id) == "draft":
            lose_answer(route)
        else:
            route.abort()

    page.route("**/api/v1/**", nothing_but_the_sending_passes)
    page.get_by_role("button", name="Envoyer").click()
    page.get_by_role("heading", name="Prête à partir").wait_for()
    assert state_of(live_server, case_id) == "submitted"
    page.get_by_role("button", name="Modifier").click()
    request.at("relecture")
    request.rewrite_question("Trop tard ?")
    page.close()
    shown = context.new_page()
    shown.goto("/requests")
    here = shown.locator("#local-drafts")
    expect(here).to_contain_text("partie sans vos derniers changements")
    expect(here).to_contain_text("Trop tard ?")
    shown.reload()
    expect(here).to_contain_text("Trop tard ?")
    here.get_by_role("button", name="Ne plus montrer").click()
    expect(here).to_be_hidden()
    shown.reload()
    expect(here).to_be_hidden()


@pytest.mark.long
def test_what_is_typed_while_the_receipt_is_on_its_way_is_told_beside_the_number(
    request_on_phone: GuidedRequest, live_server: LiveServer
) -> None:
    request, page = request_on_phone, request_on_phone.page
    request.review_kept(live_server.world)
    sending = sending_held(page)
    answer = sending.fetch()
    page.route(f"**/api/v1/drafts/{request.case_id}", lambda route: route.abort())
    request.rewrite_question("Encore une chose ?")
    sending.fulfill(response=answer)
    page.wait_for_selector(".receipt-number")
    expect(page.locator("#main")).to_contain_text(LEFT_OUT)
    expect(page.locator("#main")).to_contain_text("Encore une chose ?")


def test_what_is_changed_while_envoyer_is_on_its_way_does_not_leave_by_itself(
    request_on_phone: GuidedRequest, live_server: LiveServer
) -> None:
    request, page = request_on_phone, request_on_phone.page
    request.review_kept(live_server.world)
    sendings: list[str] = []
    page.on("request", lambda asked: sendings.append(asked.url) if asked.url.endswith("/send") else None)

    sending = sending_held(page)
    request.rewrite_question("Pas encore finie")
    wait_until(lambda: page.wait_for_timeout(100) or _held(page, request) == "Pas encore finie", 20)
    with page.expect_response("**/send") as told:
        sending.continue_()
    assert told.value.status == 412, "it was to leave as it stood before"
    page.wait_for_timeout(1500)
    assert len(sendings) == 1
    assert state_of(live_server, request.case_id) == "draft"
    page.evaluate("location.hash = 'relecture'")
    request.at("relecture")
    request.send()
    assert state_of(live_server, request.case_id) == "submitted"
