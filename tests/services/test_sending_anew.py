"""A case entered in error made anew for the right patient, with pictures that somebody confirmed one by one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from dermavis.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from dermavis.domain.ports import SealBroken
from dermavis.domain.requests import read_request
from dermavis.domain.roles import Role
from dermavis.models import AuditEvent, Case, CaseLesion, Lesion, Patient, Photo, PhotoFile
from dermavis.services import carried_pictures, drafts, sending
from dermavis.services.awaiting_anew import decline_anew
from dermavis.services.my_requests import Section, page_of
from dermavis.services.photos import show_picture
from dermavis.services.requester_view import requester_view
from dermavis.services.revisions import add_revision, last_revision, open_content
from dermavis.services.sending_anew import begin_anew
from dermavis.services.vault import Sealer
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.announced import deliver, let_pass, outbox, times_told
from tests.clock import FakeClock
from tests.factories import World
from tests.photographing import stored_files
from tests.pictured_cases import sent_with_pictures

RIGHT: dict[str, Any] = {
    "birth_name": "Martin",
    "first_name": "Rose",
    "birth_date": "1961-05-04",
    "sex": "F",
}
AGREED = {"given": True, "by": "patient", "representative_name": ""}


def _anew(world: World, case_id: UUID, patient_id: UUID | None = None, **traits: Any) -> UUID:
    with writing(world.system, world.actor(Role.REQUESTER)) as work:
        return begin_anew(work, case_id, RIGHT | traits, AGREED, patient_id)


def _draft(world: World, case_id: UUID) -> drafts.Draft:
    with reading(world.system, world.actor(Role.REQUESTER)) as work:
        return drafts.read(work, case_id)


def _send(world: World, case_id: UUID) -> None:
    with writing(world.system, world.actor(Role.REQUESTER)) as work:
        sending.send(work, case_id, drafts.read(work, case_id).revision)


def _next(world: World, draft_id: UUID, after: UUID | None = None) -> carried_pictures.ToConfirm | None:
    with reading(world.system, world.actor(Role.REQUESTER)) as work:
        return carried_pictures.next_to_confirm(work, draft_id, after)


def test_the_answers_come_along_and_patient_consent_and_lesions_are_new(world: World, system: System) -> None:
    case_id = cases.in_error(world, cases.sent(world))
    with reading(system) as work:
        case = work.session.get_one(Case, case_id)
        before, wrong = open_content(work, case, last_revision(work, case)), case.patient_id
    new_id = _anew(world, case_id)
    content = _draft(world, new_id).content
    for name in ("motive", "history", "question", "hypothesis", "urgency"):
        assert content[name] == before[name]
    assert content["patient"]["birth_name"] == "Martin"
    assert content["consent"]["given"]
    assert {row["id"] for row in content["lesions"]} & {row["id"] for row in before["lesions"]} == set()
    assert [row["site"] for row in content["lesions"]] == [row["site"] for row in before["lesions"]]
    assert [(row["view"], row["skipped"]) for row in content["photos"]] == [
        (row["view"], row["skipped"]) for row in before["photos"]
    ]
    _send(world, new_id)
    with reading(system, world.actor(Role.REQUESTER)) as work:
        made = work.session.get_one(Case, new_id)
        assert (made.parent_id, made.parent_kind) == (case_id, "correction")
        assert made.patient_id != wrong
        owners = select(Lesion.patient_id).join(CaseLesion, CaseLesion.lesion_id == Lesion.id)
        assert set(work.session.scalars(owners.where(CaseLesion.case_id == new_id))) == {made.patient_id}
        anew = requester_view(work, case_id).anew
        assert anew is not None
        assert (anew.id, anew.number) == (new_id, made.number)
        assert requester_view(work, new_id).case.remade_from == cases.number_of(system, case_id)
    with pytest.raises(Conflict, match="déjà renvoyée"):
        _anew(world, case_id)


def test_it_is_begun_once_and_by_its_requester_alone(world: World, system: System) -> None:
    case_id = cases.in_error(world)
    assert _anew(world, case_id) == _anew(world, case_id)
    for name, refusal in ((Role.EXPERT, Forbidden), (Role.SITE_SECRETARY, Forbidden), ("stranger", NotFound)):
        with pytest.raises(refusal), writing(system, world.actor(name)) as work:
            begin_anew(work, case_id, RIGHT, AGREED)
    other = cases.sent(world)
    with pytest.raises(Forbidden):
        _anew(world, other)


def test_a_known_patient_is_picked_but_not_the_wrong_one_again(world: World, system: System) -> None:
    right = cases.sent(world, patient=cases.content()["patient"] | RIGHT)
    case_id = cases.in_error(world, cases.sent(world))
    with reading(system) as work:
        wrong_id = work.session.get_one(Case, case_id).patient_id
        right_id = work.session.get_one(Case, right).patient_id
    with pytest.raises(InvalidInput, match=r"corriger") as refusal:
        _anew(world, case_id, wrong_id)
    assert "choisissez l’autre" in refusal.value.errors["patient"]
    _send(world, _anew(world, case_id, right_id))
    with reading(system) as work:
        assert work.session.scalar(select(func.count()).select_from(Patient)) == 2


def test_what_is_missing_is_said_beside_its_field(world: World) -> None:
    case_id = cases.in_error(world, cases.sent(world))
    missing: list[tuple[dict[str, Any], dict[str, Any], str]] = [
        ({"birth_name": " "}, {}, "birth_name"),
        ({"birth_date": None}, {}, "birth_date"),
        ({"birth_date": "31/02/1990"}, {}, "patient.birth_date"),
        ({}, {"given": False}, "given"),
        ({}, {"by": "representative"}, "representative_name"),
    ]
    for traits, consent, field in missing:
        with (
            pytest.raises(InvalidInput) as refusal,
            writing(world.system, world.actor(Role.REQUESTER)) as work,
        ):
            begin_anew(work, case_id, RIGHT | traits, AGREED | consent)
        assert field in refusal.value.errors


def test_each_picture_is_confirmed_for_the_right_name_and_sealed_anew(world: World, system: System) -> None:
    case_id = cases.in_error(world, sent_with_pictures(world))
    new_id = _anew(world, case_id)
    assert [row for row in _draft(world, new_id).content["photos"] if not row["skipped"]] == []
    first = _next(world, new_id)
    assert first is not None
    assert (first.rank, first.total, first.name) == (1, 3, "Mme Rose Martin")
    actor, before = world.actor(Role.REQUESTER), stored_files(system)
    carried_pictures.carry_picture(system, actor, new_id, first.photo.id)
    carried_pictures.carry_picture(system, actor, new_id, first.photo.id)
    second = _next(world, new_id)
    assert second is not None
    assert second.rank == 2
    last = _next(world, new_id, second.photo.id)
    assert last is not None
    assert last.rank == 3, "the second was left behind"
    assert _next(world, new_id, last.photo.id) is None
    with pytest.raises(InvalidInput):
        _send(world, new_id)
    for shown in (second, last):
        carried_pictures.carry_picture(system, actor, new_id, shown.photo.id)
    _send(world, new_id)
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
    with writing(system, world.actor(Role.REQUESTER)) as work:
        case = work.session.get_one(Case, case_id)
        content = open_content(work, case, last_revision(work, case))
        drawn = next(photo for photo in content["photos"] if photo["view"] == "overview")
        drawn["marks"] = [circle]
        add_revision(work, case, read_request(content, work.now.date()), reason="un repère")
    cases.in_error(world, case_id)
    new_id = _anew(world, case_id)
    while (shown := _next(world, new_id)) is not None:
        carried_pictures.carry_picture(system, world.actor(Role.REQUESTER), new_id, shown.photo.id)
    marks = {
        row["view"]: row.get("marks") for row in _draft(world, new_id).content["photos"] if not row["skipped"]
    }
    [kept] = marks.pop("overview")
    assert (kept["shape"], tuple(kept["start"]), tuple(kept["end"])) == tuple(circle.values())
    assert not any(marks.values())


def _waits(world: World, case_id: UUID) -> bool:
    """Whether the case stands among what waits for its requester."""
    with reading(world.system, world.actor(Role.REQUESTER)) as work:
        return case_id in [row.id for row in page_of(work, Section.FOR_YOU).rows]


def test_the_right_patient_waits_first_on_the_list_and_is_told_of_until_the_request_is_sent(
    world: World, system: System, clock: FakeClock
) -> None:
    case_id = cases.in_error(world, sent_with_pictures(world))
    assert _waits(world, case_id)
    let_pass(system, clock, days=1)
    let_pass(system, clock, days=3)
    assert times_told(system, case_id, "anew_awaited") == 2
    new_id = _anew(world, case_id)
    while shown := _next(world, new_id):
        carried_pictures.carry_picture(system, world.actor(Role.REQUESTER), new_id, shown.photo.id)
    assert _waits(world, case_id), "a draft is no request yet"
    _send(world, new_id)
    assert not _waits(world, case_id)
    let_pass(system, clock, days=10)
    assert times_told(system, case_id, "anew_awaited") == 2


def test_its_requester_alone_says_that_nothing_is_to_be_sent_anew(
    world: World, system: System, clock: FakeClock
) -> None:
    case_id = cases.in_error(world)
    for stranger in (Role.EXPERT, "stranger"):
        with pytest.raises((Forbidden, NotFound)), writing(system, world.actor(stranger)) as work:
            decline_anew(work, case_id)
    assert _waits(world, case_id)
    for _ in range(2):
        with writing(system, world.actor(Role.REQUESTER)) as work:
            decline_anew(work, case_id)
    assert not _waits(world, case_id)
    let_pass(system, clock, days=10)
    assert times_told(system, case_id, "anew_awaited") == 0
    with reading(system) as work:
        said = select(func.count()).where(
            AuditEvent.case_id == case_id, AuditEvent.action == "case.anew_declined"
        )
        assert work.session.scalar(said) == 1


def test_a_letter_that_had_not_left_when_the_matter_was_settled_stays(
    world: World, system: System, clock: FakeClock
) -> None:
    case_id, settled = cases.in_error(world), cases.in_error(world)
    let_pass(system, clock, days=1)
    with writing(system, world.actor(Role.REQUESTER)) as work:
        decline_anew(work, settled)
    deliver(system, "mail")
    left = {row.case_id: row.outcome for row in outbox(system, "mail") if row.event == "anew_awaited"}
    assert left == {case_id: "sent", settled: "moved_on"}


def test_a_request_that_was_sent_twice_leaves_the_list_at_once(world: World) -> None:
    case_id = cases.in_error(world, reason="sent_twice")
    assert not _waits(world, case_id)


def test_only_pictures_of_that_case_can_be_taken_over(world: World, system: System) -> None:
    other = sent_with_pictures(world)
    new_id = _anew(world, cases.in_error(world, cases.sent(world)))
    actor, before = world.actor(Role.REQUESTER), stored_files(system)
    with reading(system) as work:
        photo_id = work.session.scalars(select(Photo.id).where(Photo.case_id == other)).first()
    assert photo_id is not None
    with pytest.raises(NotFound):
        carried_pictures.carry_picture(system, actor, new_id, photo_id)
    with pytest.raises(NotFound):
        _next(world, cases.drafted(world))
    assert stored_files(system) == before


def test_pictures_confirmed_for_one_patient_do_not_follow_the_draft_to_another(
    world: World, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_id = _anew(world, cases.in_error(world, sent_with_pictures(world)))
    first, before = _next(world, new_id), stored_files(system)
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
    shown = _next(world, new_id)
    assert shown is not None
    assert shown.rank == 1, "it is asked about again"
    carried_pictures.carry_picture(system, world.actor(Role.REQUESTER), new_id, first.photo.id)
    taken = [row for row in _draft(world, new_id).content["photos"] if not row["skipped"]]
    assert len(taken) == 1, "and takes the place of the one withdrawn"
