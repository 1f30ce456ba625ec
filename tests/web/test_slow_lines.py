"""Uploads on a running service: slow and broken lines hold nobody up, and what is acknowledged is on the disk."""

from __future__ import annotations

import http.client
import json
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from dermavis.domain.pictures import LARGEST_PATCH_BYTES
from dermavis.domain.roles import Role
from tests import cases, material
from tests.fixtures.servers import LiveServer
from tests.signing_in import cookie_name, new_session
from tests.uploading import ADDRESS, PIECE, TUS, metadata, told_of

CONTENT = material.planted_jpeg(material.grainy())
SLOW_LINES = 24


class Line:
    """A phone's connection to the running service, signed in as the requester."""

    def __init__(self, server: LiveServer) -> None:
        self.place = urlsplit(server.url)
        token = new_session(server.system, server.world.who(Role.REQUESTER))
        self.cookie = {"Cookie": f"{cookie_name(server.system)}={token}"}

    def ask(
        self, method: str, path: str, headers: dict[str, str], body: bytes = b""
    ) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection(self.place.hostname or "", self.place.port or 0, timeout=30)
        try:
            connection.request(method, path, body or None, {**self.cookie, **headers})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def create(self, server: LiveServer) -> str:
        told = metadata(**told_of(cases.drafted(server.world), CONTENT))
        headers = {**TUS, "Upload-Length": str(len(CONTENT)), "Upload-Metadata": told}
        status, answered, body = self.ask("POST", ADDRESS, headers)
        assert status == 201, body
        return answered["Location"]

    def offset(self, address: str) -> int:
        return int(self.ask("HEAD", address, TUS)[1]["Upload-Offset"])

    @contextmanager
    def patching(self, address: str, length: int) -> Iterator[socket.socket]:
        """A PATCH whose head is sent and whose body is up to the test."""
        head = {
            **self.cookie,
            **PIECE,
            "Upload-Offset": "0",
            "Content-Length": str(length),
            "Host": self.place.netloc,
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        with socket.create_connection((self.place.hostname, self.place.port), timeout=30) as wire:
            wire.sendall(f"PATCH {address} HTTP/1.1\r\n{lines}\r\n".encode())
            yield wire


@pytest.fixture
def line(live_server: LiveServer) -> Line:
    """A phone of a requester."""
    return Line(live_server)


def test_as_many_slow_uploads_as_threads_leave_the_pages_quick(live_server: LiveServer, line: Line) -> None:
    addresses = [line.create(live_server) for _ in range(SLOW_LINES)]
    with ExitStack() as slow:
        wires = [slow.enter_context(line.patching(address, LARGEST_PATCH_BYTES)) for address in addresses]
        for wire in wires:
            wire.sendall(b"x" * 1000)
        time.sleep(1)
        began = time.monotonic()
        assert line.ask("GET", "/sign-in", {})[0] in {200, 303}
        assert line.ask("GET", "/healthz", {})[0] in {200, 503}
        assert time.monotonic() - began < 2
        refused = sum(_answered(wire) == 503 for wire in wires)
        assert SLOW_LINES - (live_server.system.settings.web_threads - 8) == refused
    assert [line.offset(address) for address in addresses] == [0] * SLOW_LINES


def _answered(wire: socket.socket) -> int | None:
    """Return the status that has already come back, if any."""
    wire.settimeout(0.2)
    try:
        found = re.match(rb"HTTP/1\.1 (\d+)", wire.recv(4096))
    except TimeoutError:
        return None
    return int(found.group(1)) if found else None


def test_a_line_that_stops_is_cut_within_seconds_and_the_upload_goes_on(
    live_server: LiveServer, line: Line
) -> None:
    address = line.create(live_server)
    with line.patching(address, 100_000) as wire:
        wire.sendall(CONTENT[:5000])
        began = time.monotonic()
        wire.settimeout(40)
        assert b" 408 " in wire.recv(4096)
        assert 5 < time.monotonic() - began < 25
    status, answered, _ = line.ask("PATCH", address, {**PIECE, "Upload-Offset": "0"}, CONTENT[:5000])
    assert (status, answered["Upload-Offset"]) == (204, "5000")


def test_a_request_that_is_far_too_large_hears_why(live_server: LiveServer, line: Line) -> None:
    address = line.create(live_server)
    for size in (LARGEST_PATCH_BYTES + 1, 400_000, 900_000):
        status, _, body = line.ask("PATCH", address, {**PIECE, "Upload-Offset": "0"}, bytes(size))
        assert status == 413
        assert "128" in json.loads(body)["message"]
    assert line.offset(address) == 0


def test_a_hang_up_at_nine_tenths_leaves_no_orphan(live_server: LiveServer, line: Line) -> None:
    address = line.create(live_server)
    before = set(live_server.system.photo_store.list("pieces/"))
    with line.patching(address, 100_000) as wire:
        wire.sendall(CONTENT[:90_000])
    time.sleep(1)
    assert line.offset(address) == 0
    assert set(live_server.system.photo_store.list("pieces/")) == before


@pytest.mark.long
def test_the_trace_of_the_running_service_shows_the_bytes_before_the_commit(
    live_server: LiveServer, line: Line, tmp_path: Path
) -> None:
    strace = shutil.which("strace")
    assert strace, "bin/test --all needs strace (apt install strace)"
    address, trace = line.create(live_server), tmp_path / "trace"
    pid = str(live_server.processes["web"].pid)
    calls = "trace=fsync,fdatasync,link,linkat,sendto,write"
    with subprocess.Popen(
        [strace, "-f", "-y", "-e", calls, "-o", str(trace), "-p", pid, *_children(pid)]
    ) as tracer:
        time.sleep(2)
        status, _, _ = line.ask("PATCH", address, {**PIECE, "Upload-Offset": "0"}, CONTENT[:60_000])
        tracer.terminate()
    assert status == 204
    events = [kind for kind in map(_kind, trace.read_text("utf-8", "replace").splitlines()) if kind]
    assert "name" in events
    named = events.index("name")
    assert "bytes" in events[:named], events
    assert "folder" in events[named:], events
    committed = events.index("commit", named)
    assert events.index("folder", named) < committed, events
    assert events.index("answer", named) > committed, events


def _children(pid: str) -> list[str]:
    listed = subprocess.run(["pgrep", "-P", pid], capture_output=True, text=True, check=False).stdout.split()
    return [part for child in listed for part in ("-p", child)]


def _kind(call: str) -> str | None:
    """Return what a traced call does to the durability of a piece."""
    if re.search(r"\bf(data)?sync\(\d+<[^>]*/\.partial/", call):
        return "bytes"
    if re.search(r"\blink(at)?\(.*pieces/", call):
        return "name"
    if re.search(r"\bf(data)?sync\(\d+<[^>]*/pieces/", call):
        return "folder"
    if re.search(r"\bf(data)?sync\(\d+<[^>]*sqlite3-wal", call):
        return "commit"
    return "answer" if "HTTP/1.1 204" in call else None
