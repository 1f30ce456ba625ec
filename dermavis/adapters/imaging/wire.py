"""What passes between the service and the child: one length, one JSON head, the bytes of the files."""

from __future__ import annotations

import json
import socket
import struct
from dataclasses import asdict
from typing import Any, Final

from dermavis.domain.errors import PictureRefused
from dermavis.domain.ports import Picture, PictureFile

_LENGTH: Final = struct.Struct(">Q")
_QUESTION: Final = struct.Struct(">?Q")
_ENDED: Final = struct.Struct(">4si")
_END_MARK: Final = b"end\0"
_FILES: Final = ("original", "diagnostic", "thumb")


def pack_question(content: bytes, close_up: bool) -> bytes:
    """Return what the child is asked."""
    return _QUESTION.pack(close_up, len(content)) + content


def receive_question(line: socket.socket) -> tuple[bytes, bool]:
    """Read what the child is asked. Raises EOFError when the asker went away."""
    close_up, size = _QUESTION.unpack(_receive(line, _QUESTION.size))
    return _receive(line, size), close_up


def pack_answer(outcome: Picture | PictureRefused) -> bytes:
    """Return the child's answer."""
    if isinstance(outcome, PictureRefused):
        head: dict[str, Any] = {"refused": [outcome.code, outcome.message]}
        contents: list[bytes] = []
    else:
        head = {name: getattr(outcome, name) for name in Picture.__dataclass_fields__ if name not in _FILES}
        contents = []
        for name in _FILES:
            fields = asdict(getattr(outcome, name))
            contents.append(fields.pop("content"))
            head[name] = {**fields, "size": len(contents[-1])}
    written = json.dumps(head).encode()
    body = b"".join([_LENGTH.pack(len(written)), written, *contents])
    return _LENGTH.pack(len(body)) + body


def pack_end(status: int) -> bytes:
    """Return what the fork server adds when the child has ended; ``status`` is an exit code, or minus a signal."""
    return _ENDED.pack(_END_MARK, status)


def unpack_reply(reply: bytes) -> tuple[Picture | PictureRefused | None, int | None]:
    """Return the child's answer, if it gave a whole one, and how it ended, if the fork server said so."""
    status = None
    if reply[-_ENDED.size :].startswith(_END_MARK):
        status = int(_ENDED.unpack(reply[-_ENDED.size :])[1])
        reply = reply[: -_ENDED.size]
    if len(reply) < _LENGTH.size or len(reply) != _LENGTH.size + _LENGTH.unpack_from(reply)[0]:
        return None, status
    return _unpack_answer(reply[_LENGTH.size :]), status


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


def _receive(line: socket.socket, size: int) -> bytes:
    received = bytearray()
    while len(received) < size:
        piece = line.recv(min(size - len(received), 1 << 20))
        if not piece:
            raise EOFError
        received += piece
    return bytes(received)
