"""An arrow and a circle beside a picture: drawn on the phone, over the same place wherever it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests import material
from tests.e2e.arrivals import assert_arrived_once, sent_fingerprints, wait_on
from tests.e2e.guided_request import GuidedRequest
from tests.e2e.looking import looked_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.fixtures.servers import LiveServer

pytestmark = pytest.mark.e2e

CENTRE = """() => {
  const sheet = document.querySelector('.marks');
  const image = sheet.parentElement.querySelector('img');
  const across = image.classList.contains('turned') ? image.naturalHeight : image.naturalWidth;
  const down = image.classList.contains('turned') ? image.naturalWidth : image.naturalHeight;
  const room = (document.querySelector('.zoomed') ?? image).getBoundingClientRect();
  const scale = Math.min(room.width / across, room.height / down);
  const circle = sheet.querySelector('circle').getBoundingClientRect();
  return [(circle.x + circle.width / 2 - room.x - room.width / 2) / (across * scale) + 0.5,
    (circle.y + circle.height / 2 - room.y - room.height / 2) / (down * scale) + 0.5];
}"""
"""Where the circle's centre lies on the upright picture, from what the screen shows."""


def draw_with_a_finger(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Draw down and across, as a thumb does: a page that scrolled instead would take the stroke away."""
    hand = page.context.new_cdp_session(page)
    places = [
        start,
        *[tuple(a + (b - a) * n / 8 for a, b in zip(start, end, strict=True)) for n in range(1, 9)],
    ]
    for kind, place in [("touchStart", places[0]), *[("touchMove", place) for place in places[1:]]]:
        points = [{"x": place[0], "y": place[1]}]
        hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    hand.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_what_is_drawn_on_the_overview_lies_at_its_place_for_the_expert_too(
    request_on_phone: GuidedRequest,
    live_server: LiveServer,
    expert: Callable[..., Page],
    axe: Callable[..., object],
) -> None:
    request, page = request_on_phone, request_on_phone.page
    request.begin_photos()
    request.photograph(
        material.jpeg(material.scene(1600, 1200), quality=88, exif=material.exif_block(6)), "turned.jpg"
    )
    page.get_by_role("button", name="Montrer où regarder").click()
    drawing = page.get_by_role("application")
    drawing.wait_for()
    picture = drawing.locator("img").bounding_box()
    assert picture
    page.get_by_role("button", name="Cercle").click()
    at = (picture["x"] + picture["width"] * 0.4, picture["y"] + picture["height"] * 0.45)
    draw_with_a_finger(page, at, (at[0] + 30, at[1] + 30))
    page.get_by_role("button", name="Flèche").click()
    drawing.press("Enter")
    looked_at(page, axe, "marking-phone")
    page.get_by_role("button", name="Garder", exact=True).click()
    page.wait_for_selector("figure.photo .marks path")
    looked_at(page, axe, "marked-phone")
    drawn = page.evaluate(CENTRE)
    request.go_on()
    request.photograph_everything()
    request.answer_history()
    request.ask()
    marks = request.kept()["content"]["photos"][0]["marks"]
    assert {mark["shape"] for mark in marks} == {"circle", "arrow"}
    circle = next(mark for mark in marks if mark["shape"] == "circle")
    assert drawn == pytest.approx(circle["start"], abs=0.01)
    case_id = request.case_id
    request.send()
    assert_arrived_once(live_server, case_id)
    wait_on(page, lambda: len(sent_fingerprints(live_server, case_id, "original")) == 2)
    shown = expert()
    shown.goto(f"/cases/{case_id}")
    shown.wait_for_selector(".zoomed .marks circle")
    assert shown.evaluate(CENTRE) == pytest.approx(circle["start"], abs=0.01)
    looked_at(shown, axe, "marked-expert")
    shown.get_by_role("button", name="Repères du demandeur").click()
    assert shown.locator(".marks").count() == 0
    shown.get_by_role("button", name="Repères du demandeur").click()
    shown.wait_for_selector(".zoomed .marks circle")
    for _ in range(6):
        shown.get_by_role("button", name="Zoomer", exact=True).click()
    wait_on(shown, lambda: shown.locator(".zoomed img.turned").count() == 1)
    assert shown.evaluate(CENTRE) == pytest.approx(circle["start"], abs=0.01), "over the turned original too"
