"""The server goes while the phone believes itself online, and comes back: what waits leaves, untouched."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from dermavis.domain.roles import Role
from tests.e2e.arrivals import assert_arrived_once, wait_on
from tests.e2e.guided_request import GuidedRequest
from tests.e2e.phone_code import state_of
from tests.signing_in import sign_in_page

if TYPE_CHECKING:
    from tests.fixtures.browsers import OpenPage
    from tests.fixtures.servers import LiveServer

pytestmark = [pytest.mark.e2e, pytest.mark.long]

MINUTE_S = 60


@pytest.fixture
def waiting(open_page: OpenPage, server: LiveServer, tmp_path: Path) -> GuidedRequest:
    """A request whose Envoyer was touched after the server went; the phone believes itself online."""
    page = open_page("phone", base_url=server.url)
    sign_in_page(page, server.system, server.world.who(Role.REQUESTER))
    request = GuidedRequest(page, tmp_path)
    request.review_kept(server.world)
    page.wait_for_load_state("networkidle")
    server.stop("web")
    page.get_by_role("button", name="Envoyer").click()
    expect(page.get_by_role("heading", name="Prête à partir")).to_be_visible()
    assert page.evaluate("navigator.onLine")
    return request


def test_a_request_leaves_from_its_own_page_within_a_minute_of_the_servers_return(
    waiting: GuidedRequest, server: LiveServer
) -> None:
    server.start("web")
    wait_on(waiting.page, lambda: state_of(server, waiting.case_id) == "submitted", MINUTE_S)
    assert waiting.receipt() == assert_arrived_once(server, waiting.case_id)


def test_a_request_leaves_from_another_page_within_a_minute_of_the_servers_return(
    waiting: GuidedRequest, server: LiveServer
) -> None:
    page, case_id = waiting.page, waiting.case_id
    page.route("**/api/v1/**", lambda route: route.abort())
    server.start("web")
    page.goto("/requests")
    page.wait_for_load_state("networkidle")
    server.stop("web")
    page.unroute("**/api/v1/**")
    server.start("web")
    assert state_of(server, case_id) == "draft"
    wait_on(page, lambda: state_of(server, case_id) == "submitted", MINUTE_S)
    assert_arrived_once(server, case_id)
