"""One draft on two phones of the same person: whichever sends first, it is one case, and the other phone is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.e2e.arrivals import assert_arrived_once
from tests.e2e.guided_request import READY, GuidedRequest

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.fixtures.servers import LiveServer

pytestmark = pytest.mark.e2e

PRESS = "document.getElementById('send').click()"


@pytest.fixture
def phones(
    gp: Callable[..., Page], live_server: LiveServer, tmp_path: Path
) -> tuple[GuidedRequest, GuidedRequest]:
    """The same draft at its review on two phones."""
    one, other = GuidedRequest(gp(), tmp_path), GuidedRequest(gp(), tmp_path)
    one.review_kept(live_server.world)
    other.page.goto(one.page.url)
    other.page.wait_for_selector(READY)
    other.at("relecture")
    return one, other


def test_both_phones_press_envoyer_at_once_and_get_one_receipt(
    phones: tuple[GuidedRequest, GuidedRequest], live_server: LiveServer
) -> None:
    one, other = phones
    one.page.evaluate(PRESS)
    other.page.evaluate(PRESS)
    assert one.receipt() == other.receipt() == assert_arrived_once(live_server, one.case_id)


@pytest.mark.long
def test_a_phone_whose_changes_came_after_the_other_had_sent_is_told_which_are_left_out(
    phones: tuple[GuidedRequest, GuidedRequest], live_server: LiveServer
) -> None:
    one, other = phones
    page = other.page
    page.get_by_role("link", name="Modifier la question").click()
    other.at("question")
    page.route("**/api/v1/**", lambda route: route.abort())
    page.get_by_label("Question à l’expert").fill("Faut-il une biopsie ?")
    other.go_on()
    other.at("relecture")
    number = one.send()
    page.unroute("**/api/v1/**")
    page.evaluate(PRESS)
    assert other.receipt() == number == assert_arrived_once(live_server, one.case_id)
    expect(page.locator("#main")).to_contain_text("Vos derniers changements n’y sont pas")
    expect(page.locator("#main")).to_contain_text("Faut-il une biopsie")
