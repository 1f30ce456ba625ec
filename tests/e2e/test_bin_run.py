"""bin/run as a person starts it: from nothing to the first page, again, and what it says when it cannot."""

from __future__ import annotations

import os
import re
import signal
import socket
import ssl
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.ports import free_port
from tests.receivers import wait_until

ROOT = Path(__file__).resolve().parents[2]
SECOND_START_S = 5
PATIENCE_S = 60

pytestmark = pytest.mark.xdist_group("bin_run")


class Run:
    """One bin/run, and what it has printed so far."""

    def __init__(self, *arguments: str, **settings: str) -> None:
        cleared = {
            name: value for name, value in os.environ.items() if not name.startswith(("DERMAVIS", "PYTEST"))
        }
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [str(ROOT / "bin" / "run"), *arguments],
            env=cleared | settings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def said(self) -> str:
        """Everything printed so far."""
        return "".join(self._lines)

    def wait_for(self, words: str) -> float:
        """Wait until it has said so; return the seconds since its start."""
        wait_until(lambda: words in self.said or self.process.poll() is not None, PATIENCE_S)
        assert words in self.said, self.said
        return time.monotonic() - self.began

    def wait_for_end(self) -> int:
        """Wait until it has ended; return its exit code."""
        code = self.process.wait(PATIENCE_S)
        self._reader.join(5)
        return code

    def child(self, command: str) -> psutil.Process | None:
        """Return the ``web`` or ``worker`` process."""
        for process in psutil.Process(self.process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):  # a zombie included
                if process.cmdline()[1:4] == ["-m", "dermavis.cli", command]:
                    return process
        return None

    def end(self) -> None:
        """End whatever is left of it."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.append(line)
        self.process.stdout.close()


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


def test_it_starts_says_where_it_is_starts_again_quickly_and_stops_cleanly(
    run: Callable[..., Run], tmp_path: Path
) -> None:
    settings = {"DATA_DIR": str(tmp_path / "var"), "PORT": str(free_port())}
    address = f"http://localhost:{settings['PORT']}"
    first = run(**settings)
    first.wait_for(f"DermAvis répond : {address}")
    first.wait_for("Ctrl-C")
    assert "Comptes de démonstration" in first.said
    assert "bin/dermavis code" in first.said
    with urllib.request.urlopen(f"{address}/sign-in", timeout=10) as page:
        assert page.status == 200
    processes = [first.child("web"), first.child("worker")]
    assert all(processes)

    first.process.send_signal(signal.SIGTERM)

    assert first.wait_for_end() == 0
    assert not any(process.is_running() for process in processes if process)
    assert "Traceback" not in first.said

    second = run(**settings)
    took = second.wait_for("Ctrl-C")
    assert took <= SECOND_START_S, f"{took:.1f} s"


def test_ctrl_c_stops_web_and_worker(run: Callable[..., Run], tmp_path: Path) -> None:
    started = run(DATA_DIR=str(tmp_path / "var"), PORT=str(free_port()))
    started.wait_for("Ctrl-C")
    processes = [started.child("web"), started.child("worker")]

    os.killpg(started.process.pid, signal.SIGINT)

    assert started.wait_for_end() == 0
    assert not any(process.is_running() for process in processes if process)
    assert "Traceback" not in started.said


def test_a_worker_or_a_web_process_that_dies_is_started_again(
    run: Callable[..., Run], tmp_path: Path
) -> None:
    port = free_port()
    started = run(DATA_DIR=str(tmp_path / "var"), PORT=str(port))
    started.wait_for("Ctrl-C")
    for name in ("worker", "web"):
        dead = started.child(name)
        assert dead is not None
        dead.kill()
        wait_until(lambda name=name, dead=dead: _another(started, name, dead), 20)
    wait_until(lambda: _answers(port), 20)


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


def test_production_refuses_a_database_with_demonstration_accounts_and_loads_none_into_an_empty_one(
    run: Callable[..., Run], tmp_path: Path
) -> None:
    key = tmp_path / "master.key"
    subprocess.run(
        [str(ROOT / "bin" / "dermavis"), "keys", "create", str(key)], check=True, capture_output=True
    )
    production = {
        "DERMAVIS_ENV": "production",
        "ORIGIN": "https://dermavis.example.fr",
        "MASTER_KEY_FILE": str(key),
        "SMTP_URL": "smtp://127.0.0.1:1",
        "MAIL_FROM": "dermavis@example.fr",
        "VAPID_SUBJECT": "mailto:dsi@example.fr",
    }
    shown = run(DATA_DIR=str(tmp_path / "shown"), PORT=str(free_port()), MASTER_KEY_FILE=str(key))
    shown.wait_for("Ctrl-C")
    shown.process.terminate()
    assert shown.wait_for_end() == 0

    refused = run(DATA_DIR=str(tmp_path / "shown"), PORT=str(free_port()), **production)
    assert refused.wait_for_end() == 1
    assert "comptes de démonstration" in refused.said

    empty = run(DATA_DIR=str(tmp_path / "empty"), PORT=str(free_port()), **production)
    empty.wait_for("DermAvis répond : https://dermavis.example.fr")
    assert "Comptes de démonstration" not in empty.said


def test_on_the_local_network_it_serves_https_with_a_certificate_that_a_phone_can_trust(
    run: Callable[..., Run], tmp_path: Path
) -> None:
    port = _two_free_ports()
    started = run("--lan", DATA_DIR=str(tmp_path / "var"), PORT=str(port))
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
