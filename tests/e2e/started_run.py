"""bin/run as a person types it, and what it printed."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path

import psutil

from tests.receivers import wait_until

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 180


class Run:
    """One bin/run, and what it has printed so far."""

    def __init__(self, *arguments: str, **settings: str) -> None:
        cleared = {
            name: value for name, value in os.environ.items() if not name.startswith(("DERMAVIS", "PYTEST"))
        }
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            # A test run in the background ignores Ctrl-C, and what is ignored stays so in every child.
            ["env", "--default-signal=INT", str(ROOT / "bin" / "run"), *arguments],
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
