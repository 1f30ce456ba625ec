"""What the web server is made to do our way: its log goes where ours goes."""

from __future__ import annotations

from typing import Any

from gunicorn.glogging import Logger


class OneLog(Logger):  # type: ignore[misc]
    """The server's own log without a format of its own: it quotes addresses and headers that people sent."""

    def setup(self, cfg: Any) -> None:
        """Hand every line on to the root."""
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True
