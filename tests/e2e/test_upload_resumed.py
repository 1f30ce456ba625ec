"""A picture on its way when its tab dies or is loaded again: the upload goes on from the last byte that arrived."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Error

from dermavis.domain.roles import Role
from tests import material
from tests.e2e.arrivals import sent_fingerprints, sign_in_behind, upload_of, wait_on
from tests.e2e.guided_request import GuidedRequest
from tests.load.slow_line import Quality, SlowLine, slow_line

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

    from tests.fixtures.browsers import OpenPage
    from tests.fixtures.servers import LiveServer

LINE = Quality(down=50_000_000, up=2_000_000, round_trip=0.01)
PIECE = 64 * 1024
BESIDE = 80_000
"""Bytes: what a page that is opened again asks for beside the picture."""

ORIGINAL = "role " + b64encode(b"original").decode()


@pytest.fixture
def line(live_server: LiveServer) -> Iterator[SlowLine]:
    """A telephone line that carries 250 kB upwards in a second, and counts them."""
    with slow_line(urlsplit(live_server.url).port or 0, LINE) as opened:
        yield opened


def crashed(page: Page) -> Page:
    """Kill the tab's process, and open another tab."""
    with suppress(Error), page.expect_event("crash", timeout=5000):
        page.goto("chrome://crash", timeout=2000)
    return page.context.new_page()


def loaded_again(page: Page) -> Page:
    """Load the page again, as an impatient finger does."""
    page.reload()
    return page


@pytest.mark.parametrize("ends", [crashed, pytest.param(loaded_again, marks=pytest.mark.long)])
def test_a_tab_that_ends_in_the_middle_of_a_piece_goes_on_from_the_last_byte(
    open_page: OpenPage,
    live_server: LiveServer,
    line: SlowLine,
    tmp_path: Path,
    ends: Callable[[Page], Page],
) -> None:
    address = f"http://127.0.0.1:{line.port}"
    page = open_page("phone", base_url=address)
    page.context.route("**/api/v1/uploads", keep_originals_back)
    sign_in_behind(page, live_server, live_server.world.who(Role.REQUESTER), address)
    request = GuidedRequest(page, tmp_path)
    request.begin_photos()
    request.photograph(material.jpeg(material.grainy(2000, 1500)))
    case_id, place = request.case_id, page.url
    wait_on(page, lambda: upload_of(live_server, case_id)[0] >= 4 * PIECE, 20)
    held, length = upload_of(live_server, case_id)
    assert held < length - 4 * PIECE, "the picture is still on its way"

    before = line.bytes_up
    again = ends(page)
    again.goto(place.split("#")[0])
    wait_on(again, lambda: upload_of(live_server, case_id)[0] == length, 30)
    went_up = line.bytes_up - before

    assert went_up < length - held + PIECE + BESIDE
    again.wait_for_selector("#main .tag.ok", timeout=20_000)
    [entry] = GuidedRequest(again, tmp_path).kept()["content"]["photos"]
    assert sent_fingerprints(live_server, case_id) == {entry["id"]: entry["sha256"]}


def keep_originals_back(route: Route) -> None:
    """Only the picture of the diagnosis travels: what goes up is counted."""
    if ORIGINAL in (route.request.headers.get("upload-metadata") or ""):
        route.abort()
    else:
        route.continue_()
