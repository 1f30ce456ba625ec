"""From a received file to the pictures that people see."""

from __future__ import annotations

import hashlib
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from dermavis.domain.errors import InvalidInput, NotFound
from dermavis.domain.pictures import REFUSALS
from dermavis.domain.roles import Role
from dermavis.models import PhotoFile, PhotoMeasure, UploadPiece
from dermavis.services import drafts, photos, sending, timers, uploads
from dermavis.services.photo_intake import NewUpload
from dermavis.services.photo_states import photo_states
from dermavis.services.pictures import process_next_picture
from dermavis.services.request_checks import PicturesPending
from dermavis.services.upload_pieces import sweep_pieces
from dermavis.services.work import reading, writing
from tests import cases, material
from tests.factories import World
from tests.photographing import DIAGNOSTIC, ORIGINAL, opened, send, shown, stored_files
from tests.traces import find_traces
from tests.uploading import process_all


def test_the_phones_diagnostic_picture_is_rendered_anew_and_the_original_adds_to_it(world: World) -> None:
    case_id = cases.drafted(world)
    photo_id = send(world, case_id, DIAGNOSTIC)
    assert shown(world, case_id)[0].state == "received"
    assert process_all(world.system) == 1
    (photo,) = shown(world, case_id)
    assert (photo.state, photo.refusal, set(photo.files)) == ("ready", "", {"diagnostic", "thumb"})
    assert photo.original_awaited
    diagnostic = opened(world, case_id, photo_id, "diagnostic")
    assert (diagnostic.width, diagnostic.height, diagnostic.orientation) == (600, 800, 1)

    send(world, case_id, ORIGINAL, photo_id=photo_id, role="original")
    assert shown(world, case_id)[0].state == "ready"
    assert process_all(world.system) == 1
    (photo,) = shown(world, case_id)
    assert set(photo.files) == {"original", "diagnostic", "thumb"}
    assert not photo.original_awaited
    assert opened(world, case_id, photo_id, "diagnostic").content == diagnostic.content
    original = opened(world, case_id, photo_id, "original")
    assert (original.width, original.height, original.orientation) == (1200, 900, 6)
    assert photo.capture["taken_at"] == "2026-03-12T09:41:07+01:00"
    for role in photo.files:
        assert find_traces(opened(world, case_id, photo_id, role).content) == set()


def test_where_only_an_original_comes_the_other_pictures_are_made_from_it(world: World) -> None:
    case_id = cases.drafted(world)
    photo_id = send(world, case_id, ORIGINAL, role="original")
    process_all(world.system)
    (photo,) = shown(world, case_id)
    assert (photo.state, set(photo.files)) == ("ready", {"original", "diagnostic", "thumb"})
    made = opened(world, case_id, photo_id, "diagnostic")
    assert (made.width, made.height) == (900, 1200)
    send(world, case_id, DIAGNOSTIC, photo_id=photo_id)
    process_all(world.system)
    assert opened(world, case_id, photo_id, "diagnostic").content == made.content
    assert len(stored_files(world.system)) == 3


def test_every_stored_file_is_sealed_and_the_pieces_are_destroyed(world: World) -> None:
    case_id = cases.drafted(world)
    photo_id = send(world, case_id, ORIGINAL, role="original")
    assert any(key.startswith("pieces/") for key in stored_files(world.system))
    process_all(world.system)
    keys = stored_files(world.system)
    assert len(keys) == 3
    assert all(key.startswith("photos/") for key in keys)
    with reading(world.system) as work:
        assert work.session.scalar(select(func.count()).select_from(UploadPiece)) == 0
        rows = list(work.session.scalars(select(PhotoFile).where(PhotoFile.photo_id == photo_id)))
        measured = work.session.scalar(
            select(PhotoMeasure).where(PhotoMeasure.photo_id == photo_id, PhotoMeasure.source == "original")
        )
    assert measured is not None
    assert measured.values["width"] == 1200
    for row in rows:
        sealed = world.system.photo_store.get(row.store_key)
        clear = opened(world, case_id, photo_id, row.role).content
        assert hashlib.sha256(clear).digest() == row.sha256
        assert clear[:3] == b"\xff\xd8\xff"
        assert clear[:3] not in sealed[:64]
        assert clear[1000:1032] not in sealed
        assert row.sent_sha256 == (hashlib.sha256(ORIGINAL).digest() if row.role == "original" else None)


def test_a_bad_file_is_told_on_its_view_and_a_good_one_may_take_its_place(world: World) -> None:
    case_id = cases.drafted(world)
    photo_id = send(world, case_id, DIAGNOSTIC[: len(DIAGNOSTIC) // 2])
    process_all(world.system)
    (photo,) = shown(world, case_id)
    assert (photo.state, photo.refusal) == ("refused", REFUSALS["truncated"])
    assert stored_files(world.system) == set()
    send(world, case_id, DIAGNOSTIC, photo_id=photo_id)
    process_all(world.system)
    assert [photo.state for photo in shown(world, case_id)] == ["ready"]


def test_a_refused_original_leaves_the_photo_ready(world: World) -> None:
    case_id = cases.drafted(world)
    photo_id = send(world, case_id, DIAGNOSTIC)
    send(world, case_id, b"not a picture at all", photo_id=photo_id, role="original")
    process_all(world.system)
    (photo,) = shown(world, case_id)
    assert (photo.state, photo.original_awaited) == ("ready", True)


def test_other_bytes_than_announced_are_refused(world: World) -> None:
    case_id = cases.drafted(world)
    actor = world.actor(Role.REQUESTER)
    announced = NewUpload(case_id, uuid4(), "diagnostic", "close_up", len(DIAGNOSTIC), sha256=bytes(32))
    with writing(world.system, actor) as work:
        state = uploads.create(work, announced)
    for offset in range(0, len(DIAGNOSTIC), 128 * 1024):
        uploads.append(world.system, actor, state.id, offset, DIAGNOSTIC[offset : offset + 128 * 1024])
    process_all(world.system)
    assert shown(world, case_id)[0].refusal == REFUSALS["mismatch"]
    photo_id = send(world, case_id, DIAGNOSTIC)
    process_all(world.system)
    with reading(world.system) as work:
        assert photos.manifest_agrees(work, photo_id, hashlib.sha256(DIAGNOSTIC).hexdigest())
        assert not photos.manifest_agrees(work, photo_id, hashlib.sha256(ORIGINAL).hexdigest())


def test_a_retake_in_a_draft_replaces_the_picture_and_its_files(world: World) -> None:
    case_id = cases.drafted(world)
    photo_id = send(world, case_id, DIAGNOSTIC)
    process_all(world.system)
    before = opened(world, case_id, photo_id, "diagnostic").content
    send(world, case_id, material.jpeg(material.scene(800, 600, 5)), photo_id=photo_id)
    process_all(world.system)
    assert opened(world, case_id, photo_id, "diagnostic").content != before
    assert len(stored_files(world.system)) == 2


def test_the_phone_is_told_where_each_photo_stands(world: World) -> None:
    case_id = cases.drafted(world)
    good, bad = send(world, case_id, DIAGNOSTIC), send(world, case_id, b"\xff\xd8 cut")
    process_all(world.system)
    waiting = send(world, case_id, ORIGINAL, role="original")
    with reading(world.system, world.actor(Role.REQUESTER)) as work:
        states = {state.id: (state.state, state.message, state.seen) for state in photo_states(work, case_id)}
    assert states == {
        good: ("verified", "", True),
        bad: ("refused", REFUSALS["truncated"], False),
        waiting: ("received", "", False),
    }
    with pytest.raises(NotFound), reading(world.system, world.actor("stranger")) as work:
        photo_states(work, case_id)


def test_a_request_leaves_only_with_the_very_files_that_it_names(world: World) -> None:
    actor = world.actor(Role.REQUESTER)
    wanted = cases.content()
    entry = wanted["photos"][0]
    entry |= {"skipped": None, "sha256": hashlib.sha256(ORIGINAL).hexdigest()}
    case_id = uuid4()
    with writing(world.system, actor) as work:
        drafts.save(work, case_id, wanted, 0)
    with pytest.raises(PicturesPending), writing(world.system, actor) as work:
        sending.send(work, case_id, 1)
    send(world, case_id, DIAGNOSTIC, photo_id=UUID(entry["id"]), view=entry["view"])
    process_all(world.system)
    with pytest.raises(InvalidInput) as refused, writing(world.system, actor) as work:
        sending.send(work, case_id, 1)
    assert refused.value.errors == {"photos.0": REFUSALS["mismatch"]}
    entry["sha256"] = hashlib.sha256(DIAGNOSTIC).hexdigest()
    with writing(world.system, actor) as work:
        drafts.save(work, case_id, wanted, 1)
        assert sending.send(work, case_id, 2).number


def test_a_draft_that_is_thrown_away_takes_its_pictures_along(world: World) -> None:
    kept, thrown = cases.drafted(world), cases.drafted(world)
    for case_id in (kept, thrown):
        send(world, case_id, DIAGNOSTIC)
    process_all(world.system)
    send(world, thrown, ORIGINAL, role="original")
    before = stored_files(world.system)
    with writing(world.system, world.actor(Role.REQUESTER)) as work:
        drafts.discard(work, thrown)
    timers.run_due(world.system)
    assert len(stored_files(world.system)) == 2 < len(before)
    assert shown(world, thrown) == []
    assert not process_next_picture(world.system)
    assert [photo.state for photo in shown(world, kept)] == ["ready"]


def test_a_piece_without_a_row_is_destroyed_at_the_second_sweep(world: World) -> None:
    send_half = NewUpload(cases.drafted(world), uuid4(), "diagnostic", "close_up", 5000)
    actor = world.actor(Role.REQUESTER)
    with writing(world.system, actor) as work:
        state = uploads.create(work, send_half)
    uploads.append(world.system, actor, state.id, 0, DIAGNOSTIC[:1000])
    world.system.photo_store.put("pieces/ab/orphan", b"sealed")
    with writing(world.system) as work:
        suspects = sweep_pieces(work, [])
        assert suspects == ["pieces/ab/orphan"]
        assert sweep_pieces(work, suspects) == []
    assert len(stored_files(world.system)) == 1
    assert uploads.append(world.system, actor, state.id, 1000, DIAGNOSTIC[1000:1100]).offset == 1100
