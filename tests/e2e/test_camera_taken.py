"""The guided camera taken by something else, one that cannot be asked for, and one told what is to be sharp."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.e2e.filming import filmed as filmed  # a fixture
from tests.e2e.test_guided_camera import SHARP, open_camera
from tests.e2e.test_guided_camera import at_photo as at_photo  # a fixture

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.e2e.filming import Filmed

pytestmark = pytest.mark.e2e

MUTED = """muted => {
  const track = document.querySelector('dialog.camera video').srcObject.getVideoTracks()[0];
  Object.defineProperty(track, 'muted', { configurable: true, get: () => muted });
  track.dispatchEvent(new Event(muted ? 'mute' : 'unmute'));
}"""
ENDED = """() => {
  const track = document.querySelector('dialog.camera video').srcObject.getVideoTracks()[0];
  track.stop();
  track.dispatchEvent(new Event('ended'));
}"""
POINTED = """
  window.asked = [];
  const can = MediaStreamTrack.prototype.getCapabilities;
  MediaStreamTrack.prototype.getCapabilities = function () {
    return { ...can.call(this), focusMode: window.name ? ['continuous', 'single-shot'] : undefined };
  };
  MediaStreamTrack.prototype.applyConstraints = async wish => { window.asked.push(...wish.advanced); };
"""


def test_a_call_that_takes_the_camera_is_said_and_it_runs_again_afterwards(
    filmed: Filmed, at_photo: Callable[[Page], Page]
) -> None:
    page = at_photo(filmed([SHARP]))
    open_camera(page)
    shutter = page.get_by_role("button", name="Prendre la photo")
    page.evaluate(MUTED, True)
    expect(page.get_by_text("La caméra est prise")).to_be_visible()
    expect(shutter).to_be_disabled()
    page.evaluate(MUTED, False)
    expect(page.get_by_text("La caméra est prise")).to_be_hidden()
    expect(shutter).to_be_enabled()
    page.evaluate(MUTED, True)
    page.get_by_role("button", name="Réessayer").click()
    expect(shutter).to_be_enabled()
    page.evaluate(ENDED)
    expect(page.get_by_text("La caméra est prise")).to_be_visible()
    page.get_by_role("button", name="Réessayer").click()
    expect(shutter).to_be_enabled()


def test_a_browser_that_opens_no_camera_says_so_and_leaves_the_telephones_own(
    filmed: Filmed, at_photo: Callable[[Page], Page]
) -> None:
    page = at_photo(filmed([SHARP]))
    page.evaluate("() => { navigator.mediaDevices.getUserMedia = undefined; }")
    page.get_by_role("button", name="Photographier").click()
    expect(page.get_by_text("Pas de caméra dans ce navigateur")).to_be_visible()
    expect(page.get_by_role("dialog").get_by_label("Appareil, appareil photo du téléphone")).to_be_enabled()


@pytest.mark.long
def test_a_camera_that_never_answers_is_given_up(filmed: Filmed, at_photo: Callable[[Page], Page]) -> None:
    page = at_photo(filmed([SHARP]))
    page.evaluate("() => { navigator.mediaDevices.getUserMedia = () => new Promise(() => {}); }")
    page.get_by_role("button", name="Photographier").click()
    expect(page.get_by_text("La caméra ne répond pas")).to_be_visible(timeout=20_000)


@pytest.mark.parametrize("can", [True, pytest.param(False, marks=pytest.mark.long)])
def test_what_is_touched_is_what_the_camera_makes_sharp_where_it_can(
    filmed: Filmed, at_photo: Callable[[Page], Page], can: bool
) -> None:
    page = filmed([SHARP])
    page.add_init_script(POINTED)
    at_photo(page)
    page.evaluate("name => { window.name = name; }", "can" if can else "")
    open_camera(page)
    page.evaluate("() => { asked.length = 0; }")
    video = page.locator("dialog.camera video")
    box = video.bounding_box()
    assert box
    video.click(position={"x": box["width"] / 2, "y": box["height"] / 2})
    asked: list[dict[str, Any]] = page.evaluate("() => asked")
    if can:
        [wish] = asked
        assert wish["focusMode"] == "single-shot"
        assert wish["pointsOfInterest"] == [
            {"x": pytest.approx(0.5, abs=0.02), "y": pytest.approx(0.5, abs=0.02)}
        ]
        expect(page.locator(".focus-ring")).to_have_count(0)
    else:
        assert asked == []
