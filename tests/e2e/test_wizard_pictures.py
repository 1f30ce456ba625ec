"""Pictures of the guided request: whatever the file, the line and the server do, they arrive whole or say why not."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from dermavis.models import Photo, PhotoFile
from dermavis.services.work import reading
from tests import material
from tests.receivers import wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Route

    from tests.e2e.guided_request import GuidedRequest
    from tests.fixtures.servers import LiveServer


def test_an_upload_goes_on_after_a_wrong_offset_and_begins_again_when_the_server_lost_it(
    request_on_phone: GuidedRequest, live_server: LiveServer
) -> None:
    request = request_on_phone
    request.begin_photos()
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
    request.begin_photos()
    released: list[Route] = []
    request.page.route("**/api/v1/uploads", lambda route: released.insert(0, route))
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
    request.begin_photos()
    request.photograph(b"%PDF-1.7 not a picture at all", "photo.jpg")
    notice = request.page.locator("#main .notice.late")
    notice.wait_for(timeout=20_000)
    expect(notice).to_contain_text("Photo à reprendre", use_inner_text=True)
    request.photograph(name="again.jpg")
    request.page.wait_for_selector("#main .tag.ok", timeout=20_000)


@pytest.mark.parametrize(
    "orientation", [pytest.param(1, marks=pytest.mark.long), 6, pytest.param(8, marks=pytest.mark.long)]
)
def test_a_turned_picture_is_shown_and_kept_upright(
    request_on_phone: GuidedRequest, live_server: LiveServer, orientation: int
) -> None:
    request = request_on_phone
    request.begin_photos()
    request.photograph(material.planted_jpeg(material.scene(1200, 900), orientation))
    upright = "img => img.naturalWidth < img.naturalHeight"
    request.page.wait_for_function("() => document.querySelector('figure.photo img')?.naturalWidth > 0")
    assert request.page.locator("figure.photo img").evaluate(upright) is (orientation != 1)
    request.page.wait_for_selector("#main .tag.ok", timeout=20_000)
    with reading(live_server.system) as work:
        file = work.session.scalars(
            select(PhotoFile)
            .join(Photo, Photo.id == PhotoFile.photo_id)
            .where(Photo.case_id == UUID(request.case_id), PhotoFile.role == "diagnostic")
        ).one()
    assert (file.width < file.height) is (orientation != 1)


def test_a_real_photograph_of_each_kind_is_sent(request_on_phone: GuidedRequest) -> None:
    files = material.shared_files(
        "clinical/PAT_1278*.jpg", "exif/iphone11pro_p3.heic", "exif/frozenpond.mpo", "exif/galaxy_s7*.jpg"
    )
    request = request_on_phone
    request.begin_photos("Kératose")
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


def test_a_second_lesion_has_its_views_and_its_answers_and_leaves_with_its_pictures(
    request_on_phone: GuidedRequest,
) -> None:
    request, page = request_on_phone, request_on_phone.page
    request.begin_photos()
    another = page.get_by_role("button", name="Ajouter une autre lésion")
    request.photograph()
    expect(another).to_have_count(0)
    request.go_on()
    request.at("photo/1/close_up")
    request.photograph()
    another.click()
    request.at("lesion/2")
    page.get_by_role("radio", name="Abdomen, côté gauche").click()
    request.go_on()
    request.at("description/2")
    expect(page.locator("#main")).to_contain_text("Lésion\u00a02\u00a0: abdomen à gauche")
    request.go_on()
    request.at("photo/2/overview")
    request.photograph()
    request.go_on()
    request.at("photo/2/close_up")
    page.get_by_role("button", name="Passer…").click()
    page.locator("dialog label").first.click()
    page.locator("dialog").get_by_role("button", name="Passer").click()
    request.at("histoire/course")
    request.answer_one_screen()
    request.at("histoire/course/2")
    page.get_by_role("button", name="Comme la lésion 1").click()
    request.go_on()
    request.at("histoire/signs")
    wait_until(lambda: "history" in _held(request)["lesions"][1], 20)
    content = _held(request)
    first, second = content["lesions"]
    assert second["history"].keys() == {"duration", "course"} <= content["history"].keys()
    assert [photo["lesion"] for photo in content["photos"]] == [first["id"]] * 2 + [second["id"]] * 2

    page.evaluate("location.hash = 'lesion/2'")
    request.at("lesion/2")
    page.get_by_role("button", name="Retirer cette lésion").click()
    expect(page.locator("dialog")).to_contain_text("avec sa photo")
    page.get_by_role("button", name="Retirer", exact=True).click()
    request.at("description/1")
    wait_until(lambda: _held(request)["lesions"] == [first], 20)
    assert [photo["lesion"] for photo in _held(request)["photos"]] == [first["id"]] * 2


def _held(request: GuidedRequest) -> Any:
    """The draft's content as the server holds it now."""
    return request.page.request.get(f"/api/v1/drafts/{request.case_id}").json()["content"]
