"""What the web server is made to do our way: its log goes where ours goes, and a wait is measured."""

from __future__ import annotations

from typing import Any

from gunicorn.glogging import Logger
from gunicorn.workers.gthread import ThreadWorker

from dermavis.adapters.waiting import MeasuredThreads


class OneLog(Logger):  # type: ignore[misc]
    """The server's own log without a format of its own: it quotes addresses and headers that people sent."""

    def setup(self, cfg: Any) -> None:
        """Hand every line on to the root."""
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class MeasuringWorker(ThreadWorker):  # type: ignore[misc]
    """Serves by threads that know how long a request waited for one."""

    def get_thread_pool(self) -> MeasuredThreads:
        """Return the pool of the server."""
        return MeasuredThreads(max_workers=self.cfg.threads)
