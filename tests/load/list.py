"""The worklist under load, against a bare page under the same server settings: requests a second, medians of rounds.

One process with eight threads on one core, wrk on another. Forty experts of seven centres take turns. Cold: what was
opened of names is forgotten before each page. Warm: it is remembered, and one request in twenty writes. On a thousand
cases, then on a million, twenty thousand of which are open. The worker runs beside; the most memory that either holds.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from dermavis.adapters.schema import upgrade
from dermavis.bootstrap import build, check
from dermavis.domain.roles import Role
from dermavis.settings import Settings
from tests.fixtures.databases import fast_folder
from tests.fixtures.servers import CLEARED, ROOT
from tests.load.at_once import verdicts as verdicts_of
from tests.load.floor.app import prepare
from tests.load.many_cases import experts, fill, regions
from tests.load.measuring import Verdict, conclude
from tests.ports import free_port, wait_for_port
from tests.signing_in import cookie_name, new_session
from tests.weighing import MEGABYTE, Scale

FEW, MANY, OPEN = 1_000, 1_000_000, 20_000
COLD, WARM, GROWTH, ROUTE = 0.35, 0.8, 1.1, 0.4
THREADS, CONNECTIONS, SECONDS, ROUNDS = 8, 8, 6, 3
LISTS_NOTHING = "/account/password"
"""A page of two fields behind the same doors as the list: what any page costs that is signed in."""
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Service:
    """A gunicorn process on its core."""

    port: int
    pid: int

    @property
    def processor_seconds(self) -> float:
        """What the serving process has used so far."""
        fields = Path(f"/proc/{self._serving}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    @property
    def _serving(self) -> int:
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return int(children[0])


def main() -> int:
    """Measure, print, and say whether every budget is kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--cases", type=int, default=MANY, help="the larger base (default a million)")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = stack.enter_context(fast_folder())
        bare = stack.enter_context(_floor(folder))
        empty = _median(bare, "/empty", [""], options.rounds)
        floor = _median(bare, "/", ["session=floor"], options.rounds)
        print(f"empty route {empty:.0f}/s, bare page {floor:.0f}/s")
        scale = Scale()
        few = _pages(scale, folder, FEW, FEW // 2, options.rounds)
        many = _pages(scale, folder, options.cases, min(OPEN, options.cases // 2), options.rounds)
    nothing = few["nothing"]
    print(
        f"a signed-in page that lists nothing: {nothing:.0f}/s, {nothing / floor:.2f} × the bare page;"
        f" {nothing / few['warm']:.1f} pages of it to one of the list"
    )
    verdicts = [
        Verdict("bare page against an empty route", floor / empty, ROUTE, " ×", at_least=True),
        Verdict("cold, against the bare page", many["cold"] / floor, COLD, " ×", at_least=True),
        Verdict(
            "remembered, with writes, against the bare page", many["warm"] / floor, WARM, " ×", at_least=True
        ),
        Verdict("a page of the large base against the small", few["cold"] / many["cold"], GROWTH, " ×"),
        *verdicts_of(scale, "under the list"),
    ]
    return conclude("list", many["warm"] / floor, WARM, verdicts)


def _pages(scale: Scale, folder: Path, total: int, still_open: int, rounds: int) -> dict[str, float]:
    environment = {name: value for name, value in os.environ.items() if name not in CLEARED} | {
        "DERMAVIS_ENV": "test",
        "DATA_DIR": str(folder / f"var-{total}"),
        "SMTP_URL": "",
        "WEB_THREADS": str(THREADS),
        # As many at once as there are threads is what is measured: nobody is to be asked to come back later.
        "OVERLOAD_WAIT_MS": "0",
        "ORIGIN": "http://localhost",
    }
    system = build(Settings.from_environment(environment))
    upgrade(system.engine)
    check(system)
    worlds = regions(system)
    fill(worlds, total, still_open)
    name = cookie_name(system)
    readers = [f"{name}={new_session(system, who)}" for who in experts(worlds)]
    writers = [f"{name}={new_session(system, world.who(Role.REQUESTER))}" for world in worlds]
    system.engine.dispose()
    found: dict[str, float] = {}
    for kind, factory in (("cold", "tests.load.forgetful:create_app()"), ("warm", "app:create_app()")):
        with _serving(factory, environment, "/sign-in") as service, _working(environment) as worker:
            _open(service, "/worklist", readers[0])
            before = service.processor_seconds
            rates = [
                _wrk(service, "/worklist", readers, writers if kind == "warm" else [])
                for _ in range(rounds + 1)
            ][1:]
            found[kind] = statistics.median(rates)
            pages = sum(rates) * SECONDS * (rounds + 1) / rounds
            each = (service.processor_seconds - before) / pages * 1000
            if kind == "warm":
                found["nothing"] = _median(service, LISTS_NOTHING, readers, rounds)
            scale.roots = {"web": service.pid, "worker": worker}
            scale.look()
            held = ", ".join(f"{name} {peak / MEGABYTE:.0f} MB" for name, peak in scale.service.items())
            print(
                f"{total} cases, {kind}: {found[kind]:.1f} pages/s ({min(rates):.1f}–{max(rates):.1f}),"
                f" {each:.1f} ms of processor a page, peak so far: {held}"
            )
    return found


@contextmanager
def _working(environment: dict[str, str]) -> Iterator[int]:
    """Have the worker run beside the pages, on the core of who asks for them; give its process."""
    command = ["taskset", "-c", "1", sys.executable, "-m", "dermavis.cli", "worker"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def _floor(folder: Path) -> Iterator[Service]:
    database = str(folder / "floor.sqlite3")
    prepare(database)
    with _serving(
        "tests.load.floor.app:create_app()", {**os.environ, "FLOOR_DATABASE": database}, "/empty"
    ) as service:
        yield service


@contextmanager
def _serving(factory: str, environment: dict[str, str], first_page: str) -> Iterator[Service]:
    port = free_port()
    command = [
        *(
            "taskset",
            "-c",
            "0",
            sys.executable,
            "-m",
            "gunicorn",
            "--worker-class",
            "gthread",
            "--workers",
            "1",
        ),
        *(
            "--threads",
            str(THREADS),
            "--bind",
            f"127.0.0.1:{port}",
            "--no-control-socket",
            "--log-level",
            "warning",
        ),
        factory,
    ]
    process = subprocess.Popen(command, cwd=ROOT, env={**environment, "PORT": str(port)})
    try:
        wait_for_port(port, 60)
        service = Service(port, process.pid)
        _open(service, first_page)  # the port is there before the application is
        _wrk(service, first_page, [""], [], 1)
        yield service
    finally:
        process.terminate()
        process.wait(30)


def _open(service: Service, path: str, cookie: str = "") -> None:
    """Open a page once, however long the first takes."""
    request = urllib.request.Request(f"http://127.0.0.1:{service.port}{path}", headers={"Cookie": cookie})
    with urllib.request.urlopen(request, timeout=120):
        pass


def _median(service: Service, path: str, cookies: list[str], rounds: int) -> float:
    return statistics.median([_wrk(service, path, cookies, []) for _ in range(rounds + 1)][1:])


def _wrk(
    service: Service, path: str, readers: list[str], writers: list[str], seconds: int = SECONDS
) -> float:
    command = [
        *("taskset", "-c", "1", "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "30s"),
        *("-s", str(Path(__file__).with_name("turns.lua")), f"http://127.0.0.1:{service.port}"),
        *("--", path, ",".join(readers), ",".join(writers)),
    ]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise SystemExit(said)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    assert rate is not None, said
    if float(rate[1]) == 0:
        raise SystemExit(
            f"{path}: nothing was answered within {seconds} s; this machine is too busy to measure"
        )
    return float(rate[1])


if __name__ == "__main__":
    raise SystemExit(main())
