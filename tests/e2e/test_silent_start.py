"""A start from the icon on a line that answers nothing: « Pas de réseau » within seconds, and it can be waited for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import TimeoutError as NoAnswer
from playwright.sync_api import expect

from tests.e2e.arrivals import wait_on
from tests.e2e.guided_request import GuidedRequest
from tests.e2e.phone_code import CODE, choose_code, type_code, use_once
from tests.e2e.phone_database import kept_on_phone

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.fixtures.servers import LiveServer

pytestmark = [pytest.mark.e2e, pytest.mark.whole_browser]

LONGER_THAN_ITS_PATIENCE_MS = 6_000


def assert_says_no_network(page: Page) -> None:
    expect(page.get_by_role("heading", name="Pas de réseau", exact=True)).to_be_visible()


def test_a_start_on_a_silent_line_opens_what_the_phone_holds(kept_phone: Page, server: LiveServer) -> None:
    page = kept_phone
    choose_code(page)
    use_once(page)
    with server.silent():
        for path in ("/requests", "/"):
            page.goto(path)
            assert_says_no_network(page)
        page.get_by_role("button", name="Ouvrir mes demandes").click()
        type_code(page, CODE)
        expect(page.get_by_role("button", name="Ouvrir mes demandes")).to_be_hidden()
    page.get_by_role("button", name="Réessayer").click()
    expect(page.get_by_role("heading", name="Pas de réseau", exact=True)).to_have_count(0)


@pytest.mark.long
def test_a_line_that_is_only_slow_is_waited_for_from_there(kept_phone: Page, server: LiveServer) -> None:
    page = kept_phone
    choose_code(page)
    with server.silent():
        page.goto("/")
        assert_says_no_network(page)
        page.get_by_role("button", name="Réessayer").click(no_wait_after=True)
        page.wait_for_timeout(LONGER_THAN_ITS_PATIENCE_MS)
    page.wait_for_function("() => document.body.dataset.person")
    expect(page.get_by_role("heading", name="Pas de réseau", exact=True)).to_have_count(0)


def test_a_draft_without_a_code_is_reason_enough_and_a_phone_that_holds_nothing_waits(
    kept_phone: Page, server: LiveServer, tmp_path: Path
) -> None:
    page, request = kept_phone, GuidedRequest(kept_phone, tmp_path)
    with server.silent(), pytest.raises(NoAnswer):
        page.goto("/", timeout=LONGER_THAN_ITS_PATIENCE_MS)
    request.begin()
    request.begin_patient()
    page.get_by_label("Nom de naissance").fill("Vautrin")
    wait_on(page, lambda: len(kept_on_phone(page)["drafts"]) == 1)
    page.goto("about:blank")
    with server.silent():
        page.goto("/")
        assert_says_no_network(page)


@pytest.mark.long
def test_no_page_of_a_start_is_kept(kept_phone: Page, server: LiveServer) -> None:
    choose_code(kept_phone)
    kept_phone.goto("/requests")
    kept_phone.goto("/")
    kept = kept_phone.evaluate(
        """async () => (await Promise.all((await caches.keys()).map(async (name) =>
             (await (await caches.open(name)).keys()).map((one) => new URL(one.url).pathname)))).flat()"""
    )
    assert "/offline" in kept
    assert {"/", "/requests"}.isdisjoint(kept)
