"""A small process without threads, keys or secrets that has the decoders loaded and forks one child a picture.

Run as ``python -m dermavis.adapters.imaging.fork_server FD``. Each message on the control socket carries one end of a
line and a sheet (see ``wire``); a fresh child reads the file from it, answers and ends. A child that a hostile file
drives mad dies of its own limits (memory, processor time, wall time) and takes nothing with it; it cannot write a file
and leaves no core.
"""

from __future__ import annotations

import contextlib
import gc
import os
import resource
import selectors
import signal
import socket
import sys
import traceback

from PIL import Image, WebPImagePlugin

from dermavis.adapters.imaging.limits import MEMORY_BYTES, OPEN_FILES, PROCESSOR_SECONDS, WALL_SECONDS
from dermavis.adapters.imaging.processing import process
from dermavis.adapters.imaging.wire import answer, pack_end, receive_question
from dermavis.domain.errors import PictureRefused
from dermavis.domain.ports import Picture

_CONTROL, _CHILD_ENDED = "control", "child ended"


def serve(control: socket.socket) -> None:
    """Fork a child for each line received, until the other side closes the control socket."""
    waiting, woken = socket.socketpair()
    waiting.setblocking(False)
    woken.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(woken.fileno(), warn_on_full_buffer=False)
    lines: dict[int, socket.socket] = {}
    with selectors.DefaultSelector() as ready:
        ready.register(control, selectors.EVENT_READ, _CONTROL)
        ready.register(waiting, selectors.EVENT_READ, _CHILD_ENDED)
        while True:
            for key, _ in ready.select():
                if key.data == _CHILD_ENDED:
                    _tell_ends(waiting, lines)
                    continue
                message, descriptors, _, _ = socket.recv_fds(control, 16, 2)
                if not message:
                    return
                if len(descriptors) == 2:
                    line = socket.socket(fileno=descriptors[0])
                    lines[_fork_child(line, descriptors[1])] = line


def _fork_child(line: socket.socket, sheet: int) -> int:
    child = os.fork()
    if child:
        os.close(sheet)
        return child
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _limit_itself()
        content, close_up = receive_question(line, sheet)
        answer(line, sheet, _outcome(content, close_up))
        status = 0
    except (EOFError, ConnectionError):
        status = 0
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        os._exit(status)


def _limit_itself() -> None:
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(WALL_SECONDS)
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))


def _outcome(content: bytes, close_up: bool) -> Picture | PictureRefused:
    try:
        return process(content, close_up)
    except PictureRefused as refused:
        return refused


def _tell_ends(waiting: socket.socket, lines: dict[int, socket.socket]) -> None:
    """Tell the asker of each child that ended how it ended, and hang up."""
    with contextlib.suppress(BlockingIOError):
        while waiting.recv(4096):
            pass
    while True:
        try:
            child, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if child == 0:
            return
        with lines.pop(child) as line, contextlib.suppress(OSError):
            line.setblocking(False)
            line.send(pack_end(os.waitstatus_to_exitcode(status)))


def main() -> None:
    """Load the decoders once, then serve."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Image.preinit()
    Image.register_mime(WebPImagePlugin.WebPImageFile.format, "image/webp")
    gc.freeze()
    with socket.socket(fileno=int(sys.argv[1])) as control:
        serve(control)


if __name__ == "__main__":
    main()
