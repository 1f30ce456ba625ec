"""What the benches share: a running service, a floor beside it, a slow phone, and how a verdict is printed."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dermavis.commands.web import gunicorn_settings
from dermavis.settings import Settings
from tests.fixtures.browsers import FRENCH, SHAPES, chromium_path
from tests.fixtures.servers import ROOT
from tests.load.floor.app import prepare
from tests.ports import free_port, wait_for_port

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, CDPSession, Page

CPU_SLOWER = 4


@contextmanager
def floor_server(folder: Path) -> Iterator[int]:
    """Serve the bare page under the same server settings as DermAvis; give its port."""
    database = str(folder / "floor.sqlite3")
    prepare(database)
    port = free_port()
    settings = Settings.from_environment({"DATA_DIR": str(folder), "PORT": str(port)})
    threads = str(gunicorn_settings(settings)["threads"])
    command = [
        *(
            sys.executable,
            "-m",
            "gunicorn",
            "--worker-class",
            "gthread",
            "--workers",
            "1",
            "--threads",
            threads,
        ),
        *("--bind", f"127.0.0.1:{port}", "--no-control-socket", "--log-level", "warning"),
        "tests.load.floor.app:create_app()",
    ]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "FLOOR_DATABASE": database})
    try:
        wait_for_port(port)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def launch(playwright: Any) -> Browser:
    """Start Chromium as the benches want it."""
    browser: Browser = playwright.chromium.launch(executable_path=chromium_path(), args=launch_arguments())
    return browser


def launch_arguments() -> list[str]:
    """Return the options of a Chromium that does nothing beside what is measured."""
    arguments = ["--disable-background-networking", "--disable-component-update"]
    return [*arguments, "--no-sandbox"] if os.geteuid() == 0 else arguments


def slow_phone(
    browser: Browser, base_url: str, shape: str = "phone", **options: Any
) -> tuple[BrowserContext, Page]:
    """Open a page on a phone (or tablet) whose processor is four times slower, with nothing in its cache."""
    context = browser.new_context(**{"base_url": base_url, **FRENCH, **SHAPES[shape], **options})
    page = context.new_page()
    session: CDPSession = context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWER})
    return context, page


@dataclass
class Verdict:
    """One line of a bench's end: a figure, what it is compared with, and what is allowed."""

    name: str
    figure: float
    budget: float
    unit: str = ""
    at_least: bool = False

    @property
    def kept(self) -> bool:
        """Whether the figure is within its budget."""
        return self.figure >= self.budget if self.at_least else self.figure <= self.budget

    def __str__(self) -> str:
        sign = "≥" if self.at_least else "≤"
        word = "ok" if self.kept else "OVER"
        return (
            f"{word:4}  {self.name}: {self.figure:.2f}{self.unit} (budget {sign} {self.budget:g}{self.unit})"
        )


def conclude(name: str, ratio: float, budget: float, verdicts: Sequence[Verdict]) -> int:
    """Print the verdicts and the last line; return the exit code."""
    for verdict in verdicts:
        print(verdict)
    over = [verdict.name for verdict in verdicts if not verdict.kept]
    print(f"{name} ratio {ratio:.2f} budget {budget:g}{' — over: ' + ', '.join(over) if over else ''}")
    return 1 if over else 0


def median(measure: Callable[[], float], runs: int) -> float:
    """Return the median of several runs."""
    return statistics.median(measure() for _ in range(runs))
