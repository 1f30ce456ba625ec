"""A page whose format the server no longer takes, or not yet: it says so, keeps its draft, and sends it afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from dermavis.domain.roles import Role
from tests.e2e.arrivals import assert_arrived_once, wait_on
from tests.e2e.guided_request import GuidedRequest
from tests.e2e.next_release import change, write_next_release
from tests.signing_in import sign_in_page

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

    from tests.fixtures.browsers import OpenPage
    from tests.fixtures.servers import LiveServer

pytestmark = pytest.mark.e2e

FORMATS = "dermavis/domain/client_formats.py"


def replace_by_another_format(server: LiveServer, folder: Path) -> None:
    """Start a release that speaks the next format, and whose patience with this one is over."""
    root = write_next_release(folder)
    change(root / FORMATS, lambda text: text.replace("{1: None}", "{1: date(2026, 1, 1), 2: None}"))
    change(
        root / "static/js/wizard/api.js",
        lambda text: text.replace("export const FORMAT = 1;", "export const FORMAT = 2;"),
    )
    server.stop("web")
    server.root = root
    server.start("web")


def update(page: Page) -> None:
    """Do what the page asks."""
    expect(page.locator("#trouble")).to_contain_text("Mettez DermAvis à jour")
    page.get_by_role("button", name="Mettre à jour").click()
    page.wait_for_function(
        "() => document.body.dataset.release === 'next' && 'ready' in document.body.dataset"
    )


@pytest.mark.long
def test_a_page_of_a_format_no_longer_taken_asks_for_the_update_and_sends_the_same_draft_afterwards(
    open_page: OpenPage, server: LiveServer, tmp_path: Path
) -> None:
    page = open_page("phone", base_url=server.url)
    sign_in_page(page, server.system, server.world.who(Role.REQUESTER))
    writing = GuidedRequest(page, tmp_path)
    writing.begin()
    writing.name_patient()
    ready = GuidedRequest(page.context.new_page(), tmp_path)
    ready.review_kept(server.world)
    page.wait_for_load_state("networkidle")
    replace_by_another_format(server, tmp_path)

    page.get_by_label("Kératose").check()
    update(page)
    expect(page.get_by_label("Kératose")).to_be_checked()
    wait_on(page, lambda: writing.kept()["content"]["motive"] == "keratosis")

    ready.page.get_by_role("button", name="Envoyer").click()
    expect(ready.page.get_by_role("heading", name="Prête à partir")).to_be_visible()
    update(ready.page)
    assert ready.receipt() == assert_arrived_once(server, ready.case_id)


@pytest.mark.long
def test_a_page_of_a_format_to_come_waits_and_sends_once_the_server_has_followed(
    request_on_phone: GuidedRequest, live_server: LiveServer
) -> None:
    request, page = request_on_phone, request_on_phone.page
    asked = []

    def speak_of_tomorrow(route: Route) -> None:
        content = route.request.post_data_json
        asked.append(content["format"])
        route.continue_(post_data=content | {"format": 99})

    request.review_kept(live_server.world)
    page.route("**/send", speak_of_tomorrow)
    page.get_by_role("button", name="Envoyer").click()
    expect(page.get_by_role("heading", name="Prête à partir")).to_be_visible()
    assert asked
    page.unroute("**/send")
    assert request.receipt() == assert_arrived_once(live_server, request.case_id)
