"""What the machine has left: room on the disk of the data, and memory, that of a container's limit included."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

LOOKED_EVERY_S = 5.0
CGROUP = Path("/sys/fs/cgroup")
MEMINFO = Path("/proc/meminfo")


class LocalMachine:
    """Looks at most every five seconds; bytes, or None where the system does not tell."""

    def __init__(
        self, folder: Path, clock: Callable[[], float] = time.monotonic, cgroup: Path = CGROUP
    ) -> None:
        self._folder = folder
        self._clock = clock
        self._cgroup = cgroup
        self._guard = threading.Lock()
        self._looked_at: float | None = None
        self._disk: int | None = None
        self._memory: int | None = None

    def free_disk(self) -> int | None:
        """Return the bytes that may still be written where the data lie."""
        self._look()
        return self._disk

    def free_memory(self) -> int | None:
        """Return the bytes of memory that may still be used before something is killed."""
        self._look()
        return self._memory

    def _look(self) -> None:
        with self._guard:
            now = self._clock()
            if self._looked_at is not None and now - self._looked_at < LOOKED_EVERY_S:
                return
            self._looked_at = now
            try:
                self._disk = shutil.disk_usage(self._folder).free
            except OSError:
                self._disk = None
            told = [size for size in (_available(MEMINFO), _below_limit(self._cgroup)) if size is not None]
            self._memory = min(told, default=None)


def _available(meminfo: Path) -> int | None:
    try:
        for line in meminfo.read_text("ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    return None


def _below_limit(cgroup: Path) -> int | None:
    """What a container may still take; the pages of files that it could give back count as free."""
    try:
        limit = (cgroup / "memory.max").read_text("ascii").strip()
        if limit == "max":
            return None
        used = int((cgroup / "memory.current").read_text("ascii"))
        stat = dict(line.split() for line in (cgroup / "memory.stat").read_text("ascii").splitlines())
        return int(limit) - used + int(stat.get("inactive_file", 0))
    except (OSError, ValueError):
        return None
