"""How a live frame comes to its worker: whichever way a browser has, the same is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PIL import ImageFilter

from tests.e2e.filming import filmed as filmed  # a fixture
from tests.material import real_skin

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page, Route

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
  // A frame that cannot be given away.
  window.mine = gates => { gates.byFrame = async () => ({ video: { close() {} } }); };
  window.looking = (ways = null, before = () => {}, gates = new Gates(view)) => {
    if (ways) gates.ways = ways;
    window.last = gates;
    const said = new Promise((tell, fail) => {
      window.tell = tell;
      gates.addEventListener('said', ({ detail }) => tell(detail), { once: true });
      setTimeout(() => fail(new Error('nothing was said')), 8000);
    });
    before(gates);
    gates.start();
    return said.finally(() => gates.stop());
  };
}"""


#: What a worker's browser can do with a frame, as a line at the end of its program.
COPYING = {
    "as it is": "",
    "no copies": "VideoFrame.prototype.copyTo = () => { throw new TypeError(); };",
    "wish unknown": "VideoFrame.prototype.allocationSize = () => 1280 * 960 * 1.5;",
    "neither": """
        VideoFrame.prototype.copyTo = () => { throw new TypeError(); };
        const draw = OffscreenCanvasRenderingContext2D.prototype.drawImage;
        OffscreenCanvasRenderingContext2D.prototype.drawImage = function (given, ...rest) {
          if (given instanceof VideoFrame) throw new TypeError();
          return draw.call(this, given, ...rest);
        };
    """,
}
COUNTING = """
let copies = 0;
const [copy, post] = [VideoFrame.prototype.copyTo, postMessage];
VideoFrame.prototype.copyTo = function (...how) {
  return copy.apply(this, how).then(done => { copies = 1; return done; });
};
postMessage = said => post({ ...said, copies });
"""


def altered(line: str) -> Callable[[Route], None]:
    """Return what serves the live worker with another line at its end, and tells whether it copied a frame."""

    def serve(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text() + COUNTING + line)

    return serve


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


@pytest.mark.parametrize(
    "scene", ["sharp", "blurred", *(pytest.param(name, marks=pytest.mark.long) for name in ("dark", "burnt"))]
)
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
    for broken in ("() => looking(null, mine)", REFUSED):
        page.evaluate("() => { given.length = 0; }")
        alike(page.evaluate(broken), said)
        assert page.evaluate("() => given.at(-1)") == "bitmap", broken
        assert page.evaluate("() => looking(null, () => {}, last)")["colour"] == "green"
        assert page.evaluate("() => given.at(-1)") == "bitmap", "the same gates do not try it again"
    page.evaluate("() => { createImageBitmap = async () => { throw new TypeError(); }; }")
    alike(page.evaluate("() => looking()"), said)
    assert page.evaluate("() => given.at(-1)") == "frame"


def test_a_frame_is_copied_by_its_worker_and_drawn_where_it_cannot_be(filmed: Filmed) -> None:
    page = filmed([SHARP])
    said = {}
    for name, change in COPYING.items():
        page.context.route("**/camera/live-worker.js", altered(change))
        watching(page)
        said[name] = page.evaluate("() => looking(['byFrame', 'byBitmap'])")
        assert page.evaluate("() => given.at(-1)") == ("bitmap" if name == "neither" else "video"), name
        page.context.unroute_all()
    assert said["as it is"]["copies"] == 1
    assert [each["copies"] for each in said.values()] == [1, 0, 0, 0]
    for each in said.values():
        alike(each, said["as it is"])


def test_a_worker_that_fails_on_a_frame_is_not_waited_for(filmed: Filmed) -> None:
    page = filmed([SHARP])
    page.context.route("**/camera/live-worker.js", altered("Math.min = () => { throw new RangeError(); };"))
    watching(page)
    assert (
        page.evaluate("() => looking(null, gates => gates.addEventListener('silent', () => tell('silent')))")
        == "silent"
    )
