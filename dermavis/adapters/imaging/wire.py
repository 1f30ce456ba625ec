"""What passes between the service and the child: a few bytes on a line, the files on a sheet of memory that both see.

The sheet is a file without a name. The service writes the picture on it; the child reads it, writes its answer in its
place (one JSON head, the bytes of the files) and says on the line how long that is.
"""

from __future__ import annotations

import json
import mmap
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, Final

from dermavis.domain.errors import PictureRefused
from dermavis.domain.ports import Picture, PictureFile

_LENGTH: Final = struct.Struct(">Q")
_QUESTION: Final = struct.Struct(">?Q")
_ENDED: Final = struct.Struct(">4si")
_END_MARK: Final = b"end\0"
_FILES: Final = ("original", "diagnostic", "thumb")
_SHEET_BYTES: Final = 256 * 1024 * 1024
"""More than any answer; what is not written costs nothing."""


@contextmanager
def sheet_with(content: bytes) -> Iterator[int]:
    """Give the descriptor of a sheet that holds a picture; it ends with the block and its children."""
    sheet = os.memfd_create("picture", os.MFD_CLOEXEC)
    try:
        os.truncate(sheet, _SHEET_BYTES)
        _write(sheet, content)
        yield sheet
    finally:
        os.close(sheet)


def pack_question(size: int, close_up: bool) -> bytes:
    """Return what the child is asked about the picture of that size on the sheet."""
    return _QUESTION.pack(close_up, size)


def receive_question(line: socket.socket, sheet: int) -> tuple[bytes, bool]:
    """Read what the child is asked. Raises EOFError when the asker went away."""
    close_up, size = _QUESTION.unpack(_receive(line, _QUESTION.size))
    return os.pread(sheet, size, 0), close_up


def answer(line: socket.socket, sheet: int, outcome: Picture | PictureRefused) -> None:
    """Write the child's answer on the sheet, and say so on the line."""
    head, contents = _parts(outcome)
    written = json.dumps(head).encode()
    body = b"".join([_LENGTH.pack(len(written)), written, *contents])
    _write(sheet, body)
    line.sendall(_LENGTH.pack(len(body)))


def pack_end(status: int) -> bytes:
    """Return what the fork server adds when the child has ended; ``status`` is an exit code, or minus a signal."""
    return _ENDED.pack(_END_MARK, status)


def unpack_reply(reply: bytes, sheet: int) -> tuple[Picture | PictureRefused | None, int | None]:
    """Return the child's answer, if it gave a whole one, and how it ended, if the fork server said so."""
    status = None
    if reply[-_ENDED.size :].startswith(_END_MARK):
        status = int(_ENDED.unpack(reply[-_ENDED.size :])[1])
        reply = reply[: -_ENDED.size]
    size = _LENGTH.unpack(reply)[0] if len(reply) == _LENGTH.size else 0
    if not _LENGTH.size < size <= _SHEET_BYTES:
        return None, status
    return _unpack_answer(os.pread(sheet, size, 0)), status


def _parts(outcome: Picture | PictureRefused) -> tuple[dict[str, Any], list[bytes]]:
    if isinstance(outcome, PictureRefused):
        return {"refused": [outcome.code, outcome.message]}, []
    head = {name: getattr(outcome, name) for name in Picture.__dataclass_fields__ if name not in _FILES}
    contents = []
    for name in _FILES:
        fields = asdict(getattr(outcome, name))
        contents.append(fields.pop("content"))
        head[name] = {**fields, "size": len(contents[-1])}
    return head, contents


def _unpack_answer(body: bytes) -> Picture | PictureRefused:
    size = _LENGTH.unpack_from(body)[0]
    at = _LENGTH.size + size
    head: dict[str, Any] = json.loads(body[_LENGTH.size : at])
    if "refused" in head:
        return PictureRefused(*head["refused"])
    for name in _FILES:
        fields = head[name]
        length = fields.pop("size")
        head[name] = PictureFile(content=body[at : at + length], **fields)
        at += length
    return Picture(**head)


def _write(sheet: int, content: bytes) -> None:
    # Through the memory: a child may write no file.
    with mmap.mmap(sheet, len(content)) as memory:
        memory[:] = content


def _receive(line: socket.socket, size: int) -> bytes:
    received = bytearray()
    while len(received) < size:
        piece = line.recv(size - len(received))
        if not piece:
            raise EOFError
        received += piece
    return bytes(received)
