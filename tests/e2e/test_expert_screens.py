"""Every screen of the expert in a real browser: accessible, still, within its screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests import cases
from tests.answered_cases import critical, declined
from tests.fixtures.browsers import assert_each_stands
from tests.pictured_cases import claimed_with_pictures, sent_with_pictures

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.fixtures.servers import LiveServer

FLAGGED = {"answered": True, "flags": ["febrile_purpura"], "called": {"whom": "Le 15 (SAMU)"}}
ROOM = """(one) => {
  const range = document.createRange();
  range.selectNodeContents(one);
  const [inner, outer] = [range.getBoundingClientRect(), one.getBoundingClientRect()];
  return Math.min(inner.left - outer.left, outer.right - inner.right);
}"""


@pytest.mark.parametrize(
    ("shape", "scheme"),
    [
        pytest.param("phone", "light", marks=pytest.mark.long),
        ("tablet", "dark"),
        pytest.param("phone", "dark", marks=pytest.mark.long),
        pytest.param("tablet", "light", marks=pytest.mark.long),
    ],
)
def test_every_screen_is_accessible_stands_still_and_never_scrolls_sideways(
    expert: Callable[..., Page],
    axe: Callable[[Page], None],
    axe_again: Callable[[Page], None],
    live_server: LiveServer,
    shape: str,
    scheme: str,
) -> None:
    world = live_server.world
    check = axe if shape == "tablet" else axe_again
    made = [sent_with_pictures(world), claimed_with_pictures(world), critical(world), declined(world)]
    paths = [
        "/worklist",
        "/worklist?list=waiting",
        "/worklist?list=answered",
        *(
            f"/cases/{case_id}"
            for case_id in (*made, cases.on_hold(world), cases.claimed(world, "other_expert"))
        ),
    ]
    page = expert(shape, color_scheme=scheme)
    assert_each_stands(page, paths, check)


@pytest.mark.parametrize("shape", ["tablet", pytest.param("phone", marks=pytest.mark.long)])
def test_every_sheet_is_accessible(
    expert: Callable[..., Page], axe: Callable[[Page], None], live_server: LiveServer, shape: str
) -> None:
    page = expert(shape)
    page.goto(f"/cases/{claimed_with_pictures(live_server.world)}")
    for opener in ("Demander une précision", "Autre réponse…", "Autres…"):
        page.get_by_role("button", name=opener).click()
        axe(page)
        page.keyboard.press("Escape")
        expect(page.locator("dialog[open]")).to_have_count(0)
    page.get_by_role("radio", name="Urgence").check(force=True)
    page.get_by_role("button", name="Signer", exact=True).click()
    expect(page.get_by_role("heading", name="Prévenez avant de signer")).to_be_visible()
    axe(page)


def test_what_is_framed_has_room_and_the_list_says_its_order_at_its_edge(
    expert: Callable[..., Page], live_server: LiveServer
) -> None:
    case_id = cases.claimed(live_server.world, red_flags=FLAGGED, urgency="urgent")
    cases.sent(live_server.world, motive="other")
    cases.sent(live_server.world)
    page = expert()
    page.goto(f"/cases/{case_id}")
    assert page.locator(".asked-here .alarm").first.evaluate(ROOM) >= 4
    assert page.get_by_role("button", name="Demander une précision").evaluate(ROOM) >= 4
    page.goto("/worklist")
    order, chips = page.locator(".by-deadline").bounding_box(), page.locator(".filter .chips").bounding_box()
    queue = page.locator("#queue").bounding_box()
    assert order
    assert chips
    assert queue
    assert abs(order["x"] + order["width"] - queue["x"] - queue["width"]) <= 2
    assert abs(order["y"] + order["height"] / 2 - chips["y"] - chips["height"] / 2) <= 2
    phone = expert("phone")
    phone.goto("/worklist")
    bell, mark = phone.locator(".bell").bounding_box(), phone.locator(".desk-bar .wordmark").bounding_box()
    assert bell
    assert mark
    assert abs(bell["y"] - mark["y"]) <= 2
