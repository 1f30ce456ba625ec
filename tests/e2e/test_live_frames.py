"""How a live frame comes to its worker: whichever way a browser has, the same is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PIL import ImageFilter

from tests.e2e.filming import filmed as filmed  # a fixture
from tests.material import real_skin

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.e2e.filming import Filmed

pytestmark = pytest.mark.e2e

WAYS = ["byFrame", "byBitmap", "byCanvas"]
SHARP = real_skin((1280, 960))
SCENES = {
    "sharp": SHARP,
    "blurred": SHARP.filter(ImageFilter.GaussianBlur(8)),
    "dark": SHARP.point(lambda level: level * 0.06),
    "burnt": SHARP.point(lambda level: min(255, level * 3.2)),
}
#: How far two ways of making a frame smaller may be apart: each rounds and weighs its pixels differently.
APART = {"mean_luma": 1.5, "dark_share": 0.02, "bright_share": 0.05, "sharpness": 0.04, "edge_ratio": 0.06}

REFUSED = """() => {
  VideoFrame = class { constructor() { throw new DOMException('', 'InvalidStateError'); } };
  return looking();
}"""
BEGIN = """async () => {
  const from = name => import(`${location.origin}/static/today/js/camera/${name}.js`);
  const [{ LiveView }, { Gates }] = [await from('stream'), await from('gates')];
  const view = new LiveView(document.body.appendChild(document.createElement('video')), () => {});
  await view.start();
  while (!view.runs) await new Promise(go => setTimeout(go, 50));
  const post = Worker.prototype.postMessage;
  window.given = [];
  Worker.prototype.postMessage = function (message, ...rest) {
    window.given.push(Object.keys(message)[0]);
    return post.call(this, message, ...rest);
  };
  window.looking = (ways = null, before = () => {}) => {
    const gates = new Gates(view);
    if (ways) gates.ways = ways;
    before(gates);
    const said = new Promise((tell, fail) => {
      gates.addEventListener('said', ({ detail }) => tell(detail), { once: true });
      setTimeout(() => fail(new Error('nothing was said')), 8000);
    });
    gates.start();
    return said.finally(() => gates.stop());
  };
}"""
ALONE = """async ([width, height]) => {
  const surface = new OffscreenCanvas(width, height);
  const brush = surface.getContext('2d');
  brush.drawImage(document.querySelector('video'), 0, 0, width, height);
  const video = new VideoFrame(surface, { timestamp: 0 });
  const worker = new Worker('/static/today/js/camera/live-worker.js', { type: 'module' });
  worker.postMessage({ video, longest: 480 }, [video]);
  const { data } = await new Promise(tell => { worker.onmessage = tell; });
  worker.terminate();
  return data;
}"""


def watching(page: Page) -> Page:
    """Return the page with a camera that runs and `looking(ways)`, which answers with what is said of one frame."""
    page.goto("/offline")
    page.evaluate(BEGIN)
    return page


def alike(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert one["colour"] == other["colour"]
    assert [each["reason"] for each in one["findings"]] == [each["reason"] for each in other["findings"]]
    for measure, apart in APART.items():
        assert one["measures"][measure] == pytest.approx(other["measures"][measure], abs=apart), measure


@pytest.mark.parametrize("scene", SCENES)
def test_each_way_to_the_worker_has_the_same_said_of_a_frame(filmed: Filmed, scene: str) -> None:
    page = watching(filmed([SCENES[scene]]))
    by_frame, by_bitmap, by_canvas = (page.evaluate("way => looking([way])", way) for way in WAYS)
    assert page.evaluate("() => [...new Set(given)]") == ["video", "bitmap", "frame"]
    assert (by_frame["colour"] == "green") == (scene == "sharp"), by_frame
    alike(by_frame, by_bitmap)
    alike(by_canvas, by_bitmap)


def test_a_browser_without_a_way_takes_the_next_for_good(filmed: Filmed) -> None:
    page = watching(filmed([SHARP]))
    said = page.evaluate("() => looking()")
    assert said["colour"] == "green"
    for broken in (
        "() => looking(null, gates => gates.hear({ blind: true }))",
        "() => looking(null, gates => { gates.byFrame = async () => ({ video: { unknown: true } }); })",
        REFUSED,
    ):
        page.evaluate("() => { given.length = 0; }")
        alike(page.evaluate(broken), said)
        assert page.evaluate("() => given.at(-1)") == "bitmap", broken
    page.evaluate("() => { createImageBitmap = async () => { throw new TypeError(); }; }")
    alike(page.evaluate("() => looking()"), said)
    assert page.evaluate("() => given.at(-1)") == "frame"


def test_a_frame_too_large_to_be_copied_is_drawn_smaller(filmed: Filmed) -> None:
    page = watching(filmed([SHARP]))
    copied, drawn = (page.evaluate(ALONE, size) for size in ([1280, 960], [2560, 1920]))
    alike(copied, drawn)
