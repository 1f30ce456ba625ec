"""Pictures that come after the request was sent: shown once confirmed, taken back until then, never replaced."""

from __future__ import annotations

import hashlib
from uuid import UUID

import pytest
from sqlalchemy import select

from dermavis.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from dermavis.domain.roles import Role
from dermavis.models import AuditEvent, Case, Message, Notification, Photo
from dermavis.services import added_photos, drafts, photos, sending
from dermavis.services.case_view import view_of
from dermavis.services.work import reading, writing
from tests import cases
from tests.factories import World
from tests.photographing import DIAGNOSTIC, ORIGINAL, confirm, opened, send, shown
from tests.uploading import process_all, uploaded


def question_of(world: World, case_id: UUID) -> UUID:
    """Return the message in which the expert asked for something."""
    with reading(world.system) as work:
        asked = select(Message.id).where(Message.case_id == case_id, Message.kind == "question")
        return work.session.scalars(asked).one()


def of_report(world: World, case_id: UUID, who: Role) -> set[UUID]:
    """Return the pictures that this person's page and report of the case show."""
    with reading(world.system, world.actor(who)) as work:
        return {photo.id for photo in view_of(work, case_id).photos}


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
