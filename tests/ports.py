"""Ports for servers that cannot be told to take whatever is free."""

from __future__ import annotations

import socket


def free_port() -> int:
    """Return a port of this machine that nobody listened on a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
