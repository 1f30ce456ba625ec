"""A picture is judged after the shot: kept, offered again or asked again; nobody is trapped, and the expert is told."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from PIL import Image, ImageFilter
from playwright.sync_api import expect
from sqlalchemy import select

from dermavis.models import PhotoMeasure
from dermavis.services.work import reading
from tests import material
from tests.receivers import wait_until

if TYPE_CHECKING:
    from tests.e2e.guided_request import GuidedRequest
    from tests.fixtures.servers import LiveServer

SHARP = material.jpeg(material.hairy())
BLURRED = material.jpeg(material.hairy().filter(ImageFilter.GaussianBlur(14)))
NOTICE = "#quality"


def _at_the_photo(request: GuidedRequest) -> None:
    request.begin_photos()


def _held(request: GuidedRequest) -> list[dict[str, Any]]:
    content = request.page.request.get(f"/api/v1/drafts/{request.case_id}").json()["content"]
    return [photo for photo in content["photos"] if photo["sha256"]]


def _retried(request: GuidedRequest, tries: int) -> bool:
    return [photo["quality"]["retries"] for photo in _held(request)] == [tries]


def test_a_sharp_picture_is_kept_without_a_word(request_on_phone: GuidedRequest) -> None:
    request, page = request_on_phone, request_on_phone.page
    _at_the_photo(request)
    request.photograph(SHARP)
    page.wait_for_selector("#main .tag.ok", timeout=30_000)
    expect(page.locator(NOTICE)).to_have_count(0)
    expect(page.get_by_role("button", name="Continuer", exact=True)).to_be_visible()
    wait_until(lambda: len(_held(request)) == 1, 20)
    assert "quality" not in _held(request)[0]


def test_a_blurred_picture_is_asked_again_twice_and_then_accepted_and_flagged(
    request_on_phone: GuidedRequest,
) -> None:
    request, page = request_on_phone, request_on_phone.page
    _at_the_photo(request)
    request.photograph(BLURRED)
    notice = page.locator(NOTICE)
    expect(notice).to_contain_text("Floue")
    expect(notice).to_contain_text("attendez la netteté")
    for tries in (1, 2):
        expect(page.get_by_role("button", name="Garder quand même")).to_be_visible()
        page.get_by_label(re.compile("^Reprendre")).set_input_files(request.written(BLURRED, f"{tries}.jpg"))
        wait_until(partial(_retried, request, tries), 30)
    expect(notice).to_contain_text("l’expert verra cette mention")
    expect(page.get_by_role("button", name="Garder quand même")).to_have_count(0)
    quality = _held(request)[0]["quality"]
    assert {finding["reason"] for finding in quality["findings"]} >= {"focus"}
    assert all(0 <= finding["value"] < 1 for finding in quality["findings"])
    request.go_on()
    request.at("photo/1/close_up")


@pytest.mark.long
def test_a_blurred_picture_may_be_kept_at_once_and_stays_so(request_on_phone: GuidedRequest) -> None:
    request, page = request_on_phone, request_on_phone.page
    _at_the_photo(request)
    request.photograph(BLURRED)
    page.get_by_role("button", name="Garder quand même").click()
    request.at("photo/1/close_up")
    page.go_back()
    request.at("photo/1/overview")
    expect(page.locator(NOTICE)).to_contain_text("Photo gardée")
    expect(page.get_by_role("button", name="Continuer", exact=True)).to_be_visible()


def test_a_picture_with_nothing_on_it_stops_on_the_phone(request_on_phone: GuidedRequest) -> None:
    request, page = request_on_phone, request_on_phone.page
    _at_the_photo(request)
    request.photograph(material.jpeg(Image.new("RGB", (3200, 2400), (12, 12, 12))))
    expect(page.locator("#main")).to_contain_text("d’une seule teinte")
    assert request.picture_states() == []


@pytest.mark.long
def test_phone_and_server_measure_the_same_on_the_file_that_was_sent(
    request_on_phone: GuidedRequest, live_server: LiveServer
) -> None:
    request, page = request_on_phone, request_on_phone.page
    _at_the_photo(request)
    request.photograph(BLURRED)
    page.wait_for_selector("#main .tag.ok", timeout=30_000)
    wait_until(lambda: len(_held(request)) == 1, 20)
    (photo,) = _held(request)
    with reading(live_server.system) as work:
        rows = work.session.scalars(
            select(PhotoMeasure).where(PhotoMeasure.photo_id == UUID(photo["id"]))
        ).all()
    (server,) = [row.values for row in rows if row.source == "diagnostic"]
    found = {finding["measure"]: finding["value"] for finding in photo["quality"]["findings"]}
    assert {"edge_ratio", "sharpness"} <= found.keys()
    for measure, value in found.items():
        assert abs(server[measure] - value) <= 0.01, measure
