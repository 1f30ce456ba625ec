"""Pictures chosen in one breath without network, and one more before the receipt: all arrive, and none is empty."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy import select

from dermavis.models import Photo, PhotoFile
from dermavis.services.work import reading
from tests import material
from tests.e2e.arrivals import assert_arrived_once, sent_fingerprints, wait_on

if TYPE_CHECKING:
    from tests.e2e.guided_request import GuidedRequest
    from tests.fixtures.servers import LiveServer

pytestmark = pytest.mark.e2e

CHOOSE = """(contents) => {
  const began = performance.now();
  for (const content of contents) {
    const input = document.querySelector('#dock input[type=file]');
    const bytes = Uint8Array.from(atob(content), (one) => one.charCodeAt(0));
    const chosen = new DataTransfer();
    chosen.items.add(new File([bytes], 'photo.jpg', { type: 'image/jpeg' }));
    input.files = chosen.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
  }
  return performance.now() - began;
}"""
"""Gives the camera's field one file after the other; returns the milliseconds that it took."""


@pytest.mark.long
def test_two_pictures_within_a_tenth_of_a_second_and_one_more_all_arrive_whole(
    request_on_phone: GuidedRequest, live_server: LiveServer
) -> None:
    request, page = request_on_phone, request_on_phone.page
    pictures = [material.jpeg(material.scene(1200, 900, seed=seed)) for seed in (5, 6)]
    request.begin_photos()
    page.wait_for_load_state("networkidle")
    page.route("**/api/v1/**", lambda route: route.abort())
    assert page.evaluate(CHOOSE, [b64encode(content).decode() for content in pictures]) < 100
    page.wait_for_selector("ul.chips li:nth-child(2)")
    request.go_on()
    request.at("photo/1/close_up")
    page.unroute("**/api/v1/**")
    request.photograph(material.jpeg(material.scene(1200, 900, seed=7)))
    request.go_on()
    request.answer_history()
    request.ask()
    assert request.send() == assert_arrived_once(live_server, request.case_id)

    arrived = sent_fingerprints(live_server, request.case_id)
    assert len(arrived) == len(set(arrived.values())) == 3
    wait_on(page, lambda: len(sent_fingerprints(live_server, request.case_id, "original")) == 3)
    with reading(live_server.system) as work:
        sizes = work.session.scalars(
            select(PhotoFile.size).join(Photo).where(Photo.case_id == UUID(request.case_id))
        ).all()
    assert len(sizes) == 9
    assert min(sizes) > 0
