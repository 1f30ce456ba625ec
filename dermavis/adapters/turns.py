"""Turns of the writers of one SQLite file: threads in the order in which they asked, processes one after the other.

SQLite itself lets whoever tries at the right moment in: a process that writes again and again keeps the others out for
seconds, since they look only every tenth of one.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
import weakref
from collections import deque
from pathlib import Path

PATIENCE_S = 10.0
"""How long a process waits for the others before SQLite decides: one that was stopped holds nobody up for ever."""

SHORTEST_LOOK_S, LONGEST_LOOK_S = 0.0005, 0.005
NEXT, WRITING = 0, 1
"""Bytes of the file: whose holder writes next, and whose holder writes."""


class FairLock:
    """A lock that is given in the order in which it was asked for, so that no writer starves.

    With the ``place`` of a file it is shared with the processes that name the same file. Whoever writes next holds
    the first byte until the second is free: who has just written stands behind them. Locks end with their process.
    """

    def __init__(self, place: Path | None = None) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[tuple[float, threading.Lock]] = deque()
        self._held = False
        self._place = place
        self._file: int | None = None

    def __enter__(self) -> None:
        self._take_turn_in_process()
        try:
            if self._place is not None:
                self._take_turn_among_processes(self._place)
        except BaseException:
            self._give_turn_in_process()
            raise

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1, WRITING)
        self._give_turn_in_process()

    def oldest_wait(self) -> float:
        """Return how long whoever is next has waited, in seconds; 0 when nobody waits."""
        with self._guard:
            return time.monotonic() - self._waiting[0][0] if self._waiting else 0.0

    def _take_turn_in_process(self) -> None:
        with self._guard:
            if not self._held:
                self._held = True
                return
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append((time.monotonic(), turn))
        turn.acquire()

    def _give_turn_in_process(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft()[1].release()
            else:
                self._held = False

    def _take_turn_among_processes(self, place: Path) -> None:
        if self._file is None:
            self._file = os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            weakref.finalize(self, os.close, self._file)
        until = time.monotonic() + PATIENCE_S
        is_next = _take(self._file, NEXT, until)
        _take(self._file, WRITING, until)
        if is_next:
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1, NEXT)


def _take(file: int, byte: int, until: float) -> bool:
    """Lock a byte, or give up at an instant of the monotonic clock."""
    look = SHORTEST_LOOK_S
    while True:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, byte)
        except (BlockingIOError, PermissionError):
            if time.monotonic() > until:
                return False
        else:
            return True
        time.sleep(look)
        look = min(look * 2, LONGEST_LOOK_S)
