"""« Comparer » puts a view that was taken again beside its former picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.e2e.looking import looked_at
from tests.taken_again import taken_again

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.fixtures.servers import LiveServer

pytestmark = pytest.mark.e2e


def captions(page: Page) -> list[str]:
    """Return what each picture of the stage says that it is, up to its rank."""
    return [", ".join(words.split(", ")[:2]) for words in page.locator(".stage figcaption").all_inner_texts()]


def test_comparing_takes_the_same_view_first_and_the_next_picture_without_one(
    expert: Callable[..., Page], live_server: LiveServer, axe: Callable[..., None]
) -> None:
    page = expert()
    page.goto(f"/cases/{taken_again(live_server.world, 'overview')}")
    links = page.locator(".viewer [data-photo]")
    expect(links).to_have_count(4)
    compare = page.get_by_role("button", name="Comparer")
    compare.click()
    assert captions(page) == ["Ensemble, 1re\u00a0prise", "Ensemble, 2e\u00a0prise"]
    looked_at(page, axe, "taken-again-compared")
    compare.click()
    links.nth(1).click()
    compare.click()
    assert captions(page) == ["Ensemble, 2e\u00a0prise", "Ensemble, 1re\u00a0prise"]
    compare.click()
    links.nth(2).click()
    compare.click()
    assert [words.split(",")[0] for words in captions(page)] == ["Gros plan", "Échelle"]
