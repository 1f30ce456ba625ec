"""bin/run as a person starts it: from nothing to the first page, again, and what it says when it cannot."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import ssl
import stat
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.e2e.started_run import Run
from tests.ports import free_port
from tests.receivers import wait_until

ROOT = Path(__file__).resolve().parents[2]
SECOND_START_S = 5
PRODUCTION = {
    "DERMAVIS_ENV": "production",
    "ORIGIN": "https://dermavis.example.fr",
    "SMTP_URL": "smtp://127.0.0.1:1",
    "MAIL_FROM": "dermavis@example.fr",
    "VAPID_SUBJECT": "mailto:dsi@example.fr",
}


@dataclass(frozen=True)
class FirstStart:
    """What the start from nothing said, and the folder that it left when it was stopped."""

    said: str
    address: str
    code: int
    left_running: list[psutil.Process]
    folder: Path


@pytest.fixture(scope="module")
def first_start(tmp_path_factory: pytest.TempPathFactory) -> FirstStart:
    """bin/run in an empty folder, asked for its first page and stopped: once for all the tests here."""
    folder = tmp_path_factory.mktemp("first") / "var"
    port = free_port()
    address = f"http://localhost:{port}"
    started = Run(DATA_DIR=str(folder), PORT=str(port))
    try:
        started.wait_for("Ctrl-C")
        with urllib.request.urlopen(f"{address}/sign-in", timeout=10) as page:
            assert page.status == 200
        processes = [started.child("web"), started.child("worker")]
        assert all(processes)
        started.process.send_signal(signal.SIGTERM)
        code = started.wait_for_end()
        left = [process for process in processes if process and process.is_running()]
        return FirstStart(started.said, address, code, left, folder)
    finally:
        started.end()


@pytest.fixture
def demonstration(first_start: FirstStart, tmp_path: Path) -> Path:
    """A copy of the folder of a demonstration that was started once."""
    return Path(shutil.copytree(first_start.folder, tmp_path / "var"))


@pytest.fixture
def run() -> Iterator[Callable[..., Run]]:
    """Return a function that starts bin/run and ends it with the test."""
    started: list[Run] = []

    def start(*arguments: str, **settings: str) -> Run:
        started.append(Run(*arguments, **settings))
        return started[-1]

    yield start
    for each in started:
        each.end()


def test_from_nothing_it_says_where_it_is_and_who_can_sign_in(first_start: FirstStart) -> None:
    assert f"DermAvis répond : {first_start.address}" in first_start.said
    assert "Comptes de démonstration" in first_start.said
    assert "bin/dermavis code" in first_start.said
    assert "Traceback" not in first_start.said


def test_a_service_manager_stops_it_cleanly(first_start: FirstStart) -> None:
    assert first_start.code == 0
    assert first_start.left_running == []


def test_only_its_owner_reads_what_it_keeps(first_start: FirstStart) -> None:
    assert stat.S_IMODE(first_start.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((first_start.folder / "keys" / "master.key").stat().st_mode) == 0o600


@pytest.mark.long
def test_a_second_start_takes_a_few_seconds(run: Callable[..., Run], demonstration: Path) -> None:
    took: list[float] = []
    while len(took) < 3 and not any(seconds <= _seconds_allowed() for seconds in took):
        started = run(DATA_DIR=str(demonstration), PORT=str(free_port()))
        took.append(started.wait_for("Ctrl-C"))
        started.process.terminate()
        started.wait_for_end()

    assert min(took) <= _seconds_allowed(), took


def test_the_code_of_an_account_is_shown_while_it_runs(demonstration: Path) -> None:
    shown = subprocess.run(
        [str(ROOT / "bin" / "dermavis"), "code", "maubert"],
        env=os.environ | {"DATA_DIR": str(demonstration), "DERMAVIS_ENV": "demonstration"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert re.match(r"\d{6}   \(maubert@demo.test, encore \d+ s, une seule fois\)", shown.stdout)


def test_a_worker_or_a_web_process_that_dies_is_started_again_and_ctrl_c_stops_both(
    run: Callable[..., Run], demonstration: Path
) -> None:
    port = free_port()
    started = run(DATA_DIR=str(demonstration), PORT=str(port))
    started.wait_for("Ctrl-C")
    for name in ("worker", "web"):
        dead = started.child(name)
        assert dead is not None
        dead.kill()
        wait_until(lambda name=name, dead=dead: _another(started, name, dead), 20)
    wait_until(lambda: _answers(port) and started.child("web") is not None, 20)
    processes = [started.child("web"), started.child("worker")]

    os.killpg(started.process.pid, signal.SIGINT)

    assert started.wait_for_end() == 0
    wait_until(lambda: not any(process.is_running() for process in processes if process), 10)
    assert "Traceback" not in started.said


def test_a_port_that_is_taken_is_said_in_words(run: Callable[..., Run], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        refused = run(DATA_DIR=str(tmp_path / "var"), PORT=port)
        assert refused.wait_for_end() == 1
    assert f"Le port {port} est déjà pris" in refused.said
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "ORIGIN doit être une adresse https://"),
        ({"ORIGIN": "https://dermavis.example.fr"}, "la clé par défaut"),
        (
            {
                "ORIGIN": "http://dermavis.example.fr",
                "MASTER_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
            },
            "https://",
        ),
    ],
)
def test_production_refuses_in_words_what_is_not_fit_for_patients(
    run: Callable[..., Run], tmp_path: Path, settings: dict[str, str], words: str
) -> None:
    refused = run(
        DERMAVIS_ENV="production", DATA_DIR=str(tmp_path / "var"), PORT=str(free_port()), **settings
    )

    assert refused.wait_for_end() == 1
    assert words in refused.said
    assert "Traceback" not in refused.said
    assert not (tmp_path / "var" / "dermavis.sqlite3").exists()


def test_production_refuses_a_database_with_demonstration_accounts(
    run: Callable[..., Run], demonstration: Path
) -> None:
    key = str(demonstration / "keys" / "master.key")

    refused = run(DATA_DIR=str(demonstration), PORT=str(free_port()), MASTER_KEY_FILE=key, **PRODUCTION)

    assert refused.wait_for_end() == 1
    assert "comptes de démonstration" in refused.said


@pytest.mark.long
def test_production_starts_empty(run: Callable[..., Run], tmp_path: Path) -> None:
    key = str(tmp_path / "master.key")
    command = [str(ROOT / "bin" / "dermavis"), "keys", "create", key]
    subprocess.run(command, check=True, capture_output=True)

    empty = run(DATA_DIR=str(tmp_path / "var"), PORT=str(free_port()), MASTER_KEY_FILE=key, **PRODUCTION)

    empty.wait_for("DermAvis répond : https://dermavis.example.fr")
    assert "Comptes de démonstration" not in empty.said


@pytest.mark.long
def test_on_the_local_network_it_serves_https_with_a_certificate_that_a_phone_can_trust(
    run: Callable[..., Run], demonstration: Path
) -> None:
    port = _two_free_ports()
    started = run("--lan", DATA_DIR=str(demonstration), PORT=str(port))
    started.wait_for("Ctrl-C")

    found = re.search(r"DermAvis répond : (https://[\d.]+:\d+)", started.said)
    assert found, started.said
    handed_out = re.search(r"http://[\d.]+:\d+/dermavis\.crt", started.said)
    assert handed_out, started.said
    with urllib.request.urlopen(handed_out.group(), timeout=10) as response:
        authority = response.read().decode("ascii")
    trusting = ssl.create_default_context(cadata=authority)
    with urllib.request.urlopen(f"{found.group(1)}/sign-in", timeout=10, context=trusting) as page:
        assert page.status == 200
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        urllib.request.urlopen(f"{found.group(1)}/sign-in", timeout=10)


def _seconds_allowed() -> float:
    """A machine that others work on at the same time is slower by as much."""
    return SECOND_START_S * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def _another(started: Run, name: str, dead: psutil.Process) -> bool:
    process = started.child(name)
    return process is not None and process.pid != dead.pid


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=5) as page:
            return bool(page.status == 200)
    except OSError:
        return False


def _two_free_ports() -> int:
    while True:
        port = free_port()
        with socket.socket() as above:
            if above.connect_ex(("127.0.0.1", port + 1)):
                return port
