"""The server has the request and its answer never comes: one case, one receipt, one notice all the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from dermavis.domain.roles import Role
from tests.e2e.arrivals import assert_arrived_once, sign_in_behind
from tests.e2e.guided_request import GuidedRequest
from tests.e2e.phone_code import state_of
from tests.load.slow_line import Quality, SlowLine, slow_line
from tests.receivers import wait_until

if TYPE_CHECKING:
    from tests.fixtures.browsers import OpenPage
    from tests.fixtures.servers import LiveServer

pytestmark = pytest.mark.e2e

LINE = Quality(down=100_000_000, up=100_000_000, round_trip=0.002)
PATIENCE = "00:41"
"""Longer than a page waits for the receipt."""


@pytest.fixture
def line(server: LiveServer) -> Iterator[SlowLine]:
    """A quick line whose answers can be held back."""
    with slow_line(urlsplit(server.url).port or 0, LINE) as opened:
        yield opened


@pytest.fixture
def request_behind(open_page: OpenPage, server: LiveServer, line: SlowLine, tmp_path: Path) -> GuidedRequest:
    """A complete request at its review, on a phone behind that line."""
    address = f"http://127.0.0.1:{line.port}"
    page = open_page("phone", base_url=address)
    sign_in_behind(page, server, server.world.who(Role.REQUESTER), address)
    page.clock.install()
    request = GuidedRequest(page, tmp_path)
    request.review_kept(server.world)
    page.wait_for_load_state("networkidle")  # what is fetched ahead of its need has come
    return request


def send_and_hold(request: GuidedRequest, server: LiveServer, line: SlowLine) -> None:
    """Press Envoyer, and let the server keep the request without the phone's hearing of it."""
    line.hold_answers()
    request.page.get_by_role("button", name="Envoyer").click()
    wait_until(lambda: state_of(server, request.case_id) == "submitted", 20)
    assert request.page.locator(".receipt-number").count() == 0


def test_a_server_killed_before_its_answer_left_gives_the_same_receipt_when_it_is_back(
    request_behind: GuidedRequest, server: LiveServer, line: SlowLine
) -> None:
    send_and_hold(request_behind, server, line)
    server.kill("web")
    line.cut(0.1)
    server.start("web")
    number = request_behind.receipt()
    assert number == assert_arrived_once(server, request_behind.case_id)


@pytest.mark.long
def test_an_answer_held_until_the_phone_gives_up_and_then_cut_makes_no_second_request(
    request_behind: GuidedRequest, server: LiveServer, line: SlowLine
) -> None:
    send_and_hold(request_behind, server, line)
    request_behind.page.clock.fast_forward(PATIENCE)
    request_behind.page.get_by_role("heading", name="Prête à partir").wait_for()
    line.cut(0.1)
    number = request_behind.receipt()
    assert number == assert_arrived_once(server, request_behind.case_id)
