"""Who may open a picture, and what is noted of whoever did."""

from __future__ import annotations

import threading
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from dermavis.domain.errors import NotFound
from dermavis.domain.roles import Role
from dermavis.models import AuditEvent, Photo
from dermavis.services.readings import record_reading
from dermavis.services.work import reading, writing
from tests import cases
from tests.factories import World
from tests.photographing import DIAGNOSTIC, confirm, opened, send
from tests.uploading import process_all


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


@pytest.mark.postgres
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
