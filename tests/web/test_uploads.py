"""The tus protocol as any client speaks it, and the words of its refusals."""

from __future__ import annotations

import base64
import hashlib
import io
import socket
import threading
from collections.abc import Iterator
from uuid import uuid4

import pytest
from flask import Flask, Request
from flask.testing import FlaskClient
from werkzeug.test import create_environ

from blueprints.requests import uploads as upload_routes
from blueprints.requests.upload_body import Misread, read_piece
from dermavis.domain.pictures import LARGEST_FILE_BYTES, LARGEST_PATCH_BYTES
from dermavis.domain.roles import Role
from dermavis.services import uploads
from tests import cases, material
from tests.factories import World
from tests.signing_in import sign_in
from tests.traces import find_traces
from tests.uploading import ADDRESS, PIECE, TUS, begin, metadata, process_all, send_all, send_piece, told_of

CONTENT = material.planted_jpeg(material.grainy())


@pytest.fixture
def phone(client: FlaskClient, world: World) -> FlaskClient:
    """A requester's phone, signed in."""
    sign_in(client, world.who(Role.REQUESTER))
    return client


@pytest.fixture
def address(phone: FlaskClient, world: World) -> str:
    """The address of an upload that was just created."""
    created = begin(phone, len(CONTENT), told_of(cases.drafted(world), CONTENT))
    assert created.status_code == 201
    return created.headers["Location"]


def test_a_server_says_what_it_can_do(phone: FlaskClient) -> None:
    answer = phone.options(ADDRESS)
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == answer.headers["Tus-Resumable"] == "1.0.0"
    assert answer.headers["Tus-Max-Size"] == str(LARGEST_FILE_BYTES)
    assert {"creation", "checksum"} <= set(answer.headers["Tus-Extension"].split(","))
    assert {"sha1", "sha256"} <= set(answer.headers["Tus-Checksum-Algorithm"].split(","))


def test_a_picture_goes_up_in_pieces_and_comes_back_clean(phone: FlaskClient, world: World) -> None:
    case_id = cases.drafted(world)
    photo_id = send_all(phone, case_id, CONTENT)
    send_all(phone, case_id, CONTENT, photo=photo_id, role="original")
    assert process_all(world.system) == 2
    told = phone.get(f"/api/v1/drafts/{case_id}/photos").get_json()
    assert [(photo["id"], photo["state"]) for photo in told["photos"]] == [(str(photo_id), "verified")]
    assert find_traces(CONTENT) >= {"exif", "place", "maker note", "trailing bytes"}
    for role in ("thumb", "diagnostic", "original"):
        answer = phone.get(f"/cases/{case_id}/photos/{photo_id}/{role}")
        assert answer.status_code == 200
        assert find_traces(answer.data) == set()
        assert answer.content_type == "image/jpeg"
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"].startswith("sandbox")
        assert answer.headers["Content-Disposition"].startswith("inline")
        assert "ETag" not in answer.headers
    assert phone.get(f"/cases/{case_id}/photos/{photo_id}/everything").status_code == 404


def test_an_upload_is_resumed_where_the_server_stands(phone: FlaskClient, address: str) -> None:
    assert send_piece(phone, address, 0, CONTENT[:1000]).status_code == 204
    head = phone.head(address, headers=TUS)
    assert (head.status_code, head.headers["Upload-Offset"]) == (200, "1000")
    assert head.headers["Upload-Length"] == str(len(CONTENT))
    assert head.headers["Cache-Control"] == "no-store"
    assert "Upload-Expires" in head.headers
    behind = send_piece(phone, address, 0, CONTENT[:1000])
    assert (behind.status_code, behind.headers["Upload-Offset"]) == (409, "1000")
    assert behind.get_json()["code"] == "offset_disagrees"
    assert send_piece(phone, address, 1000, CONTENT[1000:2000]).headers["Upload-Offset"] == "2000"


def test_where_patch_and_head_are_dropped_post_does_the_same(phone: FlaskClient, address: str) -> None:
    went_on = phone.post(
        address,
        data=CONTENT[:500],
        headers={**PIECE, "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"},
    )
    assert (went_on.status_code, went_on.headers["Upload-Offset"]) == (204, "500")
    asked = phone.post(address, headers={**TUS, "X-HTTP-Method-Override": "HEAD"})
    assert asked.headers["Upload-Offset"] == "500"
    assert phone.post(address, headers=TUS).status_code == 405


def test_the_first_piece_may_come_with_the_creation(phone: FlaskClient, world: World) -> None:
    told = told_of(cases.drafted(world), CONTENT)
    headers = {**PIECE, "Upload-Length": str(len(CONTENT)), "Upload-Metadata": metadata(**told)}
    created = phone.post(ADDRESS, data=CONTENT[:3000], headers=headers)
    assert (created.status_code, created.headers["Upload-Offset"]) == (201, "3000")
    assert send_piece(phone, created.headers["Location"], 3000, CONTENT[3000:6000]).status_code == 204


def test_a_piece_that_arrives_damaged_is_asked_again(phone: FlaskClient, address: str) -> None:
    for way in ("sha256", "sha1", "md5"):
        wrong = base64.b64encode(hashlib.new(way, b"other").digest()).decode()
        answer = send_piece(phone, address, 0, CONTENT[:100], f"{way} {wrong}")
        assert (answer.status_code, answer.get_json()["code"]) == (460, "checksum")
        assert phone.head(address, headers=TUS).headers["Upload-Offset"] == "0"
    assert send_piece(phone, address, 0, CONTENT[:100], "crc32 AAAA").status_code == 400
    right = base64.b64encode(hashlib.sha1(CONTENT[:100], usedforsecurity=False).digest()).decode()
    assert send_piece(phone, address, 0, CONTENT[:100], f"sha1 {right}").status_code == 204


def test_too_much_is_refused_in_words(phone: FlaskClient, world: World, address: str) -> None:
    answer = send_piece(phone, address, 0, bytes(LARGEST_PATCH_BYTES + 1))
    assert (answer.status_code, answer.get_json()["code"]) == (413, "piece_too_large")
    assert "128" in answer.get_json()["message"]
    assert send_piece(phone, address, 0, bytes(600 * 1024)).status_code == 413
    assert phone.head(address, headers=TUS).headers["Upload-Offset"] == "0"
    large = begin(phone, LARGEST_FILE_BYTES + 1, told_of(cases.drafted(world), CONTENT))
    assert (large.status_code, large.get_json()["code"]) == (413, "too_large")
    assert "25" in large.get_json()["message"]
    assert send_piece(phone, address, 0, CONTENT[:LARGEST_PATCH_BYTES]).status_code == 204


def test_what_does_not_follow_the_protocol_is_told(phone: FlaskClient, world: World, address: str) -> None:
    old = phone.head(address, headers={"Tus-Resumable": "0.2.2"})
    assert (old.status_code, old.headers["Tus-Version"]) == (412, "1.0.0")
    assert phone.patch(address, data=b"x", headers={**TUS, "Upload-Offset": "0"}).status_code == 415
    for offset in ("", "-1", "abc", "٣", "9" * 30):
        assert send_piece(phone, address, 0, b"x", **{"Upload-Offset": offset}).status_code == 400
    for told in (
        told_of("no-id", CONTENT),
        told_of(uuid4(), CONTENT, photo=""),
        told_of(uuid4(), CONTENT, role="thumb"),
        told_of(uuid4(), CONTENT, sha256="12"),
        told_of(uuid4(), CONTENT, lesion="x"),
    ):
        answer = begin(phone, 10, told)
        assert answer.status_code == 400
        assert answer.get_json()["message"]
    for header in ("case !!!", "case /w==", "x" * 5000):
        answer = phone.post(ADDRESS, headers={**TUS, "Upload-Length": "10", "Upload-Metadata": header})
        assert answer.status_code == 400
    told = told_of(cases.drafted(world), CONTENT)
    for length in ("", "x", "-5", "1" * 13):
        headers = {**TUS, "Upload-Length": length, "Upload-Metadata": metadata(**told)}
        assert phone.post(ADDRESS, headers=headers).status_code == 400
    assert begin(phone, 10, told_of(uuid4(), CONTENT)).status_code == 404
    assert begin(phone, 10, {**told, "view": "nothing"}).status_code == 422


def test_a_lost_upload_and_another_persons_are_not_found(
    app: Flask, phone: FlaskClient, world: World, address: str
) -> None:
    lost = f"{ADDRESS}/{uuid4()}"
    assert phone.head(lost, headers=TUS).status_code == 404
    assert send_piece(phone, lost, 0, b"x").status_code == 404
    stranger = app.test_client()
    assert send_piece(stranger, address, 0, CONTENT[:10]).status_code == 401
    sign_in(stranger, world.who("stranger"))
    assert stranger.head(address, headers=TUS).status_code == 404
    assert send_piece(stranger, address, 0, CONTENT[:10]).status_code == 404


def test_another_site_cannot_send_pieces_through_this_browser(phone: FlaskClient, address: str) -> None:
    answer = send_piece(phone, address, 0, b"x", **{"Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, answer.get_json()["code"]) == (403, "foreign_origin")
    assert send_piece(phone, address, 0, b"x", **{"Sec-Fetch-Site": "same-origin"}).status_code == 204


def test_uploads_need_no_form_token(guarded_client: FlaskClient, world: World) -> None:
    sign_in(guarded_client, world.who(Role.REQUESTER))
    assert send_all(guarded_client, cases.drafted(world), CONTENT[:5000])


def test_two_at_once_on_one_upload_are_told_to_wait(
    phone: FlaskClient, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from uuid import UUID

    with uploads._alone(UUID(address.rsplit("/", 1)[1])):
        busy = send_piece(phone, address, 0, CONTENT[:10])
    assert (busy.status_code, busy.get_json()["code"]) == (423, "upload_busy")
    assert send_piece(phone, address, 0, CONTENT[:10]).status_code == 204


@pytest.fixture
def every_slot(app: Flask, address: str) -> Iterator[threading.BoundedSemaphore]:
    """The threads that uploads may hold, all held once an upload was created."""
    slots = app.extensions[upload_routes.SLOTS]
    held = 0
    while slots.acquire(blocking=False):
        held += 1
    assert held == app.extensions["dermavis"].settings.web_threads - 8
    yield slots
    slots.release(held)


def test_uploads_leave_eight_threads_to_everybody_else(
    every_slot: threading.BoundedSemaphore, phone: FlaskClient, address: str
) -> None:
    slots = every_slot
    busy = send_piece(phone, address, 0, CONTENT[:10])
    assert busy.status_code == 503
    assert int(busy.headers["Retry-After"]) > 0
    slots.release()
    assert send_piece(phone, address, 0, CONTENT[:10]).status_code == 204
    assert slots.acquire(blocking=False), "the slot came back"


class Dripping(io.RawIOBase):
    """A body that comes a hundred bytes at a time, three seconds apart."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.left = 1000

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        self.seconds += 3
        self.left -= 1
        buffer[:100] = b"x" * 100
        return 100 if self.left >= 0 else 0


def request_with(app: Flask, body: object, length: int, **environ: object) -> Request:
    return app.request_class(
        {**create_environ(method="PATCH"), "wsgi.input": body, "CONTENT_LENGTH": str(length), **environ}
    )


def test_a_line_that_drips_is_cut_and_told(app: Flask) -> None:
    body = Dripping()
    with pytest.raises(Misread) as cut:
        read_piece(request_with(app, body, 100_000), clock=lambda: body.seconds)
    assert (cut.value.status, cut.value.code) == (408, "too_slow")
    assert 10 < body.seconds < 20


def test_a_body_that_stops_does_not_hold_its_thread(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("blueprints.requests.upload_body.PATIENCE_S", 0.2)
    ours, theirs = socket.socketpair()
    with ours, theirs, theirs.makefile("rb", buffering=0) as body:
        ours.sendall(b"x" * 100)
        with pytest.raises(Misread) as cut:
            read_piece(request_with(app, body, 5000, **{"gunicorn.socket": theirs}))
        assert theirs.gettimeout() is None
    assert cut.value.code == "too_slow"


def test_a_hang_up_in_the_middle_of_a_piece_keeps_nothing_of_it(phone: FlaskClient, address: str) -> None:
    answer = phone.patch(
        address,
        input_stream=io.BytesIO(CONTENT[:900]),
        headers={**PIECE, "Upload-Offset": "0"},
        environ_overrides={"CONTENT_LENGTH": "1000"},
    )
    assert answer.status_code == 400
    assert phone.head(address, headers=TUS).headers["Upload-Offset"] == "0"
