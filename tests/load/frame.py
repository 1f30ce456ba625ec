"""The live gates of the guided camera in a real browser: what a frame costs the worker, and what it costs the page.

The worker has all of its processor; the page one that is four times slower. The camera is Chromium's false one, which
plays a photograph. What a frame blocks is the longest time in which the page could do nothing, beside itself at rest.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from tests.e2e.filming import camera_arguments
from tests.fixtures.browsers import FRENCH, SHAPES, chromium_path
from tests.fixtures.servers import serve
from tests.ins_codes import film
from tests.load.measuring import CPU_SLOWER, Verdict, conclude, launch_arguments
from tests.material import real_skin

if TYPE_CHECKING:
    from playwright.sync_api import Page

LOOK_MS, BLOCKED_MS, LEAST_RATE = 15.0, 5.0, 10.0
ROUNDS, FRAMES = 5, 60
SIZE = (1280, 960)

BEGIN = """async () => {
  const from = (name) => import(`${location.origin}/static/today/js/camera/${name}.js`);
  const [{ LiveView }, { Gates }] = [await from('stream'), await from('gates')];
  const video = document.body.appendChild(document.createElement('video'));
  const view = new LiveView(video, () => {});
  await view.start();
  while (!view.runs) await new Promise((go) => setTimeout(go, 50));
  window.gates = new Gates(view);
  window.took = [];
  window.gates.addEventListener('said', ({ detail }) => window.took.push(detail.took));
}"""
LOOK = """async (frames) => {
  window.took.length = 0;
  window.gates.start();
  const began = performance.now();
  while (window.took.length < frames) await new Promise((go) => setTimeout(go, 20));
  const seconds = (performance.now() - began) / 1000;
  return { took: [...window.took], rate: frames / seconds };
}"""
GAPS = """async (windows) => {
  const { port1, port2 } = new MessageChannel();
  const longest = [];
  for (let count = 0; count < windows; count += 1) {
    let [most, last] = [0, performance.now()];
    const end = last + 100;
    while (last < end) {
      await new Promise((go) => { port1.onmessage = go; port2.postMessage(0); });
      const now = performance.now();
      most = Math.max(most, now - last);
      last = now;
    }
    longest.push(most);
  }
  return longest;
}"""


def main() -> int:
    """Measure, print, and say whether every budget is kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    from playwright.sync_api import sync_playwright

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = serve(stack, folder)
        played = film(folder / "film.mjpeg", [real_skin(SIZE)])
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=[*launch_arguments(), *camera_arguments(played)]
        )
        stack.callback(browser.close)
        page = browser.new_context(base_url=server.url, **FRENCH, **SHAPES["phone"]).new_page()
        page.goto("/offline")
        page.evaluate(BEGIN)
        rounds = [_once(page) for _ in range(options.rounds)]
    look, rate, blocked = (statistics.median(figures) for figures in zip(*rounds, strict=True))
    verdicts = [
        Verdict("a frame of 480 × 360 in the worker", look, LOOK_MS, " ms"),
        Verdict("the page blocked by a frame, processor ÷ 4", blocked, BLOCKED_MS, " ms"),
        Verdict("frames a second", rate, LEAST_RATE, "", at_least=True),
    ]
    return conclude("frame", look / LOOK_MS, 1.0, verdicts)


def _once(page: Page) -> tuple[float, float, float]:
    told = page.evaluate(LOOK, FRAMES)
    look, rate = statistics.median(told["took"]), told["rate"]
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWER})
    with_gates = statistics.median(page.evaluate(GAPS, FRAMES // 2))
    page.evaluate("() => window.gates.stop()")
    at_rest = statistics.median(page.evaluate(GAPS, FRAMES // 2))
    session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    session.detach()
    print(
        f"{look:.1f} ms a frame, {rate:.1f} a second; page blocked {with_gates:.1f} ms, at rest {at_rest:.1f} ms"
    )
    return look, rate, max(0.0, with_gates - at_rest)


if __name__ == "__main__":
    raise SystemExit(main())
