"""First visits of the main screens on slow 4G and a slow phone, against a bare page on the same server settings.

Ready: the heading is painted and the document read, so that its links and forms work; the first screen of the guided
request is such a page too, and when its program has taken over is printed beside. The visits of a round follow each
other, the bare page first and last, so that a noisy machine slows them alike; medians are compared.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from dermavis.domain.roles import Role
from tests import cases
from tests.fixtures.browsers import SHIFT, chromium_path
from tests.fixtures.servers import LiveServer, serve
from tests.load.measuring import Verdict, conclude, floor_server, launch, launch_arguments, slow_phone
from tests.load.slow_line import slow_line
from tests.ports import free_port, wait_for_port
from tests.signing_in import cookie_name, new_session

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Playwright

READY_RATIO = 1.5
MOST_KB, MOST_SCRIPT_KB = 70.0, 40.0
LIGHTHOUSE = "lighthouse@12.2.3"
ROUNDS = 5
SETTLE_MS = 1200

TIMES = """() => {
  const navigation = performance.getEntriesByType("navigation")[0];
  const paint = performance.getEntriesByName("first-contentful-paint")[0];
  return {paint: paint ? paint.startTime : 0, usable: navigation.domInteractive,
          program: window.__program || 0, shift: window.shifted, moved: window.moved,
          heading: Boolean(document.querySelector("h1"))};
}"""
PROGRAM = """
document.addEventListener("DOMContentLoaded", () => new MutationObserver(() => {
  if ("ready" in document.body.dataset) window.__program ??= performance.now();
}).observe(document.body, {attributes: true}));
"""


@dataclass(frozen=True)
class Screen:
    """A page that is measured: whose, where, and on what."""

    name: str
    path: str
    who: Role | None
    shape: str = "phone"


@dataclass
class Visits:
    """What the visits of one screen gave: seconds, bytes on the line, layout shift."""

    ready: list[float] = field(default_factory=list)
    kilobytes: float = 0.0
    script_kilobytes: float = 0.0
    shift: float = 0.0
    moved: list[str] = field(default_factory=list)
    program: list[float] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """The median time to ready."""
        return statistics.median(self.ready)


def main() -> int:
    """Measure, print, and say whether every budget is kept."""
    from playwright.sync_api import sync_playwright

    options = _options()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = serve(stack, folder)
        screens = _screens(server)
        floor_port = stack.enter_context(floor_server(folder))
        playwright = stack.enter_context(sync_playwright())
        visits = _measure(stack, playwright, server, screens, floor_port, options.rounds)
        scores = {} if options.no_lighthouse else _lighthouse(playwright, server, screens, folder)
    return _report(screens, visits, scores)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="visits of each screen (default 5)")
    parser.add_argument("--no-lighthouse", action="store_true", help="leave Lighthouse out (no npm)")
    return parser.parse_args()


def _screens(server: LiveServer) -> list[Screen]:
    for _ in range(12):
        cases.sent(server.world)
    answered = cases.answered(server.world)
    return [
        Screen("sign-in", "/sign-in", None),
        Screen("home", "/requests", Role.REQUESTER),
        Screen("first request screen", "/requests/new", Role.REQUESTER),
        Screen("case page", f"/cases/{answered}", Role.REQUESTER),
        Screen("worklist", "/worklist", Role.EXPERT, "tablet"),
    ]


def _measure(
    stack: ExitStack,
    playwright: Playwright,
    server: LiveServer,
    screens: list[Screen],
    floor_port: int,
    rounds: int,
) -> dict[str, Visits]:
    line = stack.enter_context(slow_line(urlsplit(server.url).port or 0))
    floor_line = stack.enter_context(slow_line(floor_port))
    browser = launch(playwright)
    stack.callback(browser.close)
    visits: dict[str, Visits] = defaultdict(Visits)
    floor = Screen("floor", "/", None)
    for warm in (True, *[False] * rounds):
        for screen in (floor, *screens, floor):
            port = floor_line.port if screen is floor else line.port
            _visit(browser, server, screen, port, None if warm else visits[screen.name])
    return visits


def _visit(browser: Browser, server: LiveServer, screen: Screen, port: int, into: Visits | None) -> None:
    base_url = f"http://127.0.0.1:{port}"
    context, page = slow_phone(browser, base_url, screen.shape, service_workers="block")
    page.add_init_script(SHIFT + PROGRAM)
    if screen.who is not None:
        token = new_session(server.system, server.world.who(screen.who))
        context.add_cookies([{"name": cookie_name(server.system), "value": token, "url": base_url}])
    weights = _weigh(page)
    page.goto(screen.path, wait_until="load")
    page.wait_for_timeout(SETTLE_MS)
    times = page.evaluate(TIMES)
    context.close()
    if not times["heading"]:
        raise SystemExit(f"{screen.name}: no heading, the page is not the one that was meant")
    if into is not None:
        into.ready.append(max(times["paint"], times["usable"]) / 1000)
        if times["program"]:
            into.program.append(times["program"] / 1000)
        into.shift = max(into.shift, times["shift"])
        into.moved += times["moved"]
        into.kilobytes = sum(size for kind, size in weights.values() if kind != "Image") / 1000
        into.script_kilobytes = sum(size for kind, size in weights.values() if kind == "Script") / 1000


def _weigh(page: Page) -> dict[str, tuple[str, float]]:
    """Collect what each resource weighs on the line, headers included."""
    weights: dict[str, tuple[str, float]] = {}
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")

    def answered(event: dict[str, Any]) -> None:
        weights[event["requestId"]] = (event["type"], 0.0)

    def finished(event: dict[str, Any]) -> None:
        kind, _ = weights.get(event["requestId"], ("Other", 0.0))
        weights[event["requestId"]] = (kind, float(event["encodedDataLength"]))

    session.on("Network.responseReceived", answered)
    session.on("Network.loadingFinished", finished)
    return weights


def _lighthouse(
    playwright: Playwright, server: LiveServer, screens: list[Screen], folder: Path
) -> dict[str, tuple[float, float]]:
    """Return performance and accessibility, 0 to 100, of each screen: medians of three runs."""
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("Lighthouse needs Node.js with npm: install them, or use --no-lighthouse.")
    place = folder / "lighthouse"
    subprocess.run(
        [npm, "install", "--silent", "--no-fund", "--no-audit", "--prefix", str(place), LIGHTHOUSE],
        check=True,
    )
    scores = {}
    for screen in screens:
        runs = [_run_lighthouse(playwright, server, screen, place, number) for number in range(3)]
        scores[screen.name] = (
            statistics.median(run[0] for run in runs),
            statistics.median(run[1] for run in runs),
        )
    return scores


def _run_lighthouse(
    playwright: Playwright, server: LiveServer, screen: Screen, place: Path, number: int
) -> tuple[float, float]:
    output = place / f"{number}.json"
    with _browser_of(playwright, server, screen) as port:
        command = [
            *(str(place / "node_modules/.bin/lighthouse"), f"{server.url}{screen.path}", f"--port={port}"),
            *("--quiet", "--output=json", f"--output-path={output}"),
            "--only-categories=performance,accessibility",
        ]
        if screen.shape == "tablet":
            command += ["--screenEmulation.width=1180", "--screenEmulation.height=820"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    found = json.loads(output.read_text("utf-8"))["categories"]
    return found["performance"]["score"] * 100, found["accessibility"]["score"] * 100


@contextmanager
def _browser_of(playwright: Playwright, server: LiveServer, screen: Screen) -> Iterator[int]:
    """Start a new browser, signed in where the screen needs it; give its debugging port.

    A cookie of the browser's own: one that Lighthouse adds as a header does not reach what scripts fetch.
    """
    port = free_port()
    with tempfile.TemporaryDirectory() as profile:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=chromium_path(),
            args=["--disable-gpu", f"--remote-debugging-port={port}", *launch_arguments()],
        )
        if screen.who is not None:
            token = new_session(server.system, server.world.who(screen.who))
            context.add_cookies([{"name": cookie_name(server.system), "value": token, "url": server.url}])
        wait_for_port(port)
        yield port
        context.close()


def _report(screens: list[Screen], visits: dict[str, Visits], scores: dict[str, tuple[float, float]]) -> int:
    floor = visits["floor"].seconds
    print(f"floor: ready {floor:.2f} s, {visits['floor'].kilobytes:.1f} kB")
    verdicts = []
    worst = 0.0
    for screen in screens:
        seen = visits[screen.name]
        ratio = seen.seconds / floor
        worst = max(worst, ratio)
        low, high = min(seen.ready), max(seen.ready)
        program = f", its program {statistics.median(seen.program):.2f} s" if seen.program else ""
        print(
            f"{screen.name}: ready {seen.seconds:.2f} s ({low:.2f}–{high:.2f}){program}, {seen.kilobytes:.1f} kB"
        )
        for moved in sorted(set(seen.moved)):
            print(f"    moved: {moved}")
        verdicts += [
            Verdict(f"{screen.name}, ready against the floor", ratio, READY_RATIO, " ×"),
            Verdict(f"{screen.name}, weight", seen.kilobytes, MOST_KB, " kB"),
            Verdict(f"{screen.name}, scripts", seen.script_kilobytes, MOST_SCRIPT_KB, " kB"),
            Verdict(f"{screen.name}, layout shift", seen.shift, 0.0),
        ]
        if screen.name in scores:
            performance, accessibility = scores[screen.name]
            verdicts += [
                Verdict(f"{screen.name}, Lighthouse performance", performance, 98, at_least=True),
                Verdict(f"{screen.name}, Lighthouse accessibility", accessibility, 100, at_least=True),
            ]
    return conclude("pages", worst, READY_RATIO, verdicts)


if __name__ == "__main__":
    raise SystemExit(main())
