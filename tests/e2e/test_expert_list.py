"""The expert's list in a real browser: walked, renewed, and left by taking a request."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from playwright.sync_api import expect

from tests import cases
from tests.answered_cases import state_of
from tests.e2e.answering import SHAPES, field, fill_in
from tests.fixtures.browsers import assert_fits
from tests.pictured_cases import sent_with_pictures

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.fixtures.servers import LiveServer


def test_the_list_is_walked_by_keyboard_and_filtered_without_losing_the_way_back(
    expert: Callable[..., Page], live_server: LiveServer
) -> None:
    cases.sent(live_server.world, motive="other")
    cases.sent(live_server.world)
    page = expert("desk")
    page.goto("/worklist")
    rows = page.locator("#queue .case-row a")
    page.keyboard.press("ArrowDown")
    expect(rows.nth(0)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Raccourcis du clavier")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("link", name=re.compile("^Kératose")).click()
    page.wait_for_url("**/worklist?motive=keratosis")
    expect(page.locator("#worklist")).to_be_visible()
    page.locator("#queue .case-row a").first.click()
    page.get_by_role("link", name="Revenir à la liste").click()
    page.wait_for_url("**/worklist?motive=keratosis")


def test_an_open_list_learns_of_a_new_request_and_keeps_the_focus(
    expert: Callable[..., Page], live_server: LiveServer
) -> None:
    cases.sent(live_server.world)
    page = expert("desk")
    page.goto("/worklist")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("ArrowDown")
    held = page.evaluate("document.activeElement.href")
    before = page.locator("#queue > li").count()
    cases.sent(live_server.world)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#queue > li")).to_have_count(before + 1)
    assert page.evaluate("document.activeElement.href") == held


def test_the_rest_of_a_long_list_joins_what_is_shown_and_is_still_there_after_a_reload(
    expert: Callable[..., Page], live_server: LiveServer
) -> None:
    for _ in range(28):
        cases.sent(live_server.world)
    page = expert("desk")
    page.goto("/worklist")
    expect(page.locator("#queue > li")).to_have_count(25)
    page.get_by_role("link", name="Afficher la suite").click()
    expect(page.locator("#queue > li").nth(27)).to_be_visible()
    shown = page.locator("#queue > li").evaluate_all("rows => rows.map((row) => row.id)")
    assert len(shown) == len(set(shown))
    page.reload()
    expect(page.locator("#queue > li")).to_have_count(len(shown))


def test_one_expert_takes_a_request_and_the_other_is_told_who_has_it(
    expert: Callable[..., Page], live_server: LiveServer
) -> None:
    case_id = cases.sent(live_server.world)
    first, second = expert(), expert(who="other_expert")
    for page in (first, second):
        page.goto(f"/cases/{case_id}")
    first.get_by_role("button", name="Répondre").click()
    expect(first.get_by_role("combobox", name="Diagnostic")).to_be_visible()
    second.get_by_role("button", name="Répondre").click()
    expect(second.get_by_role("alert")).to_contain_text("Dr Camille Expert a pris cette demande")
    expect(second.locator("#opinion")).to_have_count(0)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_way_to_answer_is_at_hand_leads_to_the_form_and_who_was_first_is_said_above(
    expert: Callable[..., Page], axe: Callable[[Page], None], live_server: LiveServer, shape: str
) -> None:
    case_id = sent_with_pictures(live_server.world)
    first, second = expert(shape), expert(shape, who="other_expert")
    for page in (first, second):
        page.goto(f"/cases/{case_id}")
        expect(page.get_by_role("button", name="Répondre")).to_be_in_viewport(ratio=1)
    assert first.evaluate("scrollY") == 0
    first.get_by_role("button", name="Répondre").click()
    expect(first.locator("#templates")).to_be_in_viewport()
    second.get_by_role("button", name="Répondre").click()
    told = second.get_by_role("alert")
    expect(told).to_contain_text("Dr Camille Expert a pris cette demande")
    expect(told).to_be_in_viewport(ratio=1)
    expect(told).to_be_focused()
    axe(second)
    assert_fits(second)


def test_a_sitting_is_answered_from_the_keyboard_one_after_the_other(
    expert: Callable[..., Page], live_server: LiveServer
) -> None:
    cases.sent(live_server.world, urgency="urgent")
    cases.sent(live_server.world)
    page = expert("desk")
    page.goto("/worklist")
    page.keyboard.press("s")
    page.wait_for_url("**/cases/*sitting=1")
    first = UUID(page.url.split("/cases/")[1][:36])
    fill_in(page)
    field(page, "lesions.0.conduct").press("Control+Enter")
    page.wait_for_url("**/cases/*sitting=2&signed=*")
    assert state_of(live_server.system, first) == "answered"
    second = UUID(page.url.split("/cases/")[1][:36])
    page.keyboard.press("p")
    page.wait_for_url(lambda url: str(second) not in url)
    assert state_of(live_server.system, second) == "submitted"
    page.goto(f"/cases/{first}")
    expect(page.get_by_text("Version 1, signée par Dr Camille Expert")).to_be_visible()
