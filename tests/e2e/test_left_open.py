"""A request's page that is left open: its queue goes on by itself, and the idle hour passes all the same."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update

from dermavis.domain.roles import Role
from dermavis.models import UserSession
from dermavis.services.devices import enrol
from dermavis.services.work import reading, writing
from tests.e2e.arrivals import wait_on
from tests.e2e.guided_request import READY, GuidedRequest
from tests.e2e.looking import covered
from tests.e2e.phone_code import choose_code, state_of, type_code
from tests.factories import PASSWORD
from tests.signing_in import sign_in_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.fixtures.servers import LiveServer

pytestmark = pytest.mark.e2e

KEY = "/api/v1/device-key"
SOON = timedelta(seconds=8)
WRONG = "999912"


@pytest.fixture(params=["kept", "not kept"])
def person(request: pytest.FixtureRequest, phone: Page, live_server: LiveServer) -> UUID:
    """Sign the requester in on a device that is kept, or on one that is not; return who it is."""
    who, device = live_server.world.who(Role.REQUESTER), None
    if request.param == "kept":
        with writing(live_server.system) as work:
            device, _ = enrol(work, who.person_id, "Essai")
    sign_in_page(phone, live_server.system, who, device_id=device)
    return who.person_id


def seen(server: LiveServer, person: UUID) -> datetime:
    """Return when that person was there last."""
    with reading(server.system) as work:
        return work.session.scalars(select(UserSession.seen_at).where(UserSession.person_id == person)).one()


def last_seen(server: LiveServer, person: UUID, ago: timedelta) -> datetime:
    """Have that person been there last so long ago."""
    with writing(server.system) as work:
        work.session.execute(
            update(UserSession).where(UserSession.person_id == person).values(seen_at=work.now - ago)
        )
    return seen(server, person)


def leave_alone(page: Page, minutes: int = 3) -> None:
    """Let the page stand, its queue looking as often as it does."""
    for _ in range(minutes * 2):
        page.clock.fast_forward(31_000)
        page.wait_for_timeout(100)


def let_one_wait(request: GuidedRequest, server: LiveServer) -> str:
    """Press Envoyer on a request that cannot reach the server, and leave its page."""
    request.review_kept(server.world)
    request.page.context.route(f"**/api/v1/drafts/{request.case_id}**", lambda route: route.abort())
    request.page.context.route(f"**/api/v1/drafts/{request.case_id}/**", lambda route: route.abort())
    request.page.get_by_role("button", name="Envoyer").click()
    expect(request.page.get_by_role("heading", name="Prête à partir")).to_be_visible()
    return request.case_id


def begin_and_keep(phone: Page, folder: Path) -> None:
    """Name a patient, whom the phone keeps, under a clock that the test moves."""
    request = GuidedRequest(phone, folder)
    phone.clock.install()
    request.begin()
    request.name_patient()
    request.kept()


def test_the_idle_hour_ends_while_a_request_stands_open_and_asks_the_server_nothing(
    phone: Page, live_server: LiveServer, person: UUID, tmp_path: Path
) -> None:
    begin_and_keep(phone, tmp_path)
    phone.evaluate("localStorage.setItem('dermavis-outbox', '1')")  # a colleague's, on a shared phone
    asked: list[str] = []
    phone.on("request", lambda sent: asked.append(sent.url))
    last_seen(live_server, person, timedelta(hours=1) - SOON)
    leave_alone(phone)
    assert not [url for url in asked if url.endswith(KEY)]
    phone.wait_for_timeout(SOON.total_seconds() * 1000)
    assert phone.request.get(KEY, headers={"X-Background": "1"}).status == 401


def test_what_waits_leaves_from_a_page_that_is_left_open_and_puts_off_no_lock(
    phone: Page, live_server: LiveServer, person: UUID, tmp_path: Path
) -> None:
    phone.clock.install()
    waiting = let_one_wait(GuidedRequest(phone, tmp_path), live_server)
    GuidedRequest(phone, tmp_path).begin()
    leave_alone(phone)
    before = last_seen(live_server, person, timedelta(minutes=50))
    assert state_of(live_server, waiting) == "draft"
    phone.context.unroute_all()
    leave_alone(phone, 1)
    wait_on(phone, lambda: state_of(live_server, waiting) == "submitted")
    phone.wait_for_function("() => localStorage.getItem('dermavis-outbox') === null")
    assert seen(live_server, person) == before


@pytest.mark.long
def test_what_somebody_types_puts_off_the_lock(
    phone: Page, live_server: LiveServer, person: UUID, tmp_path: Path
) -> None:
    begin_and_keep(phone, tmp_path)
    leave_alone(phone)
    before = last_seen(live_server, person, timedelta(minutes=50))
    phone.get_by_label(re.compile(r"^\s*Kératose")).check()
    wait_on(phone, lambda: phone.clock.run_for(500) or seen(live_server, person) > before)


@pytest.mark.whole_browser
def test_five_wrong_codes_after_the_idle_hour_lead_to_the_password_and_back(
    kept_phone: Page, server: LiveServer, tmp_path: Path
) -> None:
    page, request = kept_phone, GuidedRequest(kept_phone, tmp_path)
    page.clock.install()
    choose_code(page)
    request.begin()
    request.name_patient()
    request.kept()
    page.clock.fast_forward("01:00:30")
    heading = page.get_by_role("heading", name="Toujours là")
    expect(heading).to_be_visible()
    way = page.get_by_role("button", name="Se reconnecter")
    for left in ("4 essais", "3 essais", "2 essais", "1 essai."):
        type_code(page, WRONG)
        expect(page.get_by_role("alert")).to_contain_text(f"Encore {left}")
        expect(way).to_be_hidden()
    type_code(page, WRONG)
    expect(page.get_by_role("alert")).to_contain_text("n’ouvre plus cet appareil")
    expect(page.get_by_label("Code de cet appareil")).to_be_hidden()
    expect(way).to_be_focused()
    way.click()
    page.get_by_role("textbox", name="Mot de passe").fill(PASSWORD)
    page.get_by_role("textbox", name="Mot de passe").press("Enter")
    page.wait_for_selector(READY)
    assert request.case_id in page.url
    expect(page.locator("#band")).to_contain_text("D’Aubigné")


def test_after_the_idle_hour_the_page_closes_over_the_patient_without_a_touch(
    phone: Page, live_server: LiveServer, person: UUID, tmp_path: Path
) -> None:
    begin_and_keep(phone, tmp_path)
    phone.clock.fast_forward("01:00:30")
    phone.wait_for_timeout(1500)
    assert phone.locator("dialog").count() == 0, "its person was at another page a moment ago"
    last_seen(live_server, person, timedelta(hours=2))
    phone.clock.fast_forward("00:01:30")
    phone.locator("dialog").wait_for()
    assert covered(phone)
