"""Every hostile file again, through the running service: told in words or made clean, in little memory."""

from __future__ import annotations

import hashlib
import struct
import urllib.request
import zlib
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from dermavis.domain.pictures import REFUSALS
from dermavis.domain.roles import Role
from dermavis.models import Case, Photo, PhotoFile, PictureJob
from dermavis.services.photos import read_file
from dermavis.services.work import reading
from tests import cases, material
from tests.fixtures.servers import LiveServer
from tests.receivers import wait_until
from tests.sending_phone import PIECE_BYTES, SendingPhone
from tests.signing_in import cookie_name, new_session
from tests.uploading import ADDRESS, PIECE, TUS, metadata
from tests.weighing import CHILD_MOST, MEGABYTE, SERVICE_MOST, weighed

AT_ONCE_IN_A_CASE = 50


def packed(size: int, head: bytes = b"") -> bytes:
    """Compress as many zeros as that, a megabyte at a time."""
    pressed = zlib.compressobj(9)
    parts = [pressed.compress(head)]
    for _ in range(size // MEGABYTE):
        parts.append(pressed.compress(bytes(MEGABYTE)))
    return b"".join([*parts, pressed.compress(bytes(size % MEGABYTE)), pressed.flush()])


def png_that_says(
    width: int, height: int, *more: tuple[bytes, bytes], depth: int = 8, colour: int = 2
) -> bytes:
    """Return a PNG whose head promises that size."""
    head = struct.pack(">LLBBBBB", width, height, depth, colour, 0, 0, 0)
    return material.png_of([(b"IHDR", head), *more, (b"IEND", b"")])


def own_files() -> dict[str, bytes]:
    """Return bombs and disguises of our own, where the shared ones are not there."""
    picture = material.planted_jpeg(material.scene(900, 700))
    sof = picture.index(b"\xff\xc0")
    huge = picture[: sof + 5] + struct.pack(">HH", 65500, 65500) + picture[sof + 9 :]
    row = 4000 // 8 + 1
    return {
        "a promise without a picture": png_that_says(60_000, 60_000),
        "144 million pixels in a few bytes": png_that_says(
            12_000, 12_000, (b"IDAT", packed(12_000 * 36_001))
        ),
        "900 million pixels of one bit": png_that_says(
            30_000, 30_000, (b"IDAT", packed(30_000 * 3_751)), depth=1, colour=0
        ),
        "a text of 200 MB": png_that_says(
            4000,
            4000,
            (b"zTXt", b"Comment\0\0" + packed(200 * MEGABYTE)),
            (b"IDAT", packed(4000 * row)),
            depth=1,
            colour=0,
        ),
        "a profile of 50 MB": png_that_says(
            64, 64, (b"iCCP", b"p\0\0" + packed(50 * MEGABYTE)), (b"IDAT", packed(64 * 193))
        ),
        "a JPEG that says 4 billion pixels": huge,
        "a JPEG cut in its middle": picture[: len(picture) // 3],
        "two bytes": b"\xff\xd8",
        "a page": b"<!doctype html><script>alert(1)</script>",
        "a drawing": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        "an animation": material.apng(),
        "an archive behind a picture": picture,
    }


def hostile_files() -> dict[str, bytes]:
    """Return the shared hostile files, and our own."""
    shared = material.shared_files("hostile/*.*", "hostile/pillow/*", "exif/*")
    return {path.name: path.read_bytes() for path in shared} | own_files()


@pytest.mark.long
def test_every_hostile_file_is_told_or_made_clean_in_little_memory(
    start_server: Callable[..., LiveServer],
) -> None:
    server = start_server()
    token = new_session(server.system, server.world.who(Role.REQUESTER))
    phone = SendingPhone(server.url, f"{cookie_name(server.system)}={token}")
    files = hostile_files()
    with weighed(server.processes) as scale:
        sent = _send_all(phone, files)
        wait_until(lambda: _waiting(server) == 0, 300)
    _check(server, files, sent)
    with urllib.request.urlopen(f"{server.url}/healthz", timeout=30) as answer:
        assert answer.status == 200
    assert scale.children, "no child was seen at its work"
    service, child = max(scale.service.values()), scale.heaviest_child
    print(
        f"{len(files)} hostile files: service {service / 1e6:.0f} MB, a picture's child {child / 1e6:.0f} MB"
    )
    assert service <= SERVICE_MOST
    assert child <= CHILD_MOST


def _send_all(phone: SendingPhone, files: dict[str, bytes]) -> dict[str, tuple[UUID, UUID]]:
    """Send each file as a picture of a draft; return the case and the picture of those whose upload began."""
    sent: dict[str, tuple[UUID, UUID]] = {}
    case_id = uuid4()
    for place, (name, content) in enumerate(files.items()):
        if place % AT_ONCE_IN_A_CASE == 0:
            case_id = uuid4()
            draft = {"format": 1, "content": cases.content()}
            assert phone.ask("PUT", f"/api/v1/drafts/{case_id}", draft, {"If-Match": '"0"'}).status == 200
        photo_id = uuid4()
        if _sends(phone, case_id, photo_id, content):
            sent[name] = (case_id, photo_id)
    return sent


def _sends(phone: SendingPhone, case_id: UUID, photo_id: UUID, content: bytes) -> bool:
    told = {
        "case": case_id,
        "photo": photo_id,
        "role": "original",
        "view": "close_up",
        "filename": "../../<script>.jpg",
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    announced = {**TUS, "Upload-Length": str(len(content)), "Upload-Metadata": metadata(**told)}
    created = phone.ask("POST", ADDRESS, None, announced)
    if created.status != 201:
        assert created.status in {400, 413, 422}, created.body
        assert created.json["message"].endswith("."), created.body
        return False
    offset = 0
    while offset < len(content):
        piece = content[offset : offset + PIECE_BYTES]
        answer = phone.ask(
            "PATCH", created.headers["location"], piece, {**PIECE, "Upload-Offset": str(offset)}
        )
        assert answer.status == 204, answer.body
        offset = int(answer.headers["upload-offset"])
    return True


def _waiting(server: LiveServer) -> int:
    with reading(server.system) as work:
        return work.session.scalar(select(func.count()).where(PictureJob.done_at.is_(None))) or 0


def _check(server: LiveServer, files: dict[str, bytes], sent: dict[str, tuple[UUID, UUID]]) -> None:
    assert len(files) - len(sent) <= sum(not content for content in files.values()), (
        "only an empty file never begins"
    )
    refused = ready = 0
    with reading(server.system) as work:
        for name, (case_id, photo_id) in sent.items():
            photo = work.session.get_one(Photo, photo_id)
            if photo.state == "ready":
                ready += 1
                case = work.session.get_one(Case, case_id)
                for role in work.session.scalars(
                    select(PhotoFile.role).where(PhotoFile.photo_id == photo_id)
                ):
                    clean = read_file(work, case, photo_id, role).content
                    assert material.PLANTED not in clean, name
                    assert b"<script" not in clean, name
                    assert b"PK\x03\x04" not in clean[-64:], name
                    material.opened(clean)
            else:
                refused += 1
                assert photo.refusal in REFUSALS.values(), f"{name}: {photo.state} {photo.refusal!r}"
    assert refused >= 8
    assert ready >= 1
