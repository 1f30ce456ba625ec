"""The guided request in a real browser, on a running server with its worker."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from dermavis.domain.roles import Role
from dermavis.models import Case, Patient, Photo, PhotoFile
from dermavis.services.work import reading
from tests import material
from tests.e2e.guided_request import GuidedRequest
from tests.fixtures.browsers import FRENCH, SHAPES, chromium_path
from tests.receivers import wait_until
from tests.signing_in import sign_in_page

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Playwright, Route

    from tests.fixtures.servers import LiveServer

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("wizard")]


@pytest.fixture
def request_on_phone(phone: Page, live_server: LiveServer, tmp_path: Path) -> GuidedRequest:
    """A signed-in requester's phone."""
    sign_in_page(phone, live_server.system, live_server.world.who(Role.REQUESTER))
    return GuidedRequest(phone, tmp_path)


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


def cases_named(live_server: LiveServer, case_id: str) -> Case:
    with reading(live_server.system) as work:
        return work.session.get_one(Case, UUID(case_id))


def test_a_whole_request_is_sent_from_a_phone_and_its_pictures_went_before(
    request_on_phone: GuidedRequest, live_server: LiveServer
) -> None:
    request = request_on_phone
    request.complete()
    request.page.wait_for_function(
        "() => document.querySelectorAll('#main .photo-strip .ok').length === 2", timeout=20_000
    )
    assert request.picture_states() == ["verified", "verified"]
    case_id = request.case_id
    number = request.send()
    case = cases_named(live_server, case_id)
    assert case.number == number and case.state == "submitted"
    with reading(live_server.system) as work:
        wait_until(lambda: _originals(live_server, case_id) == 2, 20)
        roles = work.session.scalars(
            select(PhotoFile.role).join(Photo, Photo.id == PhotoFile.photo_id).where(Photo.case_id == case.id)
        ).all()
    assert sorted(roles) == ["diagnostic", "diagnostic", "original", "original", "thumb", "thumb"]


def _originals(live_server: LiveServer, case_id: str) -> int:
    with reading(live_server.system) as work:
        rows = select(func.count()).select_from(PhotoFile).join(Photo, Photo.id == PhotoFile.photo_id)
        return (
            work.session.scalar(rows.where(Photo.case_id == UUID(case_id), PhotoFile.role == "original")) or 0
        )


def test_every_screen_is_accessible_and_fits_a_narrow_phone(
    request_on_phone: GuidedRequest, axe: Callable[[Page], None]
) -> None:
    request, seen = request_on_phone, []

    def look() -> None:
        place = request.place
        if not seen or seen[-1] != place:
            axe(request.page)
            seen.append(place)
        request.page.set_viewport_size({"width": 320, "height": 640})
        assert request.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
            f"{place} is wider than 320 px"
        )
        request.page.set_viewport_size({"width": 390, "height": 844})

    go_on = request.go_on
    request.go_on = lambda: (look(), go_on())[1]  # type: ignore[method-assign]
    request.complete()
    look()
    request.send()
    look()
    assert len(seen) > 12


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
        assert "Vautrin" in band and "12/03/1958" in band
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


def test_a_double_tap_and_two_tabs_make_one_case_and_one_receipt(
    request_on_phone: GuidedRequest, live_server: LiveServer
) -> None:
    request = request_on_phone
    with reading(live_server.system) as work:
        before = (
            work.session.scalar(select(func.count()).select_from(Case).where(Case.number.is_not(None))) or 0
        )
    request.complete()
    other = GuidedRequest(request.page.context.new_page(), request.folder)
    other.reopen(request.page.url)
    other.page.wait_for_selector("#send")
    tap = "document.getElementById('send').click()"
    request.page.evaluate(f"{tap}; {tap}")
    other.page.evaluate(tap)
    assert request.receipt() == other.receipt()
    with reading(live_server.system) as work:
        after = (
            work.session.scalar(select(func.count()).select_from(Case).where(Case.number.is_not(None))) or 0
        )
    assert after == before + 1


def test_a_receipt_for_another_request_or_a_captive_portal_is_no_receipt(
    request_on_phone: GuidedRequest,
) -> None:
    request = request_on_phone
    request.complete()
    lies = [
        lambda route: route.fulfill(
            status=200, content_type="text/html", body="<h1>Bienvenue sur ce Wi-Fi</h1>"
        ),
        lambda route: route.fulfill(json={"format": 1, "receipt": {"id": "another", "number": "D-1"}}),
        lambda route: route.fulfill(status=503, body=""),
    ]

    def lie(route: Route) -> None:
        if lies:
            lies.pop()(route)
        else:
            route.continue_()

    request.page.route("**/send", lie)
    number = request.send()
    assert not lies
    assert number != "D-1" or cases_number(request) == "D-1"


def cases_number(request: GuidedRequest) -> str:
    return str(request.page.request.get(f"/api/v1/drafts/{request.case_id}").json()["receipt"]["number"])


def test_an_upload_goes_on_after_a_wrong_offset_and_begins_again_when_the_server_lost_it(
    request_on_phone: GuidedRequest, live_server: LiveServer
) -> None:
    request = request_on_phone
    request.begin()
    request.name_patient()
    request.describe_lesion()
    answers: list[Any] = [404, 409, 423]
    created = 0

    def trouble(route: Route) -> None:
        nonlocal created
        if route.request.method == "POST":
            created += 1
        if route.request.method == "PATCH" and answers:
            route.fulfill(status=answers.pop(0), headers={"Tus-Resumable": "1.0.0"}, body="")
        else:
            route.continue_()

    request.page.route(re.compile("/api/v1/uploads"), trouble)
    content = material.jpeg(material.grainy(2400, 1800))
    request.photograph(content)
    request.page.wait_for_selector("#main .tag.ok", timeout=30_000)
    assert answers == []
    assert created >= 2, "after a 404 the upload is created again"
    assert request.picture_states() == ["verified"]


def test_a_file_that_changes_on_the_disk_after_it_was_picked_is_sent_as_it_was(
    request_on_phone: GuidedRequest,
) -> None:
    request = request_on_phone
    request.begin()
    request.name_patient()
    request.describe_lesion()
    released: list[Route] = []
    request.page.route("**/api/v1/uploads", lambda route: released.append(route))
    path = request.written(material.jpeg(material.grainy()), "gallery.jpg")
    request.pick(path)
    request.page.wait_for_selector("figure.photo img")
    path.write_bytes(path.read_bytes() + b"x")
    path.unlink()
    wait_until(lambda: request.page.wait_for_timeout(50) or bool(released), 10)
    for route in released:
        route.continue_()
    request.page.unroute("**/api/v1/uploads")
    request.page.wait_for_selector("#main .tag.ok", timeout=20_000)
    assert request.picture_states() == ["verified"]


def test_a_file_that_is_no_picture_is_told_on_its_view_and_may_be_taken_again(
    request_on_phone: GuidedRequest,
) -> None:
    request = request_on_phone
    request.begin()
    request.name_patient()
    request.describe_lesion()
    request.photograph(b"%PDF-1.7 not a picture at all", "photo.jpg")
    notice = request.page.locator("#main .notice.late")
    notice.wait_for(timeout=20_000)
    assert "Photo à reprendre" in notice.inner_text()
    request.photograph(name="again.jpg")
    request.page.wait_for_selector("#main .tag.ok", timeout=20_000)


@pytest.mark.parametrize("orientation", [1, 6, 8])
def test_a_turned_picture_is_shown_and_kept_upright(
    request_on_phone: GuidedRequest, live_server: LiveServer, orientation: int
) -> None:
    request = request_on_phone
    request.begin()
    request.name_patient()
    request.describe_lesion()
    request.photograph(material.planted_jpeg(material.scene(1200, 900), orientation))
    upright = "document.querySelector('figure.photo img').naturalWidth < document.querySelector('figure.photo img').naturalHeight"
    request.page.wait_for_function("() => document.querySelector('figure.photo img')?.naturalWidth > 0")
    assert request.page.evaluate(upright) is (orientation != 1)
    request.page.wait_for_selector("#main .tag.ok", timeout=20_000)
    with reading(live_server.system) as work:
        file = work.session.scalars(
            select(PhotoFile)
            .join(Photo, Photo.id == PhotoFile.photo_id)
            .where(Photo.case_id == UUID(request.case_id), PhotoFile.role == "diagnostic")
        ).one()
    assert (file.width < file.height) is (orientation != 1)


def test_without_a_line_the_answers_are_kept_and_leave_by_themselves(request_on_phone: GuidedRequest) -> None:
    request, page = request_on_phone, request_on_phone.page
    request.begin()
    page.wait_for_timeout(600)
    page.route("**/api/v1/**", lambda route: route.abort())
    page.get_by_role("button", name="Nouveau patient").click()
    request.at("identite")
    page.get_by_label("Nom de naissance").fill("Sans-Réseau")
    page.wait_for_selector("#trouble >> text=Pas de réseau")
    page.unroute("**/api/v1/**")
    page.evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_selector("#trouble >> text=Pas de réseau", state="detached", timeout=15_000)
    answer = page.request.get(f"/api/v1/drafts/{request.case_id}").json()
    assert answer["content"]["patient"]["birth_name"] == "Sans-Réseau"


def test_another_writer_is_named_and_both_texts_are_kept(request_on_phone: GuidedRequest) -> None:
    request, page = request_on_phone, request_on_phone.page
    request.complete()
    draft = page.request.get(f"/api/v1/drafts/{request.case_id}").json()
    theirs = {**draft["content"], "question": "Une autre question ?"}
    saved = page.request.put(
        f"/api/v1/drafts/{request.case_id}",
        data={"format": 1, "content": theirs},
        headers={"If-Match": f'"{draft["revision"]}"'},
    )
    assert saved.ok
    page.get_by_role("link", name="Modifier la question").click()
    request.at("question")
    page.get_by_label("Question à l’expert").fill("Ma question ?")
    dialog = page.locator("dialog")
    dialog.wait_for()
    words = dialog.inner_text()
    assert "Ma question ?" in words and "Une autre question ?" in words
    assert re.search(r"\d+\sh", words), "the hour of the other change is told"
    dialog.get_by_role("button", name="Garder mon texte").click()
    page.wait_for_timeout(1000)
    kept = page.request.get(f"/api/v1/drafts/{request.case_id}").json()
    assert kept["content"]["question"] == "Ma question ?"


def test_a_sign_asks_who_was_called_and_the_request_goes_on_as_soon(request_on_phone: GuidedRequest) -> None:
    page = request_on_phone.page
    page.goto("/requests/new")
    page.wait_for_selector("body[data-ready]")
    page.get_by_role("link", name=re.compile("^Purpura")).click()
    assert page.get_by_role("link", name="Appeler le 15").get_attribute("href") == "tel:15"
    page.get_by_role("button", name="Poursuivre la demande").click()
    assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"
    page.get_by_label("Le 15 (SAMU)").check()
    page.get_by_role("button", name="Poursuivre la demande").click()
    request_on_phone.at("patient")
    page.wait_for_timeout(800)
    content = page.request.get(f"/api/v1/drafts/{request_on_phone.case_id}").json()["content"]
    assert content["urgency"] == "soon"
    assert content["red_flags"]["called"]["whom"] == "Le 15 (SAMU)"


def test_the_first_tap_counts_before_the_program_is_there(phone: Page, live_server: LiveServer) -> None:
    sign_in_page(phone, live_server.system, live_server.world.who(Role.REQUESTER))
    held: list[Route] = []
    phone.route("**/js/wizard/main.js", lambda route: held.append(route))
    phone.goto("/requests/new", wait_until="commit")
    phone.get_by_role("link", name="Aucun de ces signes").click()
    assert phone.evaluate("location.hash") == "#aucun"
    wait_until(lambda: phone.wait_for_timeout(50) or bool(held), 10)
    for route in held:
        route.continue_()
    phone.wait_for_function("() => location.hash === '#patient'")


@pytest.mark.parametrize("zone", ["America/Martinique", "Pacific/Noumea"])
def test_a_birth_date_never_slips_a_day_overseas(
    open_page: Callable[..., Page], live_server: LiveServer, tmp_path: Path, zone: str
) -> None:
    page = open_page("phone", timezone_id=zone)
    sign_in_page(page, live_server.system, live_server.world.who(Role.REQUESTER))
    request = GuidedRequest(page, tmp_path)
    request.begin()
    request.name_patient(birth="01/03/1980")
    assert "01/03/1980" in page.locator("#band").inner_text()
    page.wait_for_timeout(800)
    content = page.request.get(f"/api/v1/drafts/{request.case_id}").json()["content"]
    assert content["patient"]["birth_date"] == "1980-03-01"
    request.reopen(page.url)
    assert "01/03/1980" in page.locator("#band").inner_text()


def test_a_returning_patient_is_found_by_either_spelling_and_agrees_again(
    request_on_phone: GuidedRequest, live_server: LiveServer
) -> None:
    request, page = request_on_phone, request_on_phone.page
    request.complete()
    request.send()
    with reading(live_server.system) as work:
        known = work.session.scalar(select(func.count()).select_from(Patient))
    request.begin()
    page.get_by_label(re.compile("Chercher un patient")).fill("d aubigne")
    page.get_by_label(re.compile("Élise D’Aubigné")).first.check()
    consent = page.get_by_label(re.compile("informée et d’accord"))
    assert not consent.is_checked(), "an earlier consent is not this one"
    request.go_on()
    page.wait_for_selector("text=Cochez l’accord du patient")
    consent.check()
    request.go_on()
    request.at("motif")
    with reading(live_server.system) as work:
        assert work.session.scalar(select(func.count()).select_from(Patient)) == known


def test_a_real_photograph_of_each_kind_is_sent(request_on_phone: GuidedRequest) -> None:
    files = material.shared_files(
        "clinical/PAT_1278*.jpg", "exif/iphone11pro_p3.heic", "exif/frozenpond.mpo", "exif/galaxy_s7*.jpg"
    )
    request = request_on_phone
    request.begin()
    request.name_patient()
    request.describe_lesion("Kératose")
    for path in files or [
        request.written(material.mpo(), "two.jpg"),
        request.written(material.png(), "picture.png"),
    ]:
        copy = request.folder / path.name
        if copy != path:
            shutil.copy(path, copy)
        if request.page.locator("figure.photo").count():
            request.page.locator(".picture-line input[type=file]").set_input_files(copy)
        else:
            request.pick(copy)
        request.page.wait_for_selector("#main .tag.ok", timeout=60_000)
    expected = len(files) or 2
    wait_until(lambda: request.picture_states() == ["verified"] * expected, 60)
