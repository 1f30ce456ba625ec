"""Sends a file as a phone does: a small tus client over Flask's test client, and straight through the services."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from uuid import UUID, uuid4

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dermavis.services import uploads
from dermavis.services.photo_intake import NewUpload
from dermavis.services.pictures import process_next_picture
from dermavis.services.work import Actor, System, writing

ADDRESS = "/api/v1/uploads"
TUS = {"Tus-Resumable": "1.0.0"}
PIECE = {**TUS, "Content-Type": "application/offset+octet-stream"}


def metadata(**told: Any) -> str:
    """Return an Upload-Metadata header."""
    return ",".join(
        f"{name} {base64.b64encode(str(value).encode()).decode()}" for name, value in told.items()
    )


def told_of(case_id: UUID, content: bytes, **more: Any) -> dict[str, Any]:
    """Return what a phone tells of a file."""
    facts = {
        "case": case_id,
        "photo": uuid4(),
        "role": "diagnostic",
        "view": "close_up",
        "filename": "IMG_1.jpg",
    }
    return {**facts, "sha256": hashlib.sha256(content).hexdigest(), **more}


def begin(client: FlaskClient, length: int, told: dict[str, Any]) -> TestResponse:
    """Create an upload."""
    return client.post(
        ADDRESS, headers={**TUS, "Upload-Length": str(length), "Upload-Metadata": metadata(**told)}
    )


def send_piece(
    client: FlaskClient, address: str, offset: int, piece: bytes, checksum: str | None = None, **more: str
) -> TestResponse:
    """Send one piece by PATCH."""
    headers = {**PIECE, "Upload-Offset": str(offset), **more}
    if checksum is not None:
        headers["Upload-Checksum"] = checksum
    return client.patch(address, data=piece, headers=headers)


def send_all(client: FlaskClient, case_id: UUID, content: bytes, size: int = 100_000, **more: Any) -> UUID:
    """Send a whole file piece by piece and return its photo's id."""
    told = told_of(case_id, content, **more)
    created = begin(client, len(content), told)
    assert created.status_code == 201, created.text
    for offset in range(0, len(content), size):
        piece = content[offset : offset + size]
        sum_ = f"sha256 {base64.b64encode(hashlib.sha256(piece).digest()).decode()}"
        answer = send_piece(client, created.headers["Location"], offset, piece, sum_)
        assert answer.status_code == 204, answer.text
        assert answer.headers["Upload-Offset"] == str(offset + len(piece))
    return UUID(str(told["photo"]))


def uploaded(system: System, actor: Actor, case_id: UUID, content: bytes, **more: Any) -> UUID:
    """Send a whole file through the services and return its photo's id."""
    told = {"photo_id": uuid4(), "role": "diagnostic", "view": "close_up", **more}
    new = NewUpload(case_id=case_id, length=len(content), sha256=hashlib.sha256(content).digest(), **told)
    with writing(system, actor) as work:
        state = uploads.create(work, new)
    for offset in range(0, len(content), 128 * 1024):
        uploads.append(system, actor, state.id, offset, content[offset : offset + 128 * 1024])
    return new.photo_id


def process_all(system: System) -> int:
    """Do the work of the worker's picture lane."""
    count = 0
    while process_next_picture(system):
        count += 1
    return count
