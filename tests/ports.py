"""Ports for servers that cannot be told to take whatever is free."""

from __future__ import annotations

import random
import socket
import time

# Below those that the kernel hands to outgoing connections (32768 and above on Linux, unless told otherwise):
# between the choice of a port and its use nobody but another caller of this function can take one of these.
PORTS = range(20_000, 32_000)


def free_port() -> int:
    """Return a port of this machine that nobody listened on a moment ago. Raises OSError when there is none."""
    for port in random.SystemRandom().sample(PORTS, k=100):
        try:
            with socket.create_server(("127.0.0.1", port)):
                return port
        except OSError:
            continue
    raise OSError("no free port")


def wait_for_port(port: int, seconds: float = 20) -> None:
    """Wait until somebody listens there. Raises TimeoutError."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"nobody listens on port {port}")
