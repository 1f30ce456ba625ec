"""Requests that wait on a phone: they leave by themselves, once, unless their writer takes them back."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.e2e.arrivals import assert_arrived_once
from tests.e2e.guided_request import READY, GuidedRequest
from tests.e2e.phone_code import state_of
from tests.receivers import wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.fixtures.servers import LiveServer

pytestmark = [pytest.mark.e2e, pytest.mark.whole_browser]


def send_without_line(page: Page, server: LiveServer) -> None:
    """Stop the server, press Envoyer, and see that the request waits."""
    server.stop("web")
    page.get_by_role("button", name="Envoyer").click()
    expect(page.get_by_role("heading", name="Prête à partir")).to_be_visible()


def test_a_request_that_waits_leaves_from_the_next_page_that_is_opened(
    kept_phone: Page, server: LiveServer, tmp_path: Path
) -> None:
    page, request = kept_phone, GuidedRequest(kept_phone, tmp_path)
    request.review_kept(server.world)
    case_id = request.case_id
    send_without_line(page, server)
    page.goto("about:blank")
    server.start("web")
    page.goto("/requests")
    wait_until(lambda: state_of(server, case_id) == "submitted", 30)
    page.wait_for_function("() => localStorage.getItem('dermavis-outbox') === null")


@pytest.mark.long
def test_what_waits_is_taken_back_by_changing_it(
    kept_phone: Page, server: LiveServer, tmp_path: Path
) -> None:
    page, request = kept_phone, GuidedRequest(kept_phone, tmp_path)
    request.review_kept(server.world)
    case_id = request.case_id
    server.stop("web")
    page.get_by_role("button", name="Envoyer").click()
    page.get_by_role("button", name="Modifier").click()
    request.at("relecture")
    server.start("web")
    page.goto("/requests")
    page.wait_for_timeout(3000)
    assert state_of(server, case_id) == "draft"
    page.goto(f"/requests/{case_id}#relecture")
    page.wait_for_selector(READY)
    request.send()
    assert state_of(server, case_id) == "submitted"


def test_one_that_the_server_refuses_says_why_and_lets_the_others_leave(
    kept_phone: Page, server: LiveServer, tmp_path: Path
) -> None:
    page, request = kept_phone, GuidedRequest(kept_phone, tmp_path)
    waiting = []
    for changes in ({"history": {}}, {}):
        request.review_kept(server.world, **changes)
        waiting.append(request.case_id)
        send_without_line(page, server)
        page.goto("about:blank")
        server.start("web")
    page.goto("/requests")
    wait_until(lambda: state_of(server, waiting[1]) == "submitted", 30)
    expect(page.locator("#local-drafts")).to_contain_text("À reprendre")
    assert state_of(server, waiting[0]) == "draft"


@pytest.mark.long
def test_back_from_what_waits_takes_it_back(kept_phone: Page, server: LiveServer, tmp_path: Path) -> None:
    page, request = kept_phone, GuidedRequest(kept_phone, tmp_path)
    request.review_kept(server.world)
    case_id = request.case_id
    send_without_line(page, server)
    page.go_back()
    request.at("relecture")
    server.start("web")
    page.wait_for_timeout(4000)
    assert state_of(server, case_id) == "draft"
    request.send()


@pytest.mark.long
def test_a_refusal_that_comes_once_the_line_is_back_is_told_on_the_open_page(
    kept_phone: Page, server: LiveServer, tmp_path: Path
) -> None:
    page, request = kept_phone, GuidedRequest(kept_phone, tmp_path)
    request.review_kept(server.world, history={})
    send_without_line(page, server)
    server.start("web")
    expect(page.get_by_role("heading", name="Relire et envoyer")).to_be_visible(timeout=30_000)
    expect(page.locator("#lacks")).to_contain_text("Il manque")


def test_an_urgent_request_is_never_queued_and_shows_the_telephone(
    kept_phone: Page, server: LiveServer, tmp_path: Path
) -> None:
    page, request = kept_phone, GuidedRequest(kept_phone, tmp_path)
    request.review_kept(server.world, urgency="urgent")
    case_id = request.case_id
    server.stop("web")
    page.get_by_role("button", name="Envoyer").click()
    expect(page.locator("#lacks")).to_contain_text("une urgence se téléphone")
    page.goto("about:blank")
    server.start("web")
    page.goto("/requests")
    page.wait_for_timeout(4000)
    assert state_of(server, case_id) == "draft"


def test_two_tabs_and_the_queue_send_a_request_once(
    kept_phone: Page, server: LiveServer, tmp_path: Path
) -> None:
    page, request = kept_phone, GuidedRequest(kept_phone, tmp_path)
    request.review_kept(server.world)
    address, case_id = page.url, request.case_id
    other, list_page = page.context.new_page(), page.context.new_page()
    other.goto(address)
    other.wait_for_selector(READY)
    list_page.goto("/requests")
    server.stop("web")
    soon = time.time() * 1000 + 300
    for tab in (page, other):
        tab.evaluate(
            "at => setTimeout(() => document.getElementById('send')?.click(), at - Date.now())", soon
        )
    expect(page.get_by_role("heading", name="Prête à partir")).to_be_visible()
    list_page.evaluate("dispatchEvent(new Event('online'))")
    server.start("web")
    for tab in (page, other):
        tab.locator(".receipt-number").wait_for(timeout=60_000)
    list_page.reload()
    assert_arrived_once(server, case_id)


@pytest.mark.long
def test_what_waits_in_the_queue_for_days_says_so(
    kept_phone: Page, server: LiveServer, tmp_path: Path
) -> None:
    page, request = kept_phone, GuidedRequest(kept_phone, tmp_path)
    request.review_kept(server.world)
    send_without_line(page, server)
    page.goto("about:blank")
    server.start("web")
    page.route("**/send", lambda route: route.abort())
    page.goto("/requests")
    here = page.locator("#local-drafts")
    expect(here).to_contain_text("Prête, part dès que le réseau revient")
    page.clock.install(time=datetime.now(UTC) + timedelta(days=4))
    page.reload()
    expect(here).to_contain_text("Prête depuis 4 jours, pas encore partie")


@pytest.mark.long
def test_a_request_on_the_phone_is_told_to_the_server_as_soon_as_another_is_used(
    kept_phone: Page, server: LiveServer, tmp_path: Path
) -> None:
    page, request = kept_phone, GuidedRequest(kept_phone, tmp_path)
    request.begin()
    request.begin_patient()
    page.get_by_label("Nom de naissance").fill("Vautrin")
    case_id = request.case_id
    page.wait_for_timeout(800)
    page.goto("/requests/new")
    page.wait_for_selector(READY)
    with page.expect_request("**/api/v1/stubs", timeout=20_000) as told:
        request.find_none_of_the_signs()
    assert case_id in {stub["id"] for stub in told.value.post_data_json["stubs"]}
