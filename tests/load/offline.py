"""A phone without network, its processor four times slower: the server is stopped, the browser begins anew each round.

From the tap to the first usable screen (the field for the code), from the sixth digit to the request, from a picked
12-Mpx picture to its sealed bytes in the phone's database, and the longest time without a frame meanwhile.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dermavis.domain.roles import Role
from tests.e2e.guided_request import READY, GuidedRequest
from tests.e2e.phone_code import CODE, choose_code, enter, type_code, use_once
from tests.fixtures.browsers import FRENCH, SHAPES, chromium_path
from tests.fixtures.servers import LiveServer, serve
from tests.load.measuring import CPU_SLOWER, Verdict, conclude, launch_arguments
from tests.load.send import picture_file

if TYPE_CHECKING:
    from playwright.sync_api import Page

START_S, UNLOCK_S, SAVE_S, FRAME_MS = 1.5, 1.0, 1.5, 100.0
ROUNDS = 5

WATCH = """() => {
  addEventListener("input", ({ target }) => {
    if (target.value?.length === 6) window.typed = performance.now();
  }, true);
  new MutationObserver(() => { if (document.body.dataset.ready) window.opened ??= performance.now(); })
    .observe(document.body, { attributes: true });
}"""
FRAMES = """() => {
  window.longest = 0;
  let last = performance.now();
  const next = (at) => {
    window.longest = Math.max(window.longest, at - last);
    last = at;
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
  addEventListener("change", () => { window.picked = performance.now(); }, { capture: true, once: true });
  new MutationObserver(() => {
    if (document.querySelector("figure.photo img, figure.photo .placeholder")) window.saved ??= performance.now();
  }).observe(document.getElementById("main"), { childList: true, subtree: true });
}"""


def main() -> int:
    """Measure, print, and say whether every budget is kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    from playwright.sync_api import sync_playwright

    found: list[tuple[float, float, float, float]] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = serve(stack, folder)
        playwright = stack.enter_context(sync_playwright())
        picture = picture_file(folder, 1)
        with _phone(playwright, server, folder / "profile") as page:
            enter(page, server, server.world.who(Role.REQUESTER))
            page.goto("/")
            page.wait_for_function("() => navigator.serviceWorker.controller !== null")
            choose_code(page)
            use_once(page)
        server.stop("web")
        for number in range(options.rounds):
            with _phone(playwright, server, folder / "profile") as page:
                found.append(_once(page, folder, picture))
            start, unlock, save, frame = found[-1]
            print(
                f"round {number + 1}: first screen {start:.2f} s, unlocked {unlock:.2f} s,"
                f" picture kept {save:.2f} s, longest frame {frame:.0f} ms"
            )
    start, unlock, save, _ = (statistics.median(figures) for figures in zip(*found, strict=True))
    frame = max(longest for *_, longest in found)  # none may be lost
    verdicts = [
        Verdict("cold start without network", start, START_S, " s"),
        Verdict("unlock", unlock, UNLOCK_S, " s"),
        Verdict("a 12-Mpx picture kept, sealed", save, SAVE_S, " s"),
        Verdict("longest time without a frame meanwhile", frame, FRAME_MS, " ms"),
    ]
    return conclude("offline", start / START_S, 1.0, verdicts)


@contextmanager
def _phone(playwright: Any, server: LiveServer, profile: Path) -> Iterator[Page]:
    context = playwright.chromium.launch_persistent_context(
        profile,
        executable_path=chromium_path(),
        args=launch_arguments(),
        base_url=server.url,
        **FRENCH,
        **SHAPES["phone"],
    )
    try:
        context.set_default_timeout(60_000)
        page = context.new_page()
        session = context.new_cdp_session(page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWER})
        yield page
    finally:
        context.close()


def _once(page: Page, folder: Path, picture: Path) -> tuple[float, float, float, float]:
    page.goto("/requests/new", wait_until="commit")
    page.get_by_label("Code de cet appareil").wait_for()
    start = page.evaluate("performance.now()") / 1000
    page.evaluate(WATCH)
    type_code(page, CODE)
    page.wait_for_selector(READY)
    unlock = page.evaluate("window.opened - window.typed") / 1000
    request = GuidedRequest(page, folder)
    page.get_by_role("link", name="Aucun de ces signes").click()
    request.at("patient")
    request.name_patient()
    request.describe_lesion()
    page.evaluate(FRAMES)
    request.pick(picture)
    page.wait_for_selector("figure.photo img", timeout=60_000)
    save = page.evaluate("window.saved - window.picked") / 1000
    return start, unlock, save, page.evaluate("window.longest")


if __name__ == "__main__":
    raise SystemExit(main())
