"""After sending, on both databases: redirected, completed, followed up, the appointment, the opening of the opinion."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from dermavis.domain.errors import Conflict, Forbidden, InvalidInput, NotFound, Refusal
from dermavis.domain.roles import Role
from dermavis.models import Addressing, Case, CaseRevision, Delivery, DueRow, Notification, Opinion
from dermavis.services import (
    appointments,
    changing,
    claiming,
    drafts,
    follow_ups,
    following,
    patients,
    redirecting,
)
from dermavis.services.requester_view import requester_view
from dermavis.services.revisions import last_revision, open_content
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.clock import FakeClock
from tests.factories import World


def declined(system: System, world: World) -> UUID:
    case_id = cases.claimed(world)
    with writing(system, world.actor(Role.EXPERT)) as work:
        claiming.decline(work, case_id, "no_capacity")
    return case_id


def case_of(system: System, case_id: UUID) -> Case:
    with reading(system) as work:
        case = work.session.get_one(Case, case_id)
        work.session.expunge(case)
        return case


def test_a_declined_request_goes_to_another_centre_with_a_new_delay_and_its_team_is_told(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = declined(system, world)
    clock.advance(hours=3)
    actor = world.actor(Role.REQUESTER)
    with reading(system, actor) as work:
        found = redirecting.choices(work, case_id)
    assert found.chosen is not None
    assert [offer.team_id for offer in (found.chosen, *found.others)] == [world.other_team_id]
    assert any("déjà" in why for _, why in found.refused)
    with writing(system, actor) as work:
        redirecting.redirect(work, case_id, world.other_team_id)
    case = case_of(system, case_id)
    assert (case.state, case.team_id, case.centre_id) == (
        "submitted",
        world.other_team_id,
        world.other_centre_id,
    )
    assert (case.claimed_by, case.executing_organization_id, case.held_seconds) == (None, None, 0)
    assert case.submitted_at == clock.now()
    assert case.sent_at is not None
    assert case.sent_at < clock.now()
    assert case.due_at is not None
    assert case.due_at > clock.now()
    with reading(system) as work:
        told = work.session.scalars(select(Notification.person_id).where(Notification.event == "submitted"))
        assert world.who("stranger_expert").person_id in set(told)
        reminder = select(DueRow).where(DueRow.kind == "declined_reminder", DueRow.case_id == case_id)
        assert work.session.scalars(reminder).one().outcome == "taken_back"


def test_nothing_is_redirected_twice_to_the_same_place(system: System, world: World) -> None:
    case_id = declined(system, world)
    actor = world.actor(Role.REQUESTER)
    with pytest.raises(InvalidInput), writing(system, actor) as work:
        redirecting.redirect(work, case_id, world.team_id)
    for _ in range(2):  # a second tap changes nothing
        with writing(system, actor) as work:
            redirecting.redirect(work, case_id, world.other_team_id)
    with reading(system) as work:
        asked = work.session.scalars(select(Addressing.team_id).where(Addressing.case_id == case_id)).all()
    assert sorted(asked, key=str) == sorted([world.team_id, world.other_team_id], key=str)
    for name in ("stranger", "other_requester"):
        with pytest.raises(NotFound), writing(system, world.actor(name)) as work:
            redirecting.redirect(work, case_id, world.other_team_id)


def test_a_request_that_an_expert_holds_is_not_redirected_and_a_declined_one_may_be_cancelled(
    system: System, world: World
) -> None:
    claimed = cases.claimed(world)
    with pytest.raises(Forbidden), writing(system, world.actor(Role.REQUESTER)) as work:
        redirecting.redirect(work, claimed, world.other_team_id, None, "waited_too_long")
    case_id = declined(system, world)
    with writing(system, world.actor(Role.REQUESTER)) as work:
        changing.cancel(work, case_id, "referred_in_person")
    assert case_of(system, case_id).state == "cancelled"


def test_an_answer_that_is_none_is_refused_when_completing(system: System, world: World) -> None:
    case_id = cases.sent(world)
    actor = world.actor(Role.REQUESTER)
    history = cases.content()["history"] | {"allergies": {"status": "answered", "value": "Pénicilline"}}
    with writing(system, actor) as work:
        assert changing.complete(work, case_id, {"history": history}, 1).number == 2
    wrong = history | {"duration": {"status": "answered", "value": {"unit": "years", "count": 0}}}
    with pytest.raises(InvalidInput) as refused, writing(system, actor) as work:
        changing.complete(work, case_id, {"history": wrong}, 2)
    assert set(refused.value.errors) == {"history.duration"}
    with pytest.raises(Conflict), writing(system, actor) as work:
        changing.complete(work, case_id, {"question": "Autre chose"}, 1)


def test_a_picture_of_another_case_is_not_added(system: System, world: World) -> None:
    case_id = cases.sent(world)
    with pytest.raises(InvalidInput), writing(system, world.actor(Role.REQUESTER)) as work:
        changing.add_photos(work, case_id, [uuid4()])
    with reading(system) as work:
        assert (
            len(work.session.scalars(select(CaseRevision).where(CaseRevision.case_id == case_id)).all()) == 1
        )


def test_a_follow_up_takes_over_the_patient_and_asks_consent_and_pictures_anew(
    system: System, world: World
) -> None:
    parent = cases.answered(world, answer=cases.opinion(follow_up_weeks=6))
    actor = world.actor(Role.REQUESTER)
    with writing(system, actor) as work:
        child = follow_ups.begin_follow_up(work, parent)
    with writing(system, actor) as work:
        assert follow_ups.begin_follow_up(work, parent) == child
    with reading(system, actor) as work:
        draft = drafts.read(work, child)
        before = open_content(
            work, work.session.get_one(Case, parent), last_revision(work, work.session.get_one(Case, parent))
        )
        row = work.session.get_one(Case, child)
        assert (row.parent_id, row.parent_kind) == (parent, "follow_up")
        still = requester_view(work, parent).still_open
    assert draft.content["patient"]["birth_name"] == "Vautrin"
    assert draft.content["patient"]["id"] == str(case_of(system, parent).patient_id)
    assert draft.content["lesions"] == before["lesions"]
    assert draft.content["photos"] == []
    assert draft.content["consent"]["given"] is False
    assert "un suivi à distance" in still  # until it is sent
    with pytest.raises(NotFound), writing(system, world.actor("stranger")) as work:
        follow_ups.begin_follow_up(work, parent)


def test_a_follow_up_names_the_patient_as_the_site_knows_them_today(system: System, world: World) -> None:
    parent = cases.answered(world)
    actor = world.actor(Role.REQUESTER)
    patient_id = case_of(system, parent).patient_id
    assert patient_id is not None
    with writing(system, actor) as work:
        known = patients.read_identity(work, patients.find_patient(work, patient_id, world.site_id))
        corrected = known | {"used_name": "Moreau", "phone": "+33639980042", "identity_status": "validated"}
        patients.keep_patient(work, corrected, world.site_id, patient_id)
    with writing(system, actor) as work:
        child = follow_ups.begin_follow_up(work, parent)
    with reading(system, actor) as work:
        told = drafts.read(work, child).content["patient"]
    assert {name: told[name] for name in corrected} == corrected
    assert told["id"] == str(patient_id)


def test_an_appointment_is_noted_moved_and_ends_and_only_then_the_case_closes(
    system: System, world: World
) -> None:
    case_id = cases.answered(world, answer=cases.opinion(destination="in_person"))
    actor = world.actor(Role.REQUESTER)
    with writing(system, actor) as work:
        following.open_case(work, case_id)
    with pytest.raises(InvalidInput) as refused, writing(system, actor) as work:
        appointments.plan(work, case_id, "", "25 h")
    assert set(refused.value.errors) == {"day", "hour"}
    for day in ("2026-03-19", "2026-03-20"):
        with writing(system, actor) as work:
            appointments.plan(work, case_id, day, "14:30", "Consultation, 2e étage")
    with reading(system, actor) as work:
        shown = appointments.appointment_of(work, work.session.get_one(Case, case_id))
    assert shown is not None
    assert (shown.state, shown.planned, shown.hour) == (
        "planned",
        "vendredi 20\u00a0mars\u00a02026, 14\u00a0h\u00a030",
        "14:30",
    )
    assert shown.place == "Consultation, 2e étage"
    with pytest.raises(Refusal) as open_still, writing(system, actor) as work:
        following.close(work, case_id)
    assert open_still.value.code == "still_open"
    for _ in range(2):
        with writing(system, actor) as work:
            appointments.tell(work, case_id, "done")
    with writing(system, actor) as work:
        following.close(work, case_id)
    assert case_of(system, case_id).state == "closed"


def test_opening_confirms_an_ordinary_opinion_for_its_side_only(system: System, world: World) -> None:
    case_id = cases.answered(world)

    def state() -> str:
        with reading(system) as work:
            return str(work.session.scalar(select(Delivery.state).where(Delivery.case_id == case_id)))

    with writing(system, world.actor(Role.SITE_SECRETARY)) as work:
        following.open_case(work, case_id)
    assert state() == "sent"
    with writing(system, world.actor(Role.REQUESTER)) as work:
        following.open_case(work, case_id)
    assert state() == "acknowledged"


def test_a_version_that_is_no_longer_the_last_is_not_confirmed(system: System, world: World) -> None:
    case_id = cases.answered(world, answer=cases.opinion(destination="surgery", within_two_weeks=True))
    actor = world.actor(Role.REQUESTER)
    with reading(system) as work:
        seen = work.session.scalars(select(Opinion.id).where(Opinion.case_id == case_id)).one()
    with pytest.raises(Conflict) as refused, writing(system, actor) as work:
        following.acknowledge(work, case_id, uuid4())
    assert refused.value.code == "newer_opinion"
    with writing(system, actor) as work:
        following.acknowledge(work, case_id, seen)
