"""The process in which pictures are decoded: bounded, without secrets, replaceable."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from PIL import Image

from dermavis.adapters.imaging import ChildImaging, ImagingFailed
from dermavis.adapters.imaging import client as imaging_client
from dermavis.adapters.imaging.fork_server import _limit_itself
from dermavis.adapters.imaging.wire import answer, pack_end, pack_question, sheet_with, unpack_reply
from dermavis.domain.errors import PictureRefused
from dermavis.domain.pictures import refusal
from dermavis.domain.ports import Picture
from tests import material


@pytest.fixture
def imaging() -> Iterator[ChildImaging]:
    """Imaging with a fork server of this test's own."""
    imaging = ChildImaging(children=2)
    yield imaging
    imaging.close()


def server_of(imaging: ChildImaging) -> psutil.Process:
    """Put its first picture in; return the server that was started for it, among those that other tests keep."""
    before = {child.pid for child in psutil.Process().children()}
    imaging.process(material.jpeg(material.scene(64, 48)), True)
    begun = [child for child in psutil.Process().children() if child.pid not in before]
    (server,) = [child for child in begun if any("fork_server" in part for part in child.cmdline())]
    return server


def forked(act: Callable[[], None]) -> int:
    """Run something in a forked child; return its exit code, or minus the signal that ended it."""
    child = os.fork()
    if child == 0:
        status = 99
        try:
            act()
            status = 0
        except MemoryError:
            status = 7
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_the_child_knows_nothing_of_the_services_environment(
    imaging: ChildImaging, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MASTER_KEY", "planted-key")
    with subprocess.Popen(["sleep", "30"]) as careless:
        inherited = environment_of(careless.pid)
        careless.kill()
    assert b"planted-key" in inherited
    assert b"planted-key" not in environment_of(server_of(imaging).pid)


def environment_of(pid: int) -> bytes:
    """Return a process's environment; it is empty for a moment while the process is being started."""
    deadline = time.monotonic() + 5
    while not (found := Path(f"/proc/{pid}/environ").read_bytes()) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert found
    return found


def test_the_child_can_neither_write_a_file_nor_take_all_memory(tmp_path: Path) -> None:
    def write() -> None:
        (tmp_path / "clear.jpg").write_bytes(b"picture")

    def hoard() -> None:
        bytearray(900 * 1024 * 1024)

    assert forked(write) == 0
    assert (tmp_path / "clear.jpg").read_bytes() == b"picture"
    assert forked(hoard) == 0
    assert forked(lambda: (_limit_itself(), write())) in {99, -signal.SIGXFSZ}
    assert forked(lambda: (_limit_itself(), hoard())) == 7

    def tell() -> None:
        _limit_itself()
        assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)
        assert resource.getrlimit(resource.RLIMIT_CPU)[0] <= 60
        assert signal.alarm(0) <= 60

    assert forked(tell) == 0


def test_each_picture_has_a_child_of_its_own_and_leaves_none(imaging: ChildImaging) -> None:
    server = server_of(imaging)
    for _ in range(3):
        imaging.process(material.jpeg(), True)
    deadline = time.monotonic() + 5
    while server.children() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert server.children() == []
    assert server.num_fds() < 12
    assert server.num_threads() == 1


def test_threads_share_the_imaging_without_mixing_pictures(imaging: ChildImaging) -> None:
    pictures = {seed: material.scene(200 + seed, 150, seed) for seed in range(6)}
    results: dict[int, Picture] = {}

    def process(seed: int) -> None:
        results[seed] = imaging.process(material.planted_jpeg(pictures[seed]), True)

    threads = [threading.Thread(target=process, args=(seed,)) for seed in pictures]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {seed: result.diagnostic.width for seed, result in results.items()} == {
        seed: 200 + seed for seed in pictures
    }


def test_a_child_that_overruns_or_crashes_refuses_its_picture_only(imaging: ChildImaging) -> None:
    server = server_of(imaging)
    expected = {signal.SIGALRM: "too_heavy", signal.SIGXCPU: "too_heavy", signal.SIGSEGV: "damaged"}
    for number, code in expected.items():
        assert code == outcome_of_a_child_ended_by(imaging, server, number)
    assert imaging.process(material.jpeg(), True).source_format == "jpeg"


def test_a_child_lost_through_no_fault_of_the_picture_is_worth_another_try(imaging: ChildImaging) -> None:
    server = server_of(imaging)
    assert outcome_of_a_child_ended_by(imaging, server, signal.SIGKILL) == "failed"
    server.kill()
    server.wait()
    assert imaging.process(material.jpeg(), True).source_format == "jpeg"


def outcome_of_a_child_ended_by(imaging: ChildImaging, server: psutil.Process, number: int) -> str:
    """Have a child wait for the rest of a picture, end it, and tell what the service makes of that."""
    outcome: list[str] = []
    whole = pack_question(1000, True)

    def ask() -> None:
        try:
            imaging.process(material.jpeg(), True)
        except PictureRefused as refused:
            outcome.append(refused.code)
        except ImagingFailed:
            outcome.append("failed")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(imaging_client, "pack_question", lambda *_: whole[:-1])
        asking = threading.Thread(target=ask)
        asking.start()
        deadline = time.monotonic() + 10
        while not server.children() and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.2)
        (child,) = server.children()
        child.send_signal(number)
        asking.join(20)
    return outcome[0]


def test_an_answer_cut_short_is_no_answer() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, sheet_with(b"\xff" * 1000) as sheet:
        answer(theirs, sheet, refusal("damaged"))
        whole = ours.recv(4096)
        found, status = unpack_reply(whole + pack_end(0), sheet)
        assert isinstance(found, PictureRefused)
        assert (found.code, status) == ("damaged", 0)
        for cut in range(len(whole)):
            assert unpack_reply(whole[:cut] + pack_end(-9), sheet) == (None, -9)
            assert unpack_reply(whole[:cut], sheet)[0] is None


def test_the_fork_server_ends_with_the_service_that_started_it() -> None:
    imaging = ChildImaging()
    server = server_of(imaging)
    imaging.close()
    assert not server.is_running()
    assert imaging.process(material.jpeg(), True).source_format == "jpeg"
    imaging.close()


def test_a_service_that_dies_takes_its_fork_server_along() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        import sys

        with subprocess.Popen(
            [sys.executable, "-m", "dermavis.adapters.imaging.fork_server", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
        ) as server:
            theirs.close()
            assert server.poll() is None
            ours.close()
            assert server.wait(10) == 0


@pytest.mark.long
def test_the_largest_pictures_that_are_accepted_fit_into_the_memory_of_a_child(imaging: ChildImaging) -> None:
    large = material.scene(8160, 6120)
    for content in (material.jpeg(large, quality=80, subsampling=0), material.png(large)):
        picture = imaging.process(content, True)
        assert (picture.original.width, picture.diagnostic.width) == (8160, 2016)
    progressive = material.jpeg(large.resize((5650, 4240)), quality=80, subsampling=0, progressive=True)
    assert imaging.process(progressive, True).original.width == 5650
    assert imaging.process(material.webp(large.resize((5650, 4240))), True).original.width == 5650
    assert large.width * large.height < 50_000_000 < (large.width + 64) * large.height
    too_large = Image.new("RGB", (8192, 6200))
    with pytest.raises(PictureRefused) as refused:
        imaging.process(material.jpeg(too_large), True)
    assert refused.value.code == "too_many_pixels"
