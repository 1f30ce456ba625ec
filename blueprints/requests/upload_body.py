"""What a tus request says and carries, read within bounds: headers, metadata, checksum, and a body that may be slow."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any
from uuid import UUID

from flask import Request
from werkzeug.exceptions import ClientDisconnected

from dermavis.domain.errors import Refusal
from dermavis.domain.pictures import LARGEST_PATCH_BYTES
from dermavis.services.photo_intake import NewUpload

CHECKSUMS = ("sha256", "sha1", "md5")
ROLES = ("diagnostic", "original")
READ_AT_ONCE = 4096
PASSED_OVER = 1024 * 1024
"""Bytes of a too large request that are read before the refusal, so that it can be heard."""

AT_ONCE_S = 0.2
LONGEST_GOODBYE_S = 1
PATIENCE_S = 10
SLOWEST = 5 * 1024
"""Bytes a second under which a request is cut once the patience is over."""


class Misread(Refusal):
    """A request that does not follow the protocol, or comes when it cannot be served."""

    def __init__(self, code: str, message: str, status: int = 400, retry_after: int | None = None) -> None:
        super().__init__(code, message)
        self.status = status
        self.retry_after = retry_after


def read_metadata(headers: Mapping[str, str]) -> NewUpload:
    """Read Upload-Length and Upload-Metadata. Raises Misread naming the first entry that is wrong."""
    length = headers.get("Upload-Length", "")
    if not re.fullmatch(r"[0-9]{1,12}", length):
        raise Misread("length", "La taille du fichier (Upload-Length) manque ou n’est pas un nombre.")
    told = dict(_entries(headers.get("Upload-Metadata", "")))
    role = told.get("role", "diagnostic")
    if role not in ROLES:
        raise Misread("role", "Le rôle du fichier est «\u00a0diagnostic\u00a0» ou «\u00a0original\u00a0».")
    digest = told.get("sha256", "")
    if digest and not re.fullmatch(r"[0-9a-fA-F]{64}", digest):
        raise Misread("sha256", "L’empreinte (sha256) s’écrit en 64\u00a0chiffres hexadécimaux.")
    return NewUpload(
        case_id=_uuid(told, "case", told.get("draft", "")),
        photo_id=_uuid(told, "photo"),
        role=role,
        view=told.get("view", ""),
        length=int(length),
        lesion_id=_uuid(told, "lesion") if told.get("lesion") else None,
        sha256=bytes.fromhex(digest) if digest else None,
        answers=_uuid(told, "answers") if told.get("answers") else None,
    )


def _entries(header: str) -> Iterator[tuple[str, str]]:
    if len(header) > 4096:
        raise Misread("metadata", "Les informations du fichier (Upload-Metadata) sont trop longues.")
    for entry in filter(None, (part.strip() for part in header.split(","))):
        name, _, value = entry.partition(" ")
        try:
            yield name, base64.b64decode(value.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            message = "Les informations du fichier (Upload-Metadata) ne sont pas lisibles."
            raise Misread("metadata", message) from None


def _uuid(told: Mapping[str, str], name: str, default: str = "") -> UUID:
    try:
        return UUID(told.get(name) or default)
    except ValueError:
        message = f"L’information «\u00a0{name}\u00a0» du fichier manque ou n’est pas un identifiant."
        raise Misread("metadata", message) from None


def check_sum(header: str | None, piece: bytes) -> None:
    """Compare a piece with its Upload-Checksum. Raises Misread: 400 for an unknown way, 460 for other bytes."""
    if header is None:
        return
    way, _, told = header.partition(" ")
    if way not in CHECKSUMS:
        raise Misread("checksum_way", "Cette façon de vérifier (Upload-Checksum) n’est pas connue ici.")
    digest = hashlib.new(way, piece, usedforsecurity=False).digest()
    if not hmac.compare_digest(base64.b64encode(digest), told.strip().encode()):
        raise Misread("checksum", "Ce morceau est arrivé abîmé\u00a0: il est à renvoyer.", 460)


def read_piece(request: Request, clock: Callable[[], float] = time.monotonic) -> bytes:
    """Read the body. Raises Misread when it is larger than a piece may be, too slow, or cut short."""
    announced = request.content_length
    if announced is not None and announced > LARGEST_PATCH_BYTES:
        raise _too_much()
    received, began = bytearray(), clock()
    with _patience_with(request.environ, PATIENCE_S):
        try:
            while piece := request.stream.read(READ_AT_ONCE):
                received += piece
                if len(received) > LARGEST_PATCH_BYTES:
                    raise _too_much()
                elapsed = clock() - began
                if elapsed > PATIENCE_S and len(received) < SLOWEST * elapsed:
                    raise _too_slow()
        except (ClientDisconnected, OSError) as lost:
            if isinstance(lost.__context__, TimeoutError):
                raise _too_slow() from None
            raise _cut() from None
    if announced is not None and len(received) < announced:
        raise _cut()
    return bytes(received)


def let_go(request: Request) -> None:
    """Give the thread back after a refusal: read what has already come of the body, and hear no more of it.

    A client that is still writing would not hear the answer; the server itself would wait for the rest of the body
    before it looks at anybody else.
    """
    line = request.environ.get("gunicorn.socket")
    if line is None or not request.content_length:
        return
    passed, began = 0, time.monotonic()
    try:
        with _patience_with(request.environ, AT_ONCE_S):
            while piece := request.environ["wsgi.input"].read(READ_AT_ONCE):
                passed += len(piece)
                if passed > PASSED_OVER or time.monotonic() - began > LONGEST_GOODBYE_S:
                    raise TimeoutError
    except OSError:
        with suppress(OSError):
            # Of the line itself: under TLS the answer must still be encrypted.
            socket.socket.shutdown(line, socket.SHUT_RD)


@contextmanager
def _patience_with(environ: dict[str, Any], seconds: float) -> Iterator[None]:
    """Let no read of the body wait for ever, where the server shows its socket."""
    line = environ.get("gunicorn.socket")
    if line is None:
        yield
        return
    before = line.gettimeout()
    line.settimeout(seconds)
    try:
        yield
    finally:
        line.settimeout(before)


def _too_much() -> Misread:
    message = "Un envoi porte 128\u00a0ko au plus à la fois\u00a0: le fichier part en morceaux (chunkSize)."
    return Misread("piece_too_large", message, 413)


def _too_slow() -> Misread:
    return Misread("too_slow", "La ligne est trop lente pour ce morceau\u00a0: l’envoi reprendra.", 408)


def _cut() -> Misread:
    return Misread("cut", "L’envoi a été coupé\u00a0: il reprendra.")
