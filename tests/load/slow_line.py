"""A slow telephone line before a server: one shared bandwidth each way, and the round trip's delay.

A browser's own throttling does not bind its workers; a proxy binds everything.
"""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

CHUNK = 1400
"""Bytes: about what one packet of a real line carries."""

SOON = 5.0


@dataclass(frozen=True)
class Quality:
    """What a line can do: bits a second towards the phone and from it, and the round trip in seconds."""

    down: float
    up: float
    round_trip: float


SLOW_4G = Quality(down=1_600_000, up=750_000, round_trip=0.150)


@dataclass(frozen=True)
class Snare:
    """Waits for one request whose first line matches, and breaks its connection.

    ``answer``: after so many bytes of the answer, which the server has given; else of the request itself.
    """

    name: str
    request: re.Pattern[bytes]
    after: int
    answer: bool


class Passage:
    """One connection: how many bytes still go each way before it breaks, where a snare has caught it."""

    def __init__(self, *ends: asyncio.StreamWriter) -> None:
        self.ends = ends
        self.left: dict[bool, int | None] = {True: None, False: None}

    def allowed(self, upwards: bool, size: int) -> int:
        """Return how many of ``size`` bytes may go on, and count them."""
        left = self.left[upwards]
        if left is None:
            return size
        self.left[upwards] = left - min(left, size)
        return min(left, size)

    def abort(self) -> None:
        """Break both ends."""
        for end in self.ends:
            end.transport.abort()


class Pipe:
    """One direction of the line, shared by all its connections: whoever comes waits for its turn."""

    def __init__(self, bits_a_second: float, delay: float) -> None:
        self._seconds_a_byte = 8 / bits_a_second
        self._delay = delay
        self._free_at = 0.0

    def arrival(self, size: int) -> float:
        """Book the line for ``size`` bytes and return the instant at which they arrive."""
        now = time.monotonic()
        self._free_at = max(self._free_at, now) + size * self._seconds_a_byte
        return self._free_at + self._delay


class SlowLine:
    """A TCP proxy on the loopback, from a free port to the server's."""

    def __init__(self, quality: Quality, port: int) -> None:
        self.quality = quality
        self.down = Pipe(quality.down, quality.round_trip / 2)
        self.up = Pipe(quality.up, quality.round_trip / 2)
        self.port = 0
        self.bytes_up = 0
        self._target = port
        self.sprung: list[str] = []
        self._down_until = 0.0
        self._held: asyncio.Event | None = None
        self._silent_until = 0.0
        self._snares: list[Snare] = []
        self._open: set[asyncio.StreamWriter] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    def cut(self, seconds: float) -> None:
        """Break every connection at once, what was held with them, and let none through for so long."""
        self._down_until = time.monotonic() + seconds
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._break_all)

    def hold_answers(self) -> None:
        """Let what the phone says pass, and nothing come back to it, until ``cut``."""
        self._held = asyncio.Event()

    def silence(self, seconds: float) -> None:
        """Let nothing through for so long, and break nothing: what was on its way goes on afterwards."""
        self._silent_until = time.monotonic() + seconds

    def set_snare(self, snare: Snare) -> None:
        """Break the connection of the next request that matches; ``sprung`` names those that did."""
        self._snares.append(snare)

    def heal(self) -> None:
        """From now on everything goes through."""
        self._down_until = self._silent_until = 0.0
        self._snares.clear()

    def _break_all(self) -> None:
        if self._held is not None:
            self._held.set()
            self._held = None
        for writer in self._open:
            writer.transport.abort()

    async def serve(self, ready: threading.Event, stop: asyncio.Event) -> None:
        """Listen until ``stop``, and leave no connection open."""
        self._loop = asyncio.get_running_loop()
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0, limit=CHUNK)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await stop.wait()
        self._down_until = float("inf")
        self._break_all()
        here = asyncio.current_task()
        while connections := asyncio.all_tasks() - {here}:
            # A connection accepted a moment ago has its turn first: one never begun could not close its end.
            await asyncio.sleep(0)
            for connection in connections:
                connection.cancel()
            await asyncio.wait(connections)
        # Not before: what a closed server has still to begin with is dropped open.
        server.close()
        # The loop closes a broken socket at its next turn.
        await asyncio.sleep(0)

    async def _connection(self, phone: asyncio.StreamReader, to_phone: asyncio.StreamWriter) -> None:
        self._open.add(to_phone)
        ends = [to_phone]
        try:
            await self._pass_on(phone, to_phone, ends)
        except (ConnectionAbortedError, asyncio.CancelledError):
            for end in ends:
                end.transport.abort()
        except OSError:
            pass  # Writing an end to a line that its other side has closed ("not connected").
        self._open.difference_update(ends)
        for end in ends:
            with suppress(OSError):
                end.close()

    async def _pass_on(
        self, phone: asyncio.StreamReader, to_phone: asyncio.StreamWriter, ends: list[asyncio.StreamWriter]
    ) -> None:
        """Carry both ways to the end; ``ends`` takes the server's. Raises OSError where one breaks."""
        if time.monotonic() < self._down_until:
            raise ConnectionAbortedError
        # The handshake's round trip: on the loopback it took none.
        await asyncio.sleep(self.quality.round_trip)
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError as nobody:
            raise ConnectionAbortedError from nobody
        ends.append(writer)
        self._open.add(writer)
        passage = Passage(writer, to_phone)
        ways = (
            self._carry(phone, writer, self.up, passage),
            self._carry(reader, to_phone, self.down, passage),
        )
        await asyncio.gather(*ways)

    async def _carry(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, pipe: Pipe, passage: Passage
    ) -> None:
        queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(64)
        upwards = pipe is self.up

        async def deliver() -> None:
            while True:
                at, chunk = await queue.get()
                while (wait := max(at, self._silent_until) - time.monotonic()) > 0:
                    await asyncio.sleep(min(wait, 0.05) if self._silent_until > at else wait)
                if not chunk:
                    break
                if not upwards and self._held is not None:
                    await self._held.wait()
                allowed = passage.allowed(upwards, len(chunk))
                sink.write(chunk[:allowed])
                if allowed < len(chunk) or passage.left[upwards] == 0:
                    passage.abort()
                    while chunk:
                        _, chunk = await queue.get()
                    return
                await sink.drain()
            if sink.can_write_eof():
                sink.write_eof()

        delivery = asyncio.create_task(deliver())
        try:
            while (chunk := await source.read(CHUNK)) and not delivery.done():
                if upwards:
                    self.bytes_up += len(chunk)
                    self._look(chunk, passage)
                await queue.put((pipe.arrival(len(chunk)), chunk))
            if not delivery.done():
                await queue.put((0.0, b""))
            await delivery
        finally:
            delivery.cancel()

    def _look(self, chunk: bytes, passage: Passage) -> None:
        """A request begins with its first line at the head of a chunk: nothing follows it before its answer."""
        for snare in self._snares:
            if snare.request.match(chunk):
                passage.left[not snare.answer] = snare.after
                self._snares.remove(snare)
                self.sprung.append(snare.name)
                return


@contextmanager
def slow_line(port: int, quality: Quality = SLOW_4G) -> Iterator[SlowLine]:
    """Run a line to a local port while the block lasts."""
    line = SlowLine(quality, port)
    ready = threading.Event()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(line.serve(ready, stop))
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    if not ready.wait(SOON):
        raise RuntimeError("the line did not open")
    try:
        yield line
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(SOON)
