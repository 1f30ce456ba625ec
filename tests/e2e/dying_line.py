"""A line on which the service dies after it has kept what it was sent, and before its answer passes."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

AT_ONCE = 65536


class DyingLine:
    """Passes everything on from ``port`` to ``inner``, until the answer to an armed request is due."""

    def __init__(self, inner: int, die: Callable[[], None]) -> None:
        self.inner, self._die = inner, die
        self._armed = b""
        self.died = threading.Event()

    def arm(self, request: str) -> None:
        """Let the service die once it answers a request whose head holds these words."""
        self.died.clear()
        self._armed = request.encode()

    def pass_on(self, phone: socket.socket) -> None:
        """Pass one connection on; without a service behind it, it breaks."""
        with phone, suppress(OSError), socket.create_connection(("127.0.0.1", self.inner)) as service:
            asked = threading.Event()
            up = threading.Thread(target=self._up, args=(phone, service, asked), daemon=True)
            up.start()
            while answer := service.recv(AT_ONCE):
                if asked.is_set() and self._armed:
                    self._armed = b""
                    self._die()
                    self.died.set()
                    break
                phone.sendall(answer)
            phone.shutdown(socket.SHUT_RDWR)  # closing alone waits for the other thread

    def _up(self, phone: socket.socket, service: socket.socket, asked: threading.Event) -> None:
        with suppress(OSError):
            while sent := phone.recv(AT_ONCE):
                if self._armed and self._armed in sent.split(b"\r\n\r\n")[0]:
                    asked.set()
                service.sendall(sent)
            service.shutdown(socket.SHUT_WR)


@contextmanager
def dying_line(port: int, inner: int, die: Callable[[], None]) -> Iterator[DyingLine]:
    """Listen on ``port`` in the place of the service, which listens on ``inner``."""
    line = DyingLine(inner, die)
    with socket.create_server(("127.0.0.1", port)) as door:
        over = threading.Event()

        def listen() -> None:
            while not over.is_set():
                with suppress(OSError):
                    phone, _ = door.accept()
                    threading.Thread(target=line.pass_on, args=(phone,), daemon=True).start()

        threading.Thread(target=listen, daemon=True).start()
        try:
            yield line
        finally:
            over.set()
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", port)).close()
