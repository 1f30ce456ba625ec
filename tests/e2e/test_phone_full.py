"""A phone without room for the second picture: the first is safe, the person is told, the network takes the second."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests import material
from tests.e2e.arrivals import assert_arrived_once, sent_fingerprints
from tests.e2e.guided_request import GuidedRequest
from tests.e2e.phone_database import kept_on_phone

if TYPE_CHECKING:
    from tests.fixtures.servers import LiveServer

pytestmark = pytest.mark.e2e

SOON = 5000
"""Milliseconds within which a person is told."""

FULL = "La mémoire de ce téléphone est pleine"


NO_ROOM = """() => {
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (record) {
    if (['pictures', 'bytes'].includes(this.name)) throw new DOMException('Full.', 'QuotaExceededError');
    return put.call(this, record);
  };
}"""
"""Nothing of a picture fits; the answers, which name it, still do."""


def photograph_two_of_which_one_fits(request: GuidedRequest) -> None:
    """Take the first picture, fill the phone, take the second, and see that it is told."""
    request.begin_photos()
    request.photograph(material.jpeg(material.grainy()))
    request.go_on()
    request.at("photo/1/close_up")
    expect(request.page.locator("#trouble")).not_to_contain_text(FULL)
    request.page.evaluate(NO_ROOM)
    request.photograph(material.jpeg(material.grainy()))
    expect(request.page.locator("#trouble")).to_contain_text(FULL, timeout=SOON)


def test_with_network_both_pictures_reach_the_server_and_the_request_is_sent(
    request_on_phone: GuidedRequest, live_server: LiveServer
) -> None:
    request = request_on_phone
    photograph_two_of_which_one_fits(request)
    expect(request.page.locator("#trouble")).to_contain_text("part directement au serveur")
    request.go_on()
    request.at("histoire")
    request.answer_history()
    request.ask()
    assert request.send() == assert_arrived_once(live_server, request.case_id)
    assert len(sent_fingerprints(live_server, request.case_id)) == 2


@pytest.mark.long
def test_without_network_the_first_picture_is_safe_and_the_second_is_said_to_be_chosen_again(
    request_on_phone: GuidedRequest, live_server: LiveServer
) -> None:
    request, page = request_on_phone, request_on_phone.page
    page.context.route("**/api/v1/uploads", lambda route: route.abort())
    photograph_two_of_which_one_fits(request)
    expect(page.locator("#trouble")).to_contain_text("laissez-la ouverte")
    wanted = {entry["id"] for entry in request.kept()["content"]["photos"]}
    safe = set(kept_on_phone(page)["pictures"])
    address = page.url

    page.context.unroute("**/api/v1/uploads")
    tab = GuidedRequest(page.context.new_page(), request.folder)
    page.close()
    tab.page.goto(address)
    tab.at("photo/1/close_up")
    expect(tab.page.locator("#main")).to_contain_text("Choisissez-la de nouveau")
    tab.photograph(material.jpeg(material.grainy()), "again.jpg")
    tab.go_on()
    tab.at("histoire")
    tab.answer_history()
    tab.ask()
    assert tab.send() == assert_arrived_once(live_server, tab.case_id)
    arrived = set(sent_fingerprints(live_server, tab.case_id))
    assert len(arrived) == len(wanted) == 2
    assert len(arrived & safe & wanted) >= 1
