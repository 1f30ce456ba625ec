"""Resumable uploads: what is acknowledged is durable, sealed, complete, and in the right case."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, event, func, select

from dermavis.domain.errors import Conflict, Forbidden, InvalidInput, NotFound, PictureRefused, TooMany
from dermavis.domain.pictures import LARGEST_FILE_BYTES, MOST_PHOTOS, PIECE_BYTES
from dermavis.domain.roles import Role
from dermavis.models import Photo, PictureJob, Upload, UploadPiece
from dermavis.services import drafts, timers, uploads
from dermavis.services.photo_intake import NewUpload
from dermavis.services.uploads import OffsetDisagrees, UploadBusy, UploadState
from dermavis.services.work import System, Work, reading, writing
from tests import cases, material
from tests.clock import FakeClock
from tests.factories import World
from tests.uploading import uploaded

CONTENT = material.planted_jpeg(material.grainy())


def announced(case_id: UUID, content: bytes = CONTENT, **more: Any) -> NewUpload:
    facts = {"photo_id": uuid4(), "role": "diagnostic", "view": "close_up", "length": len(content)}
    return NewUpload(case_id=case_id, **{**facts, "sha256": hashlib.sha256(content).digest(), **more})


def create(world: World, new: NewUpload, who: Role | str = Role.REQUESTER) -> UploadState:
    with writing(world.system, world.actor(who)) as work:
        return uploads.create(work, new)


def append(world: World, state: UploadState, offset: int, piece: bytes) -> UploadState:
    return uploads.append(world.system, world.actor(Role.REQUESTER), state.id, offset, piece)


def one(world: World, found: Callable[[Work], Any]) -> Any:
    with reading(world.system) as work:
        return found(work)


def stored(system: System) -> list[Path]:
    root = system.settings.data_dir / "photos"
    return [path for path in root.rglob("*") if path.is_file()] if root.exists() else []


def test_a_file_comes_in_pieces_and_waits_for_imaging_when_it_is_whole(world: World) -> None:
    case_id = cases.drafted(world)
    new = announced(case_id)
    state = create(world, new)
    assert (state.offset, state.length) == (0, len(CONTENT))
    state = append(world, state, 0, CONTENT[:70_000])
    assert one(world, lambda work: work.session.get_one(Photo, new.photo_id).state) == "uploading"
    state = append(world, state, 70_000, CONTENT[70_000:])
    assert state.offset == len(CONTENT)
    assert one(world, lambda work: work.session.get_one(Photo, new.photo_id).state) == "received"
    sizes = one(world, lambda work: list(work.session.scalars(select(UploadPiece.size))))
    assert sum(sizes) == len(CONTENT)
    assert max(sizes) <= PIECE_BYTES
    assert one(world, lambda work: work.session.scalar(select(func.count()).select_from(PictureJob))) == 1


def test_nothing_of_a_file_on_its_way_is_on_the_disk_in_clear(world: World, tmp_path: Path) -> None:
    (tmp_path / "careless.jpg").write_bytes(CONTENT)
    # Each of six bytes or more: three, as a JPEG begins, come about by chance in a megabyte of sealed ones.
    signs = (material.PLANTED, b"Exif\0\0", CONTENT[:12], CONTENT[5000:5016])
    assert all(sign in (tmp_path / "careless.jpg").read_bytes() for sign in signs)
    uploaded(world.system, world.actor(Role.REQUESTER), cases.drafted(world), CONTENT)
    files = stored(world.system)
    assert sum(path.stat().st_size for path in files) > len(CONTENT)
    for path in [*files, *world.system.settings.data_dir.glob("*.sqlite3*")]:
        assert not any(sign in path.read_bytes() for sign in signs), path


def test_pieces_are_on_the_disk_before_the_row_that_counts_them_is_committed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = create(world, announced(cases.drafted(world)))
    done: list[str] = []
    fsync = os.fsync

    def seen_fsync(handle: int) -> None:
        fsync(handle)
        done.append("folder" if os.path.isdir(f"/proc/self/fd/{handle}") else "file")

    def seen_commit(_connection: Any) -> None:
        done.append("commit")

    monkeypatch.setattr(os, "fsync", seen_fsync)
    engine: Engine = world.system.engine
    event.listen(engine, "commit", seen_commit)
    append(world, state, 0, CONTENT[: PIECE_BYTES + 10])
    event.remove(engine, "commit", seen_commit)
    assert done.count("file") == 2
    assert done[-1] == "commit"
    assert done.index("commit") > max(i for i, what in enumerate(done) if what == "file")
    last_file = max(i for i, what in enumerate(done) if what == "file")
    assert "folder" in done[last_file:], "the name of the last piece is durable too"


def test_bytes_that_do_not_follow_are_refused_and_leave_nothing(world: World) -> None:
    state = append(world, create(world, announced(cases.drafted(world))), 0, CONTENT[:1000])
    before = len(stored(world.system))
    for offset in (0, 999, 1001):
        with pytest.raises(OffsetDisagrees) as refused:
            append(world, state, offset, CONTENT[offset : offset + 10])
        assert refused.value.offset == 1000
    with pytest.raises(PictureRefused):
        append(world, state, 1000, CONTENT[1000:] + b"more")
    assert len(stored(world.system)) == before
    assert append(world, state, 1000, CONTENT[1000:]).offset == len(CONTENT)


def test_of_two_who_send_the_same_bytes_at_once_one_counts(world: World) -> None:
    state = create(world, announced(cases.drafted(world)))
    answers: list[str] = []
    together = threading.Barrier(4)

    def send() -> None:
        together.wait()
        try:
            answers.append(f"kept {append(world, state, 0, CONTENT[:60_000]).offset}")
        except (OffsetDisagrees, UploadBusy) as refused:
            answers.append(refused.code)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers)[0] == "kept 60000"
    assert set(answers[1:] + answers[:1]) <= {"kept 60000", "offset_disagrees", "upload_busy"}
    assert answers.count("kept 60000") == 1
    pieces = one(world, lambda work: work.session.scalar(select(func.sum(UploadPiece.size))))
    assert pieces == 60_000
    assert len(stored(world.system)) == 1


def test_creating_again_after_a_lost_answer_makes_no_second_copy(world: World) -> None:
    new = announced(cases.drafted(world))
    state = create(world, new)
    append(world, state, 0, CONTENT[:5000])
    again = create(world, new)
    assert (again.id, again.offset) == (state.id, 5000)
    append(world, again, 5000, CONTENT[5000:])
    assert create(world, new).offset == len(CONTENT)
    assert one(world, lambda work: work.session.scalar(select(func.count()).select_from(Upload))) == 1


def test_another_file_for_the_same_photo_of_a_draft_ends_the_first_upload(world: World) -> None:
    new = announced(cases.drafted(world))
    first = create(world, new)
    other = material.jpeg(material.scene(seed=9))
    second = create(world, announced(new.case_id, other, photo_id=new.photo_id))
    assert second.id != first.id
    with pytest.raises(NotFound):
        append(world, first, 0, CONTENT[:10])
    assert append(world, second, 0, other[:10]).offset == 10


def test_an_upload_belongs_to_its_person(world: World) -> None:
    state = create(world, announced(cases.drafted(world)))
    for who in ("other_requester", "stranger", Role.EXPERT, Role.SITE_SECRETARY):
        with pytest.raises(NotFound), reading(world.system, world.actor(who)) as work:
            uploads.find(work, state.id)
        with pytest.raises(NotFound):
            uploads.append(world.system, world.actor(who), state.id, 0, b"x")
    with pytest.raises(NotFound):
        append(world, UploadState(uuid4(), 0, 1, state.expires_at), 0, b"x")


def test_only_who_may_write_a_request_may_add_its_photos(world: World) -> None:
    draft = cases.drafted(world)
    for who in ("other_requester", "stranger", Role.EXPERT, Role.ADMINISTRATOR):
        with pytest.raises((NotFound, Forbidden)):
            create(world, announced(draft), who)
    sent = cases.claimed(world)
    assert create(world, announced(sent)).offset == 0
    with pytest.raises(Forbidden):
        create(world, announced(sent), Role.EXPERT)
    answered = cases.answered(world)
    with pytest.raises(Forbidden):
        create(world, announced(answered))
    with pytest.raises(NotFound):
        create(world, announced(uuid4()))


def test_no_photo_comes_before_the_consent(world: World) -> None:
    case_id = uuid4()
    content = cases.content()
    content["consent"]["given"] = False
    with writing(world.system, world.actor(Role.REQUESTER)) as work:
        drafts.save(work, case_id, content, 0)
    with pytest.raises(Forbidden) as refused:
        create(world, announced(case_id))
    assert refused.value.code == "consent_first"
    content["consent"]["given"] = True
    with writing(world.system, world.actor(Role.REQUESTER)) as work:
        drafts.save(work, case_id, content, 1)
    assert create(world, announced(case_id)).offset == 0


def test_what_cannot_be_a_photo_of_the_case_is_refused_in_words(world: World) -> None:
    case_id = cases.drafted(world)
    with pytest.raises(InvalidInput):
        create(world, announced(case_id, view="nonsense"))
    with pytest.raises(InvalidInput):
        create(world, announced(case_id, answers=uuid4()))
    for length, code in ((LARGEST_FILE_BYTES + 1, "too_large"), (0, "empty")):
        with pytest.raises(PictureRefused) as refused:
            create(world, announced(case_id, length=length))
        assert refused.value.code == code
    new = announced(case_id)
    create(world, new)
    with pytest.raises(Conflict) as conflict:
        create(world, announced(cases.drafted(world), photo_id=new.photo_id))
    assert conflict.value.code == "photo_elsewhere"
    for _ in range(MOST_PHOTOS - 1):
        create(world, announced(case_id))
    with pytest.raises(TooMany):
        create(world, announced(case_id))


def test_the_same_photo_into_two_cases_at_once_gives_two_whole_files(world: World) -> None:
    targets = [cases.drafted(world), cases.drafted(world)]
    photos: dict[UUID, UUID] = {}

    def send(case_id: UUID) -> None:
        photos[case_id] = uploaded(world.system, world.actor(Role.REQUESTER), case_id, CONTENT)

    threads = [threading.Thread(target=send, args=(case_id,)) for case_id in targets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for case_id in targets:
        photo = one(world, lambda work, p=photos[case_id]: work.session.get_one(Photo, p))
        assert (photo.case_id, photo.state) == (case_id, "received")
    assert one(world, lambda work: work.session.scalar(select(func.count()).select_from(Upload))) == 2


def test_an_upload_that_nobody_goes_on_with_ends_and_its_pieces_are_destroyed(
    world: World, clock: FakeClock
) -> None:
    new = announced(cases.drafted(world))
    state = append(world, create(world, new), 0, CONTENT[:100_000])
    assert len(stored(world.system)) == 2
    clock.advance(days=6)
    timers.run_due(world.system)
    state = append(world, state, 100_000, CONTENT[100_000:100_010])
    clock.advance(days=2)
    timers.run_due(world.system)
    assert one(world, lambda work: uploads_state(work, state.id)) == "open"
    clock.set(state.expires_at + timedelta(seconds=1))
    with pytest.raises(NotFound):
        append(world, state, 100_010, b"x")
    for _ in range(3):
        timers.run_due(world.system)
    assert one(world, lambda work: uploads_state(work, state.id)) == "failed"
    assert stored(world.system) == []
    assert one(world, lambda work: work.session.get_one(Photo, new.photo_id).state) == "awaited"


def uploads_state(work: Work, upload_id: UUID) -> str:
    return work.session.get_one(Upload, upload_id).state
