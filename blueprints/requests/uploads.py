"""Resumable uploads by tus 1.0.0 (core, creation, creation-with-upload, checksum, expiration), for any tus client.

Where a proxy drops PATCH and HEAD, POST with ``X-HTTP-Method-Override`` does the same. A request carries at most
128 kB; a file of 25 MB is many requests, so that a slow phone never holds a thread for long.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import format_datetime
from typing import cast
from uuid import UUID

from flask import Blueprint, Flask, Response, current_app, jsonify, request, url_for

from blueprints.entrance.current import actor, system
from blueprints.entrance.errors import show_refusal
from blueprints.entrance.guard import csrf
from blueprints.entrance.login import public
from blueprints.requests.upload_body import CHECKSUMS, Misread, check_sum, let_go, read_metadata, read_piece
from dermavis.domain.errors import Refusal
from dermavis.domain.pictures import LARGEST_FILE_BYTES
from dermavis.services import uploads
from dermavis.services.uploads import OffsetDisagrees, UploadState
from dermavis.services.work import reading, writing

VERSION = "1.0.0"
SLOTS = "dermavis-upload-slots"
PIECE_TYPE = "application/offset+octet-stream"
KEPT_FREE = 8
"""Threads that uploads leave to everybody else."""

blueprint = Blueprint("uploads", __name__, url_prefix="/api/v1/uploads")
csrf.exempt(blueprint)


def register(app: Flask) -> None:
    """Install the routes and count the threads that uploads may hold."""
    threads = max(1, app.extensions["dermavis"].settings.web_threads - KEPT_FREE)
    app.extensions[SLOTS] = threading.BoundedSemaphore(threads)
    app.register_blueprint(blueprint)


@blueprint.after_request
def speak_tus(response: Response) -> Response:
    """Every answer names the protocol, and no cache keeps it."""
    response.headers["Tus-Resumable"] = VERSION
    response.headers["Cache-Control"] = "no-store"
    if response.status_code == 412:
        response.headers["Tus-Version"] = VERSION
    if response.status_code >= 400:
        let_go(request)
    return response


@blueprint.errorhandler(Refusal)
def show_upload_refusal(refusal: Refusal) -> Response:
    """Show a refusal; one about bytes that do not follow tells where the server stands."""
    response = show_refusal(refusal)
    if isinstance(refusal, OffsetDisagrees):
        response.headers["Upload-Offset"] = str(refusal.offset)
    if refusal.code == "too_large":
        response.status_code = 413
    if isinstance(refusal, Misread) and refusal.retry_after is not None:
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


@blueprint.route("", methods=["OPTIONS"], provide_automatic_options=False)
@blueprint.route("/<uuid:upload_id>", methods=["OPTIONS"], provide_automatic_options=False)
@public
def tell_abilities(upload_id: UUID | None = None) -> Response:
    """Say what this server can do."""
    return Response(
        status=204,
        headers={
            "Tus-Version": VERSION,
            "Tus-Extension": "creation,creation-with-upload,checksum,expiration",
            "Tus-Checksum-Algorithm": ",".join(CHECKSUMS),
            "Tus-Max-Size": str(LARGEST_FILE_BYTES),
        },
    )


@blueprint.post("")
def create() -> Response:
    """Begin an upload, or find again the one that already carries this file; the first piece may come along."""
    _check_version()
    new = read_metadata(request.headers)
    with _slot():
        piece = read_piece(request) if request.mimetype == PIECE_TYPE else b""
        check_sum(request.headers.get("Upload-Checksum"), piece)
        with writing(system(), actor()) as work:
            state = uploads.create(work, new)
        if piece and state.offset == 0:
            state = uploads.append(system(), actor(), state.id, 0, piece)
    response = jsonify(format=1, id=str(state.id), offset=state.offset)
    response.status_code = 201
    response.headers["Location"] = url_for("uploads.resume", upload_id=state.id)
    return _stands_at(response, state)


@blueprint.route("/<uuid:upload_id>", methods=["HEAD", "GET", "PATCH", "POST"])
def resume(upload_id: UUID) -> Response:
    """Tell how far an upload has come (HEAD), or go on with it (PATCH)."""
    _check_version()
    method = request.headers.get("X-HTTP-Method-Override", request.method).upper()
    if method == "PATCH":
        return _append(upload_id)
    if method == "HEAD":
        with reading(system(), actor()) as work:
            state = uploads.find(work, upload_id)
        response = Response(status=200, headers={"Upload-Length": str(state.length)})
        return _stands_at(response, state)
    raise Misread("method", "Cette adresse ne reçoit que les suites d’un envoi.", 405)


def _append(upload_id: UUID) -> Response:
    if request.mimetype != PIECE_TYPE:
        raise Misread("content_type", f"Le contenu d’un envoi est annoncé comme {PIECE_TYPE}.", 415)
    offset = request.headers.get("Upload-Offset", "")
    if not offset.isascii() or not offset.isdigit() or len(offset) > 12:
        raise Misread("offset", "La position de reprise (Upload-Offset) manque ou n’est pas un nombre.")
    with _slot():
        piece = read_piece(request)
        check_sum(request.headers.get("Upload-Checksum"), piece)
        state = uploads.append(system(), actor(), upload_id, int(offset), piece)
    return _stands_at(Response(status=204), state)


def _check_version() -> None:
    if request.headers.get("Tus-Resumable") != VERSION:
        raise Misread("tus_version", f"Les envois suivent le protocole tus {VERSION}.", 412)


def _stands_at(response: Response, state: UploadState) -> Response:
    response.headers["Upload-Offset"] = str(state.offset)
    if state.offset < state.length:
        response.headers["Upload-Expires"] = format_datetime(state.expires_at, usegmt=True)
    return response


@contextmanager
def _slot() -> Iterator[None]:
    """Hold one of the threads that uploads may take, or ask to come back."""
    slots = cast(threading.BoundedSemaphore, current_app.extensions[SLOTS])
    if not slots.acquire(blocking=False):
        raise Misread(
            "uploads_busy", "Beaucoup de photos arrivent\u00a0: l’envoi reprend dans un instant.", 503, 2
        )
    try:
        yield
    finally:
        slots.release()
