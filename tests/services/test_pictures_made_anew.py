"""Pictures of a case entered in error: each confirmed for the right patient, sealed anew under the new case's key."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from dermavis.domain.errors import InvalidInput, NotFound
from dermavis.domain.ports import SealBroken
from dermavis.domain.roles import Role
from dermavis.models import Case, Photo, PhotoFile
from dermavis.services import carried_pictures, drafts
from dermavis.services.photos import show_picture
from dermavis.services.vault import Sealer
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.factories import World
from tests.made_anew import begin_for_right_patient, draft_of, next_picture, send_draft
from tests.photographing import stored_files
from tests.pictured_cases import draw_beside, sent_with_pictures


def test_each_picture_is_confirmed_for_the_right_name_and_sealed_anew(world: World, system: System) -> None:
    case_id = cases.in_error(world, sent_with_pictures(world))
    new_id = begin_for_right_patient(world, case_id)
    assert [row for row in draft_of(world, new_id).content["photos"] if not row["skipped"]] == []
    first = next_picture(world, new_id)
    assert first is not None
    assert (first.rank, first.total, first.name) == (1, 3, "Mme Rose Martin")
    actor, before = world.actor(Role.REQUESTER), stored_files(system)
    carried_pictures.carry_picture(system, actor, new_id, first.photo.id)
    carried_pictures.carry_picture(system, actor, new_id, first.photo.id)
    second = next_picture(world, new_id)
    assert second is not None
    assert second.rank == 2
    last = next_picture(world, new_id, second.photo.id)
    assert last is not None
    assert last.rank == 3, "the second was left behind"
    assert next_picture(world, new_id, last.photo.id) is None
    with pytest.raises(InvalidInput):
        send_draft(world, new_id)
    for shown in (second, last):
        carried_pictures.carry_picture(system, actor, new_id, shown.photo.id)
    send_draft(world, new_id)
    with reading(system) as work:
        photos = work.session.scalars(select(Photo).where(Photo.case_id == new_id)).all()
        assert {photo.replaces_id for photo in photos} == {row.photo.id for row in (first, second, last)}
        photo = next(row for row in photos if row.replaces_id == first.photo.id)
        of_all = PhotoFile.photo_id.in_([row.id for row in photos])
        files = work.session.scalars(select(PhotoFile).where(of_all)).all()
        assert sorted(file.role for file in files) == [*["diagnostic"] * 3, *["original"] * 2, *["thumb"] * 3]
        assert {file.store_key for file in files} == stored_files(system) - before
        old_case, new_case = work.session.get_one(Case, case_id), work.session.get_one(Case, new_id)
        for file in files:
            sealed = system.photo_store.get(file.store_key)
            assert Sealer(system.cipher, new_case).open_bytes(sealed, "photo_files", file.id, "content")
            with pytest.raises(SealBroken):
                Sealer(system.cipher, old_case).open_bytes(sealed, "photo_files", file.id, "content")
    same = show_picture(system, actor, case_id, first.photo.id, "diagnostic").content
    assert show_picture(system, actor, new_id, photo.id, "diagnostic").content == same


def test_what_was_drawn_beside_a_picture_comes_along_with_it(world: World, system: System) -> None:
    circle = {"shape": "circle", "start": (0.5, 0.25), "end": (0.625, 0.25)}
    case_id = sent_with_pictures(world)
    draw_beside(world, case_id, "overview", [circle])
    cases.in_error(world, case_id)
    new_id = begin_for_right_patient(world, case_id)
    while (shown := next_picture(world, new_id)) is not None:
        carried_pictures.carry_picture(system, world.actor(Role.REQUESTER), new_id, shown.photo.id)
    marks = {
        row["view"]: row.get("marks")
        for row in draft_of(world, new_id).content["photos"]
        if not row["skipped"]
    }
    [kept] = marks.pop("overview")
    assert (kept["shape"], tuple(kept["start"]), tuple(kept["end"])) == tuple(circle.values())
    assert not any(marks.values())


def test_only_pictures_of_that_case_can_be_taken_over(world: World, system: System) -> None:
    other = sent_with_pictures(world)
    new_id = begin_for_right_patient(world, cases.in_error(world, cases.sent(world)))
    actor, before = world.actor(Role.REQUESTER), stored_files(system)
    with reading(system) as work:
        photo_id = work.session.scalars(select(Photo.id).where(Photo.case_id == other)).first()
    assert photo_id is not None
    with pytest.raises(NotFound):
        carried_pictures.carry_picture(system, actor, new_id, photo_id)
    with pytest.raises(NotFound):
        next_picture(world, cases.drafted(world))
    assert stored_files(system) == before


def test_pictures_confirmed_for_one_patient_do_not_follow_the_draft_to_another(
    world: World, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_id = begin_for_right_patient(world, cases.in_error(world, sent_with_pictures(world)))
    first, before = next_picture(world, new_id), stored_files(system)
    assert first is not None

    def broken(*_: object) -> bool:
        raise RuntimeError("the line was cut")

    with monkeypatch.context() as cut:
        cut.setattr(carried_pictures, "_keep", broken)
        with pytest.raises(RuntimeError):
            carried_pictures.carry_picture(system, world.actor(Role.REQUESTER), new_id, first.photo.id)
    assert stored_files(system) == before, "where the rows cannot be written no file stays"
    carried_pictures.carry_picture(system, world.actor(Role.REQUESTER), new_id, first.photo.id)

    def renamed(**traits: str) -> list[str]:
        with writing(system, world.actor(Role.REQUESTER)) as work:
            draft = drafts.read(work, new_id)
            patient = draft.content["patient"] | traits
            drafts.save(work, new_id, draft.content | {"patient": patient}, draft.revision)
        with reading(system) as work:
            return list(work.session.scalars(select(Photo.state).where(Photo.case_id == new_id)))

    assert renamed(birth_name="Martins") == ["ready"], "a typing error mended is the same person"
    assert renamed(birth_name="Durand") == ["withdrawn"]
    shown = next_picture(world, new_id)
    assert shown is not None
    assert shown.rank == 1, "it is asked about again"
    carried_pictures.carry_picture(system, world.actor(Role.REQUESTER), new_id, first.photo.id)
    taken = [row for row in draft_of(world, new_id).content["photos"] if not row["skipped"]]
    assert len(taken) == 1, "and takes the place of the one withdrawn"
