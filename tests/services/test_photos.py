"""From a received file to the pictures that people see, and who saw them."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from dermavis.adapters.imaging import ImagingFailed
from dermavis.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from dermavis.domain.pictures import REFUSALS
from dermavis.domain.ports import Picture
from dermavis.domain.roles import Role
from dermavis.models import (
    AuditEvent,
    Case,
    Message,
    Notification,
    Photo,
    PhotoFile,
    PhotoMeasure,
    PictureJob,
    UploadPiece,
)
from dermavis.services import added_photos, changing, drafts, photos, sending, timers, uploads
from dermavis.services.case_view import view_of
from dermavis.services.photo_intake import NewUpload
from dermavis.services.photo_states import photo_states
from dermavis.services.pictures import MOST_TRIES, process_next_picture
from dermavis.services.readings import record_reading
from dermavis.services.upload_pieces import sweep_pieces
from dermavis.services.work import System, reading, writing
from tests import cases, material
from tests.clock import FakeClock
from tests.factories import World
from tests.traces import find_traces
from tests.uploading import process_all, uploaded

pytestmark = pytest.mark.postgres

ORIGINAL = material.planted_jpeg(material.scene(1200, 900), orientation=6)
DIAGNOSTIC = material.planted_jpeg(material.scene(600, 800))


def send(world: World, case_id: UUID, content: bytes, **more: Any) -> UUID:
    return uploaded(world.system, world.actor(Role.REQUESTER), case_id, content, **more)


def shown(world: World, case_id: UUID) -> list[photos.ShownPhoto]:
    with reading(world.system, world.actor(Role.REQUESTER)) as work:
        return photos.states(work, case_id)


def opened(world: World, case_id: UUID, photo_id: UUID, role: str, who: Role | str = Role.REQUESTER) -> Any:
    return photos.show_picture(world.system, world.actor(who), case_id, photo_id, role)


def confirm(world: World, case_id: UUID, *photo_ids: UUID) -> None:
    """Press « Terminer » on the page that adds pictures."""
    with writing(world.system, world.actor(Role.REQUESTER)) as work:
        changing.add_photos(work, case_id, photo_ids)


def question_of(world: World, case_id: UUID) -> UUID:
    """Return the message in which the expert asked for something."""
    with reading(world.system) as work:
        asked = select(Message.id).where(Message.case_id == case_id, Message.kind == "question")
        return work.session.scalars(asked).one()


def of_report(world: World, case_id: UUID, who: Role) -> set[UUID]:
    """Return the pictures that this person's page and report of the case show."""
    with reading(world.system, world.actor(who)) as work:
        return {photo.id for photo in view_of(work, case_id).photos}


def stored_files(system: System) -> set[str]:
    return set(system.photo_store.list(""))


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
        measured = work.session.scalar(select(PhotoMeasure).where(PhotoMeasure.photo_id == photo_id))
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


def test_diagnostic_pictures_are_made_before_originals(world: World, clock: FakeClock) -> None:
    case_id = cases.drafted(world)
    first = send(world, case_id, ORIGINAL, role="original")
    clock.advance(seconds=1)
    second = send(world, case_id, DIAGNOSTIC)
    assert process_next_picture(world.system)
    states = {photo.id: photo.state for photo in shown(world, case_id)}
    assert states == {first: "received", second: "ready"}


class Unwell:
    """Imaging that fails ``times`` times, then works."""

    def __init__(self, inner: Any, times: int) -> None:
        self.inner, self.times = inner, times

    def process(self, content: bytes, close_up: bool) -> Picture:
        self.times -= 1
        if self.times >= 0:
            raise ImagingFailed("lost")
        return self.inner.process(content, close_up)


def test_a_lost_child_process_is_tried_again_later_and_not_for_ever(world: World, clock: FakeClock) -> None:
    case_id = cases.drafted(world)
    system = replace(world.system, imaging=Unwell(world.system.imaging, 2))
    send(world, case_id, DIAGNOSTIC)
    assert process_next_picture(system)
    assert not process_next_picture(system)
    for _ in range(2):
        clock.advance(hours=1)
        assert process_next_picture(system)
    assert shown(world, case_id)[0].state == "ready"
    hopeless = replace(world.system, imaging=Unwell(world.system.imaging, 99))
    send(world, case_id, DIAGNOSTIC)
    for _ in range(MOST_TRIES):
        assert process_next_picture(hopeless)
        clock.advance(hours=1)
    assert not process_next_picture(hopeless)
    assert shown(world, case_id)[1].refusal == REFUSALS["not_prepared"]


def test_a_worker_that_dies_half_way_leaves_the_picture_to_the_next(world: World, clock: FakeClock) -> None:
    case_id = cases.drafted(world)
    photo_id = send(world, case_id, DIAGNOSTIC)

    class Dying:
        def process(self, content: bytes, close_up: bool) -> Picture:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        process_next_picture(replace(world.system, imaging=Dying()))
    assert not process_next_picture(world.system)
    clock.advance(minutes=4)
    assert process_next_picture(world.system)
    assert shown(world, case_id)[0].id == photo_id
    assert shown(world, case_id)[0].state == "ready"


def test_two_workers_never_make_the_same_picture_twice(world: World) -> None:
    case_id = cases.drafted(world)
    for seed in range(4):
        send(world, case_id, material.jpeg(material.scene(300, 200, seed)))
    counts: list[int] = []
    workers = [threading.Thread(target=lambda: counts.append(process_all(world.system))) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(counts) == 4
    assert len(stored_files(world.system)) == 8
    with reading(world.system) as work:
        assert set(work.session.scalars(select(PictureJob.tries))) == {1}


def test_a_picture_that_was_asked_for_ends_the_wait(world: World) -> None:
    case_id = cases.on_hold(world)
    photo_id = send(world, case_id, DIAGNOSTIC, view="overview", answers=question_of(world, case_id))
    with reading(world.system) as work:
        assert work.session.get_one(Case, case_id).state == "on_hold"
    process_all(world.system)
    with reading(world.system) as work:
        assert work.session.get_one(Case, case_id).state == "claimed"
        events = set(work.session.scalars(select(Notification.event).where(Notification.case_id == case_id)))
    assert "answered_precision" in events
    assert opened(world, case_id, photo_id, "diagnostic", Role.EXPERT).width == 600


def test_a_picture_added_to_a_claimed_case_is_shown_and_told_to_its_expert_once_it_is_confirmed(
    world: World,
) -> None:
    case_id = cases.claimed(world)
    photo_id = send(world, case_id, DIAGNOSTIC)
    process_all(world.system)
    told = select(Notification.event).where(Notification.person_id == world.who(Role.EXPERT).person_id)
    with reading(world.system) as work:
        before = set(work.session.scalars(told))
    for who in (Role.EXPERT, Role.REQUESTER):
        assert of_report(world, case_id, who) == set()
    for role in ("thumb", "diagnostic"):
        assert opened(world, case_id, photo_id, role).content
        with pytest.raises(NotFound):
            opened(world, case_id, photo_id, role, Role.EXPERT)
    with reading(world.system, world.actor(Role.EXPERT)) as work:
        assert photos.states(work, case_id) == []
        assert view_of(work, case_id).awaited == []
    with reading(world.system, world.actor(Role.REQUESTER)) as work:
        (waiting,) = view_of(work, case_id).awaited
    assert (waiting.id, waiting.confirmed) == (photo_id, False)
    assert waiting.note.startswith("pas encore transmise")

    confirm(world, case_id, photo_id)

    for who in (Role.EXPERT, Role.REQUESTER):
        assert of_report(world, case_id, who) == {photo_id}
    assert opened(world, case_id, photo_id, "diagnostic", Role.EXPERT).width == 600
    with reading(world.system) as work:
        assert set(work.session.scalars(told)) - before == {"completed"}


def test_a_picture_that_was_not_confirmed_is_taken_back(world: World) -> None:
    case_id = cases.claimed(world)
    first, second = send(world, case_id, DIAGNOSTIC), send(world, case_id, ORIGINAL)
    process_all(world.system)
    for who in (Role.EXPERT, "other_requester"):
        with pytest.raises((Forbidden, NotFound)), writing(world.system, world.actor(who)) as work:
            added_photos.withdraw(work, case_id, first)

    for _ in range(2):
        with writing(world.system, world.actor(Role.REQUESTER)) as work:
            added_photos.withdraw(work, case_id, first)
    confirm(world, case_id, second)

    assert [photo.id for photo in shown(world, case_id)] == [second]
    with pytest.raises(InvalidInput):
        confirm(world, case_id, first)
    with reading(world.system) as work:
        rows = select(AuditEvent.subject_id).where(AuditEvent.action == "photo.withdraw")
        assert list(work.session.scalars(rows)) == [first]
    with pytest.raises(Conflict) as refused, writing(world.system, world.actor(Role.REQUESTER)) as work:
        added_photos.withdraw(work, case_id, second)
    assert refused.value.code == "photo_confirmed"


def test_a_picture_taken_back_on_its_way_never_arrives(world: World) -> None:
    case_id = cases.on_hold(world)
    photo_id = send(world, case_id, DIAGNOSTIC, answers=question_of(world, case_id))
    with writing(world.system, world.actor(Role.REQUESTER)) as work:
        added_photos.withdraw(work, case_id, photo_id)
    process_all(world.system)

    assert shown(world, case_id) == []
    with reading(world.system) as work:
        assert work.session.get_one(Photo, photo_id).state == "withdrawn"
        assert work.session.get_one(Case, case_id).state == "on_hold"
    with pytest.raises(Conflict, match="retirée"):
        send(world, case_id, ORIGINAL, photo_id=photo_id)


def test_a_secretarys_full_format_still_arrives_after_a_doctor_sent_the_request(world: World) -> None:
    secretary, doctor = world.actor(Role.SITE_SECRETARY), world.actor(Role.REQUESTER)
    content = cases.content()
    place = next(at for at, photo in enumerate(content["photos"]) if photo["view"] == "close_up")
    case_id, view = cases.drafted(world, Role.SITE_SECRETARY), content["photos"][place]
    more = {"view": "close_up", "lesion_id": UUID(view["lesion"])}
    photo_id = uploaded(world.system, secretary, case_id, DIAGNOSTIC, **more)
    process_all(world.system)
    view |= {"id": str(photo_id), "skipped": None, "sha256": hashlib.sha256(DIAGNOSTIC).hexdigest()}
    with writing(world.system, doctor) as work:
        drafts.save(work, case_id, content, 1)
        sending.send(work, case_id, 2)

    uploaded(world.system, secretary, case_id, ORIGINAL, photo_id=photo_id, role="original", **more)
    process_all(world.system)

    assert not shown(world, case_id)[0].original_awaited
    with pytest.raises(Forbidden):
        uploaded(world.system, secretary, case_id, ORIGINAL, **more)


def test_a_sent_picture_is_never_replaced(world: World) -> None:
    case_id = cases.claimed(world)
    photo_id = send(world, case_id, DIAGNOSTIC)
    process_all(world.system)
    with pytest.raises(Conflict) as refused:
        send(world, case_id, ORIGINAL, photo_id=photo_id)
    assert refused.value.code == "photo_fixed"
    send(world, case_id, ORIGINAL, photo_id=photo_id, role="original")
    process_all(world.system)
    assert not shown(world, case_id)[0].original_awaited


def test_each_picture_that_is_opened_is_noted_and_a_thumb_counts_with_its_page(world: World) -> None:
    case_id = cases.claimed(world)
    photo_id = send(world, case_id, DIAGNOSTIC)
    process_all(world.system)
    confirm(world, case_id, photo_id)
    for role in ("thumb", "diagnostic", "thumb"):
        opened(world, case_id, photo_id, role, Role.EXPERT)
    with reading(world.system) as work:
        rows = list(work.session.scalars(select(AuditEvent).where(AuditEvent.action == "photo.read")))
    assert [(row.case_id, row.subject_id, row.detail) for row in rows] == [
        (case_id, photo_id, {"role": "diagnostic"})
    ]
    assert rows[0].actor_id == world.who(Role.EXPERT).person_id


def test_a_stranger_another_case_and_a_withdrawn_photo_find_nothing(world: World) -> None:
    case_id, other = cases.claimed(world), cases.claimed(world)
    photo_id = send(world, case_id, DIAGNOSTIC)
    process_all(world.system)
    confirm(world, case_id, photo_id)
    assert opened(world, case_id, photo_id, "diagnostic", Role.EXPERT).width == 600
    for who in ("stranger", "stranger_expert", "other_requester", Role.ADMINISTRATOR, Role.PILOT):
        with pytest.raises(NotFound):
            opened(world, case_id, photo_id, "diagnostic", who)
    for wrong in (
        (other, photo_id, "diagnostic"),
        (case_id, uuid4(), "thumb"),
        (case_id, photo_id, "original"),
    ):
        with pytest.raises(NotFound):
            opened(world, *wrong)
    with writing(world.system) as work:
        work.session.get_one(Photo, photo_id).withdrawn_at = work.now
    with pytest.raises(NotFound):
        opened(world, case_id, photo_id, "diagnostic")


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


def test_readings_that_come_together_share_commits_and_are_all_there(world: World) -> None:
    actor = world.actor(Role.EXPERT)
    together = threading.Barrier(12)

    def read() -> None:
        together.wait()
        for _ in range(5):
            record_reading(world.system, actor, "photo.read", case_id=None, role="diagnostic")

    threads = [threading.Thread(target=read) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(world.system) as work:
        count = work.session.scalar(
            select(func.count()).select_from(AuditEvent).where(AuditEvent.action == "photo.read")
        )
    assert count == 60


def test_a_request_leaves_only_with_the_very_files_that_it_names(world: World) -> None:
    actor = world.actor(Role.REQUESTER)
    wanted = cases.content()
    entry = wanted["photos"][0]
    entry |= {"skipped": None, "sha256": hashlib.sha256(ORIGINAL).hexdigest()}
    case_id = uuid4()
    with writing(world.system, actor) as work:
        drafts.save(work, case_id, wanted, 0)
    with pytest.raises(sending.PicturesPending), writing(world.system, actor) as work:
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
