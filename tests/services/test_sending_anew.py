"""A case entered in error made anew for the right patient; its pictures: test_pictures_made_anew.py."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from dermavis.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from dermavis.domain.roles import Role
from dermavis.models import AuditEvent, Case, CaseLesion, Lesion, Patient
from dermavis.services import carried_pictures
from dermavis.services.awaiting_anew import decline_anew
from dermavis.services.my_requests import Section, page_of
from dermavis.services.requester_view import requester_view
from dermavis.services.revisions import last_revision, open_content
from dermavis.services.sending_anew import begin_anew
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.announced import deliver, let_pass, outbox, times_told
from tests.clock import FakeClock
from tests.factories import World
from tests.made_anew import AGREED, RIGHT, begin_for_right_patient, draft_of, next_picture, send_draft
from tests.pictured_cases import sent_with_pictures


def test_the_answers_come_along_and_patient_consent_and_lesions_are_new(world: World, system: System) -> None:
    case_id = cases.in_error(world, cases.sent(world))
    with reading(system) as work:
        case = work.session.get_one(Case, case_id)
        before, wrong = open_content(work, case, last_revision(work, case)), case.patient_id
    new_id = begin_for_right_patient(world, case_id)
    content = draft_of(world, new_id).content
    for name in ("motive", "history", "question", "hypothesis", "urgency"):
        assert content[name] == before[name]
    assert content["patient"]["birth_name"] == "Martin"
    assert content["consent"]["given"]
    assert {row["id"] for row in content["lesions"]} & {row["id"] for row in before["lesions"]} == set()
    assert [row["site"] for row in content["lesions"]] == [row["site"] for row in before["lesions"]]
    assert [(row["view"], row["skipped"]) for row in content["photos"]] == [
        (row["view"], row["skipped"]) for row in before["photos"]
    ]
    send_draft(world, new_id)
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
        begin_for_right_patient(world, case_id)


def test_it_is_begun_once_and_by_its_requester_alone(world: World, system: System) -> None:
    case_id = cases.in_error(world)
    assert begin_for_right_patient(world, case_id) == begin_for_right_patient(world, case_id)
    for name, refusal in ((Role.EXPERT, Forbidden), (Role.SITE_SECRETARY, Forbidden), ("stranger", NotFound)):
        with pytest.raises(refusal), writing(system, world.actor(name)) as work:
            begin_anew(work, case_id, RIGHT, AGREED)
    other = cases.sent(world)
    with pytest.raises(Forbidden):
        begin_for_right_patient(world, other)


def test_a_known_patient_is_picked_but_not_the_wrong_one_again(world: World, system: System) -> None:
    right = cases.sent(world, patient=cases.content()["patient"] | RIGHT)
    case_id = cases.in_error(world, cases.sent(world))
    with reading(system) as work:
        wrong_id = work.session.get_one(Case, case_id).patient_id
        right_id = work.session.get_one(Case, right).patient_id
    with pytest.raises(InvalidInput, match=r"corriger") as refusal:
        begin_for_right_patient(world, case_id, wrong_id)
    assert "choisissez l’autre" in refusal.value.errors["patient"]
    send_draft(world, begin_for_right_patient(world, case_id, right_id))
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
    new_id = begin_for_right_patient(world, case_id)
    while shown := next_picture(world, new_id):
        carried_pictures.carry_picture(system, world.actor(Role.REQUESTER), new_id, shown.photo.id)
    assert _waits(world, case_id), "a draft is no request yet"
    send_draft(world, new_id)
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
