"""Every screen of the coordinator in a real browser: accessible, still, nothing hidden, no word broken."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from dermavis.domain.roles import Role
from dermavis.services import pooling
from dermavis.services.work import writing
from tests.e2e.pooling_board import kept, opened
from tests.fixtures.browsers import SHIFT, assert_fits, assert_stands_still
from tests.pooled_cases import pooled
from tests.signing_in import sign_in_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.fixtures.servers import LiveServer

SHAPES = ("tablet", "phone", pytest.param("desk", marks=pytest.mark.long))
CLEAR = """action => {
  const told = document.querySelector(".toast").getBoundingClientRect();
  const { top, bottom } = action.getBoundingClientRect();
  return told.bottom <= top || bottom <= told.top;
}"""
BROKEN = """() => {
  const broken = [], range = document.createRange();
  for (const root of document.querySelectorAll("#board, #panel")) {
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) for (const { 0: word, index } of texts.currentNode.data.matchAll(/[^\\s-]+/g)) {
      range.setStart(texts.currentNode, index);
      range.setEnd(texts.currentNode, index + word.length);
      if (new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1) broken.push(word);
    }
  }
  return broken;
}"""


@pytest.mark.parametrize("shape", SHAPES)
def test_every_screen_is_accessible_and_nothing_moves_by_itself(
    live_server: LiveServer,
    open_page: Callable[[str], Page],
    axe: Callable[[Page], None],
    axe_again: Callable[[Page], None],
    shape: str,
) -> None:
    world = live_server.world
    check = axe if shape == "tablet" else axe_again
    case_id = pooled(world, "Bouvret", ("allergies", "course"))
    pooled(world, "Pelletier", urgency="soon")
    held = pooled(world, "Pommard")
    pooled(world, "Sagna", urgency="urgent")
    left = pooled(world, "Parti")
    with writing(world.system, world.actor(Role.COORDINATOR)) as work:
        pooling.hold(work, [held], "Famille à joindre")
        pooling.release(work, left)
    page = open_page(shape)
    page.add_init_script(SHIFT)
    sign_in_page(page, live_server.system, world.who(Role.COORDINATOR))
    for name, address in {
        "board": "/pooling",
        "case": f"/pooling/{case_id}",
        "held": f"/pooling/{held}",
        "left": f"/pooling/{left}",
        "sent": "/pooling/sent",
        "members": "/pooling/members",
        "completion": f"/pooling/{case_id}/completion",
    }.items():
        page.goto(address, wait_until="load")
        page.wait_for_timeout(150)
        assert_stands_still(page)
        assert_fits(page)
        check(page)
        kept(page, f"pooling-{shape}-{name}")
    page.goto("/pooling", wait_until="load")
    page.locator(f"#choose-{case_id}").check()
    page.evaluate("document.getElementById('hold-chosen').click()")
    check(page)
    kept(page, f"pooling-{shape}-hold")


@pytest.mark.parametrize("shape", ["tablet", pytest.param("phone", marks=pytest.mark.long)])
def test_what_was_done_is_told_where_it_hides_no_action(
    live_server: LiveServer, open_page: Callable[[str], Page], axe: Callable[[Page], None], shape: str
) -> None:
    world = live_server.world
    case_id = pooled(world, "Premier")
    for name in ("Second", "Troisième", "Quatrième", "Cinquième", "Sixième", "Septième"):
        pooled(world, name)
    page = opened(open_page(shape), live_server, f"/pooling/{case_id}?done=noted")
    expect(page.locator("#toasts")).to_contain_text("Note enregistrée")
    if shape == "phone":
        for name in ("Mettre en attente", "Transmettre"):
            assert page.locator("#panel .dock").get_by_role("button", name=name).evaluate(CLEAR), name
    page.goto("/pooling?done=returned", wait_until="load")
    page.locator(f"#choose-{case_id}").check()
    expect(page.locator("#toasts")).to_contain_text("Demande renvoyée")
    for action in ("#hold-chosen", "#release-chosen", "#choose-none", "#search input[type=search]"):
        assert page.locator(action).evaluate(CLEAR), action
    assert page.locator(f"#choose-{case_id}").locator("xpath=..").evaluate(CLEAR)
    axe(page)
    kept(page, f"pooling-{shape}-toast")


@pytest.mark.parametrize("shape", ["tablet", pytest.param("phone", marks=pytest.mark.long)])
def test_no_label_breaks_inside_a_word(
    live_server: LiveServer, open_page: Callable[[str], Page], shape: str
) -> None:
    world = live_server.world
    case_id = pooled(world, "Bouvret", photos=[])
    pooled(world, "Pelletier", urgency="urgent")
    page = opened(open_page(shape), live_server, f"/pooling/{case_id}")
    label = page.locator("#panel .photo-strip p > span").last
    label.evaluate("label => { label.textContent = 'Dermoscopie' }")
    expect(label).to_be_visible()
    assert page.evaluate(BROKEN) == []
    assert_fits(page)
    kept(page, f"pooling-{shape}-labels")
    for address in ("/pooling", "/pooling/sent"):
        page.goto(address, wait_until="load")
        assert page.evaluate(BROKEN) == [], address
        kept(page, f"pooling-{shape}-labels{address.replace('/', '-')}")
