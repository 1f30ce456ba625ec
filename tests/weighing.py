"""The most memory that the processes of a service ever held, by the kernel's own account (VmHWM), in bytes."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

MEGABYTE = 1_000_000
SERVICE_MOST = 250 * MEGABYTE
"""What web and worker may each hold; with them the process that their pictures' children are forked from."""

CHILD_MOST = 700 * MEGABYTE
"""What the child that decodes one picture may hold."""

LOOKS_EACH_S = 0.002


@dataclass
class Scale:
    """What each process of a service held at the most. ``roots``: ``web`` or ``worker`` → its process.

    ``service`` holds the heaviest process of each root; ``children`` each picture's child that was seen.
    """

    roots: Mapping[str, int] = field(default_factory=dict)
    service: dict[str, int] = field(default_factory=dict)
    children: dict[int, int] = field(default_factory=dict)

    @property
    def heaviest_child(self) -> int:
        """The most that a picture's child held; 0 when none was seen."""
        return max(self.children.values(), default=0)

    def look(self) -> None:
        """Weigh whatever runs now."""
        for name, root in self.roots.items():
            # The root, and what it starts to fork from, are the service; what these fork is a picture's child.
            started = _children(root)
            for pid in (root, *started):
                self.service[name] = max(self.service.get(name, 0), _peak(pid))
            for pid in (child for parent in started for child in _children(parent)):
                self.children[pid] = max(self.children.get(pid, 0), _peak(pid))


@contextmanager
def weighed(processes: Mapping[str, subprocess.Popen[bytes]]) -> Iterator[Scale]:
    """Weigh web and worker while the block lasts, and all that they start: a picture's child lives for a moment."""
    scale, over = Scale({name: process.pid for name, process in processes.items()}), threading.Event()

    def watch() -> None:
        while not over.wait(LOOKS_EACH_S):
            scale.look()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield scale
    finally:
        over.set()
        watcher.join()


def _children(pid: int) -> list[int]:
    """The processes that a process started from any of its threads; none once it has ended."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (thread / "children").read_text().split())
    return found


def _peak(pid: int) -> int:
    """What a process held at the most; 0 once it has ended."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text("ascii", "replace").splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) * 1024
    return 0
