"""How long a request waited for a thread before anybody looked at it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

_here = threading.local()


class MeasuredThreads(ThreadPoolExecutor):
    """A pool that lets each task know how long it lay in the queue."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Queue a task."""
        asked_at = time.monotonic()

        def begin() -> Any:
            _here.waited = time.monotonic() - asked_at
            return fn(*args, **kwargs)

        return super().submit(begin)


def waited_s() -> float:
    """Return how long this thread's request lay in the queue, in seconds; 0 where nobody measures."""
    return float(getattr(_here, "waited", 0.0))
