"""What a phone keeps of a request: through closed browsers and lost lines, sealed, and only while needed."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy import func, select

from dermavis.domain.roles import Role
from dermavis.models import Photo, PhotoFile
from dermavis.services.work import reading
from tests.e2e.guided_request import GuidedRequest
from tests.e2e.phone_database import kept_on_phone
from tests.fixtures.browsers import FRENCH, SHAPES, chromium_path
from tests.receivers import wait_until
from tests.signing_in import sign_in_page

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Playwright

    from tests.fixtures.servers import LiveServer


@contextmanager
def kept_browser(playwright: Playwright, live_server: LiveServer, profile: Path) -> Iterator[BrowserContext]:
    """A browser whose profile stays on the disk, as a phone's does."""
    context = playwright.chromium.launch_persistent_context(
        profile,
        executable_path=chromium_path(),
        args=["--no-sandbox"],
        base_url=live_server.url,
        **FRENCH,
        **SHAPES["phone"],
    )
    try:
        yield context
    finally:
        context.close()


def test_closing_the_browser_loses_neither_step_nor_answers_nor_pictures(
    playwright: Playwright, live_server: LiveServer, tmp_path: Path
) -> None:
    profile = tmp_path / "profile"
    with kept_browser(playwright, live_server, profile) as context:
        page = context.new_page()
        sign_in_page(page, live_server.system, live_server.world.who(Role.REQUESTER))
        request = GuidedRequest(page, tmp_path)
        request.begin()
        request.name_patient("Vautrin", "12/03/1958")
        request.describe_lesion()
        page.route("**/api/v1/uploads/**", lambda route: route.abort())
        request.photograph()
        address, place = page.url, request.place
    with kept_browser(playwright, live_server, profile) as context:
        page = context.new_page()
        sign_in_page(page, live_server.system, live_server.world.who(Role.REQUESTER))
        request = GuidedRequest(page, tmp_path)
        request.reopen(address)
        assert request.place == place
        band = page.locator("#band").inner_text()
        assert "Vautrin" in band
        assert "12/03/1958" in band
        page.wait_for_selector("figure.photo img")
        page.wait_for_selector("#main .tag.ok", timeout=20_000)
        assert request.picture_states() == ["verified"]


def test_what_a_phone_keeps_holds_no_name_in_clear(
    playwright: Playwright, live_server: LiveServer, tmp_path: Path
) -> None:
    profile = tmp_path / "profile"
    secret = "Zzyzxovitch"
    with kept_browser(playwright, live_server, profile) as context:
        page = context.new_page()
        sign_in_page(page, live_server.system, live_server.world.who(Role.REQUESTER))
        request = GuidedRequest(page, tmp_path)
        request.begin()
        page.evaluate("localStorage.setItem('control', 'Planted in clear')")
        request.name_patient(secret)
        page.wait_for_timeout(500)
    assert _found(profile, "Planted in clear"), "the search finds what stands in clear"
    assert not _found(profile, secret)


def _found(profile: Path, words: str) -> bool:
    forms = [words.encode(code) for code in ("ascii", "utf-16-le", "utf-16-be")]
    files = [path for path in profile.rglob("*") if path.is_file() and "Default" in path.parts]
    return any(form in path.read_bytes() for path in files for form in forms)


@pytest.mark.long
def test_without_a_line_the_answers_are_kept_and_leave_by_themselves(request_on_phone: GuidedRequest) -> None:
    request, page = request_on_phone, request_on_phone.page
    request.begin()
    request.name_patient()
    request.kept()
    page.route("**/api/v1/**", lambda route: route.abort())
    page.goto(f"/requests/{request.case_id}#identite")
    page.get_by_label("Nom de naissance").fill("Sans-Réseau")
    page.wait_for_selector("#trouble >> text=Pas de réseau")
    page.unroute("**/api/v1/**")
    page.evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_selector("#trouble >> text=Pas de réseau", state="detached", timeout=15_000)
    answer = page.request.get(f"/api/v1/drafts/{request.case_id}").json()
    assert answer["content"]["patient"]["birth_name"] == "Sans-Réseau"


def test_without_a_line_a_draft_is_not_deleted_and_says_so(request_on_phone: GuidedRequest) -> None:
    request, page = request_on_phone, request_on_phone.page
    request.begin()
    request.name_patient()
    request.kept()
    page.goto(f"/requests/{request.case_id}#accord")
    page.wait_for_selector("body[data-ready]")
    page.get_by_text("Il refuse, ou ne peut pas répondre").click()
    page.route("**/api/v1/drafts/**", lambda route: route.abort())
    page.get_by_role("button", name="Supprimer ce brouillon").click()
    page.get_by_text("Le brouillon n’est pas supprimé").wait_for()


def test_nothing_of_a_sent_request_stays_on_the_phone_and_late_pictures_leave_from_another_page(
    request_on_phone: GuidedRequest, live_server: LiveServer
) -> None:
    request, page = request_on_phone, request_on_phone.page
    hold_originals = "role " + b64encode(b"original").decode()
    page.route(
        "**/api/v1/uploads",
        lambda route: (
            route.abort()
            if hold_originals in (route.request.headers.get("upload-metadata") or "")
            else route.continue_()
        ),
    )
    request.complete()
    case_id = request.case_id
    request.send()
    assert _kept_on_phone(page) > 0, "full-size pictures still wait here"
    page.unroute("**/api/v1/uploads")
    page.goto("/requests")
    wait_until(lambda: _kept_on_phone(page) == 0, 30)
    wait_until(lambda: _originals(live_server, case_id) == 2, 30)


def _kept_on_phone(page: Page) -> int:
    """Count what the phone's database holds of requests; what every request begins with is none."""
    return sum(len(ids) for table, ids in kept_on_phone(page).items() if table not in {"facts", "keys"})


def _originals(live_server: LiveServer, case_id: str) -> int:
    with reading(live_server.system) as work:
        rows = select(func.count()).select_from(PhotoFile).join(Photo, Photo.id == PhotoFile.photo_id)
        return (
            work.session.scalar(rows.where(Photo.case_id == UUID(case_id), PhotoFile.role == "original")) or 0
        )
