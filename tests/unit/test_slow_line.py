"""The slow line that tests send through leaves nothing of itself to the test that follows."""

from __future__ import annotations

import gc
import socket
import time
from contextlib import ExitStack, suppress

import pytest

from tests.load.slow_line import Quality, slow_line


@pytest.mark.parametrize("seconds", [0.0, 0.02, 0.1], ids=["just accepted", "shaking hands", "carrying"])
def test_a_line_taken_down_closes_every_connection_it_had(seconds: float) -> None:
    # An end left open is told by the interpreter when it is collected, which fails the test that then runs.
    quality = Quality(down=100_000, up=100_000, round_trip=0.05)
    with ExitStack() as ends:
        server = ends.enter_context(socket.create_server(("127.0.0.1", 0)))
        with slow_line(server.getsockname()[1], quality) as line:
            phones = [
                ends.enter_context(socket.create_connection(("127.0.0.1", line.port))) for _ in range(8)
            ]
            for phone in phones:
                phone.sendall(bytes(5000))
            time.sleep(seconds)
        for phone in phones:
            phone.settimeout(5)
            with suppress(ConnectionResetError):
                assert phone.recv(1) == b""
    gc.collect()
