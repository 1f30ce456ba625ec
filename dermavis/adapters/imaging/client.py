"""The Imaging port: asks a child process for each picture, and outlives whatever happens to it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import weakref
from pathlib import Path
from typing import Final

from dermavis.adapters.imaging.limits import WALL_SECONDS
from dermavis.adapters.imaging.wire import pack_question, sheet_with, unpack_reply
from dermavis.domain.errors import PictureRefused
from dermavis.domain.pictures import LARGEST_FILE_BYTES, refusal
from dermavis.domain.ports import Picture

_MODULE: Final = "dermavis.adapters.imaging.fork_server"
_SOURCES: Final = Path(__file__).resolve().parents[3]
_PATIENCE_SECONDS: Final = WALL_SECONDS + 15
_MALLOC: Final = {"MALLOC_ARENA_MAX": "1", "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
"""Large pages where the machine has them: a fresh child spends much of its time on getting its memory page by page."""
_OVERRUN: Final = {-signal.SIGALRM, -signal.SIGXCPU}
_CRASHES: Final = {
    -signal.SIGSEGV,
    -signal.SIGBUS,
    -signal.SIGABRT,
    -signal.SIGFPE,
    -signal.SIGILL,
    -signal.SIGXFSZ,
}


class ImagingFailed(Exception):
    """The child was lost through no fault of the picture (stopped, out of memory on the machine): try again."""


class ChildImaging:
    """Threads may share it; at most ``children`` pictures are decoded at once, 700 MB each at worst."""

    def __init__(self, children: int | None = None) -> None:
        self._turns = threading.BoundedSemaphore(children or max(1, min(4, os.cpu_count() or 1)))
        self._starting = threading.Lock()
        self._server: _Server | None = None

    def process(self, content: bytes, close_up: bool) -> Picture:
        """Return the clean picture. Raises PictureRefused, or ImagingFailed when it is worth another try."""
        if not content:
            raise refusal("empty")
        if len(content) > LARGEST_FILE_BYTES:
            raise refusal("too_large")
        with self._turns:
            try:
                answer, status = self._ask(content, close_up)
            except (ConnectionError, TimeoutError) as lost:
                raise ImagingFailed("The child process does not answer.") from lost
        if isinstance(answer, PictureRefused):
            raise answer
        if answer is not None:
            return answer
        if status in _OVERRUN:
            raise refusal("too_heavy")
        if status in _CRASHES:
            raise refusal("damaged")
        raise ImagingFailed(f"The child process ended with status {status}.")

    def close(self) -> None:
        """End the fork server; the next picture starts another."""
        with self._starting:
            if self._server is not None:
                self._server.end()
                self._server = None

    def _ask(self, content: bytes, close_up: bool) -> tuple[Picture | PictureRefused | None, int | None]:
        ours, theirs = socket.socketpair()
        with ours, sheet_with(content) as sheet:
            with theirs:
                self._running_server().hand_over(theirs, sheet)
            ours.settimeout(_PATIENCE_SECONDS)
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                ours.sendall(pack_question(len(content), close_up))
            return unpack_reply(_read_all(ours), sheet)

    def _running_server(self) -> _Server:
        with self._starting:
            if self._server is None or not self._server.usable():
                self._server = _Server()
            return self._server


class _Server:
    """The fork server's process, as seen from the process that started it."""

    def __init__(self) -> None:
        self._owner = os.getpid()
        self._control, far_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with far_end:
            # Nothing of this process's environment is passed on: it may hold the master key.
            self._process = subprocess.Popen(
                [sys.executable, "-m", _MODULE, str(far_end.fileno())],
                env={"PYTHONPATH": str(_SOURCES), "PYTHONDONTWRITEBYTECODE": "1", **_MALLOC},
                cwd="/",
                pass_fds=[far_end.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
        self.end = weakref.finalize(self, _end, self._process, self._control, self._owner)

    def usable(self) -> bool:
        """Tell whether it runs, and belongs to this process rather than to the one that forked it."""
        return self._owner == os.getpid() and self._process.poll() is None

    def hand_over(self, line: socket.socket, sheet: int) -> None:
        """Ask for a child on this line, with this sheet."""
        socket.send_fds(self._control, [b"line"], [line.fileno(), sheet])


def _end(process: subprocess.Popen[bytes], control: socket.socket, owner: int) -> None:
    control.close()
    if owner != os.getpid():
        return
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _read_all(line: socket.socket) -> bytes:
    received = bytearray()
    with contextlib.suppress(ConnectionResetError):
        while piece := line.recv(4096):
            received += piece
    return bytes(received)
