"""Writers take turns: threads in their order, processes one after the other, and nobody waits for one that is gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dermavis.adapters import turns
from dermavis.adapters.turns import FairLock
from tests.fixtures.servers import ROOT

HELD_S = 0.02
GREEDY = f"""
import sys, time
from pathlib import Path
from dermavis.adapters.turns import FairLock
lock = FairLock(Path(sys.argv[1]))
with lock:
    print("writing", flush=True)
while True:
    with lock:
        time.sleep({HELD_S})
"""


@contextmanager
def _greedy(place: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that writes without any rest."""
    command = [sys.executable, "-c", GREEDY, str(place)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "writing\n"
            yield process
        finally:
            process.kill()


def _waits(lock: FairLock, times: int) -> list[float]:
    found = []
    for _ in range(times):
        time.sleep(HELD_S / 4)
        began = time.monotonic()
        with lock:
            found.append(time.monotonic() - began)
    return found


def test_who_writes_without_rest_keeps_no_other_process_waiting(tmp_path: Path) -> None:
    lock = FairLock(tmp_path / "turns")
    with _greedy(tmp_path / "turns"):
        waits = _waits(lock, 20)
    assert max(waits) < 20 * HELD_S
    assert max(waits) > HELD_S / 4, "nobody else wrote: this test has seen nothing"


def test_the_turn_of_a_killed_process_is_free(tmp_path: Path) -> None:
    lock = FairLock(tmp_path / "turns")
    with _greedy(tmp_path / "turns") as process:
        process.kill()
        process.wait(10)
        assert max(_waits(lock, 3)) < 1


def test_a_stopped_process_holds_nobody_up_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE_S", 0.3)
    lock = FairLock(tmp_path / "turns")
    with _greedy(tmp_path / "turns") as process:
        os.kill(process.pid, signal.SIGSTOP)
        waits = _waits(lock, 2)
        os.kill(process.pid, signal.SIGCONT)
    assert max(waits) < 2


def test_a_turn_that_cannot_be_taken_is_given_back(tmp_path: Path) -> None:
    lock = FairLock(tmp_path / "nowhere" / "turns")
    for _ in range(2):
        with pytest.raises(FileNotFoundError), lock:
            pass
