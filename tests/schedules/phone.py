"""A requester's kept phone: a browser of its own, its profile on the disk, behind a line of its own."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from playwright.sync_api import Error

from dermavis.domain.roles import Role
from dermavis.services.devices import enrol
from dermavis.services.work import writing
from tests.e2e.phone_code import CODE, choose_code, use_once
from tests.fixtures.browsers import FRENCH, SHAPES, chromium_path
from tests.load.measuring import launch_arguments
from tests.schedules.inside import CLOCK, KEPT, LEFT, OPENED, PUT_TOGETHER
from tests.signing_in import cookie_name, new_session

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Playwright

    from tests.factories import World
    from tests.fixtures.servers import LiveServer
    from tests.load.slow_line import SlowLine

PATIENCE_S = 40
STEP_MS = 8_000


def browser_path() -> str:
    """Return where Chromium is: its headless shell where there is one, the same engine at half the cost."""
    return os.environ.get("CHROMIUM_SHELL") or shutil.which("chromium-headless-shell") or chromium_path()


class Phone:
    """One person's phone. It chose a code, so that it opens without network."""

    def __init__(
        self, playwright: Playwright, server: LiveServer, world: World, profile: Path, line: SlowLine
    ) -> None:
        self.who = world.who(Role.REQUESTER)
        self.line = line
        self.ahead_ms = 0
        self.script_faults: list[str] = []
        self.asked: set[str] = set()
        self._playwright = playwright
        self._profile = profile
        with writing(server.system) as work:
            device_id, _ = enrol(work, self.who.person_id, "Essai")
        token = new_session(server.system, self.who, device_id=device_id)
        self._cookie = {"name": cookie_name(server.system), "value": token, "url": self.url}
        self.context = self._launch()
        self.context.set_default_timeout(PATIENCE_S * 1000)
        page = self.context.new_page()
        page.goto("/")
        page.wait_for_function("() => navigator.serviceWorker.controller !== null")
        choose_code(page)
        use_once(page)
        page.close()
        self.context.set_default_timeout(STEP_MS)

    @property
    def url(self) -> str:
        """Where the phone finds the service: through its line."""
        return f"http://127.0.0.1:{self.line.port}"

    def open(self, path: str) -> Page:
        """Open a page as its person does: the code where it is asked, « Réessayer » where it did not open."""
        page = self.context.new_page()
        end = time.monotonic() + PATIENCE_S
        gone = False
        while True:
            if not gone:
                with suppress(Error):
                    page.goto(path, wait_until="commit", timeout=STEP_MS)
                    gone = True
            found = self._standing(page) if gone else ""
            if found == "open":
                return page
            if found == "code":
                page.get_by_label("Code de cet appareil").fill(CODE, timeout=STEP_MS)
            if found == "again":
                page.wait_for_timeout(500)
                gone = False
            if found == "trouble":
                page.wait_for_timeout(300)
                with suppress(Error):
                    page.get_by_role("button", name="Réessayer").click(timeout=1_000)
            if time.monotonic() > end:
                raise Error(f"{path} did not open within {PATIENCE_S} s: {page.url} {_words(page)}")
            page.wait_for_timeout(40)

    def any_page(self) -> Page:
        """Return a page of DermAvis that stands open, or open one."""
        for page in self.context.pages:
            if not page.is_closed() and page.url == f"{self.url}/requests":
                return page
        return self.open("/requests")

    def step_clock(self, milliseconds: int) -> None:
        """From now on this phone's pages live so much later; earlier where negative."""
        self.ahead_ms = milliseconds
        self.context.add_init_script(f"window.clockAhead = {milliseconds};")
        for page in self.context.pages:
            with suppress(Error):
                page.evaluate("ahead => { window.clockAhead = ahead; }", milliseconds)

    def kill(self) -> None:
        """End every process of this phone's browser at once, and start it on the same profile."""
        for process in psutil.Process().children(recursive=True):
            with suppress(psutil.Error):
                if any(f"--user-data-dir={self._profile}" in part for part in process.cmdline()):
                    process.kill()
        with suppress(Error):
            self.context.close()
        (self._profile / "SingletonLock").unlink(missing_ok=True)
        self.context = self._launch()

    def crash(self, page: Page) -> None:
        """Let a page's renderer crash, as a system without memory does to a tab."""
        with suppress(Error):
            page.goto("chrome://crash", timeout=2_000)
        self.close(page)

    def close(self, page: Page) -> None:
        """Close a tab without asking it."""
        with suppress(Error):
            page.close()

    def close_all(self, but: Page | None = None) -> None:
        """Close every tab, but one perhaps; the browser stays."""
        for page in self.context.pages:
            if page.url != "about:blank" and page is not but:
                self.close(page)

    def put_together(self, page: Page, case_id: str, content: dict[str, Any]) -> None:
        """Keep a new draft on this phone through the modules of its pages."""
        page.evaluate(PUT_TOGETHER, {"id": case_id, "content": content})

    def kept(self, page: Page, case_id: str) -> dict[str, Any]:
        """Return what this phone keeps of a request, opened: ``question``, ``pictures`` by view; {} for nothing."""
        kept: dict[str, Any] = page.evaluate(KEPT, case_id)
        return kept

    def left(self, page: Page, case_ids: list[str]) -> list[str]:
        """Return the tables in which this phone still holds something of these requests."""
        left: list[str] = page.evaluate(LEFT, case_ids)
        return left

    def stop(self) -> None:
        """Close the browser."""
        with suppress(Error):
            self.context.close()

    def _launch(self) -> BrowserContext:
        context = self._playwright.chromium.launch_persistent_context(
            self._profile,
            executable_path=browser_path(),
            args=launch_arguments(),
            base_url=self.url,
            **FRENCH,
            **SHAPES["phone"],
        )
        context.set_default_timeout(STEP_MS)
        context.add_cookies([self._cookie])  # type: ignore[list-item]
        context.add_init_script(CLOCK.replace("AHEAD", str(self.ahead_ms)))
        context.on("weberror", lambda error: self.script_faults.append(str(error.error)))
        return context

    def _standing(self, page: Page) -> str:
        try:
            return str(page.evaluate(OPENED))
        except Error as error:
            if page.is_closed():
                raise
            return "" if "navigat" in str(error) or "context" in str(error) else _raise(error)


def _raise(error: Error) -> str:
    raise error


def _words(page: Page) -> str:
    try:
        return page.locator("body").inner_text(timeout=500)[:300]
    except Error as error:
        return str(error)[:100]
