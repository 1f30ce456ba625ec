"""What others do in the twenty seconds of a signature outlives its being taken back."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.models import Case, Delivery, DueRow
from dermavis.services import appointments, conversation, following
from dermavis.services.work import System, Work, reading, writing
from tests import cases
from tests.clock import FakeClock
from tests.factories import World
from tests.signing_now import sign_now, taken_back


def test_a_version_read_while_the_next_may_be_taken_back_was_read(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.answered(world, answer=cases.opinion(destination="surgery", within_two_weeks=True))
    clock.advance(hours=1)
    sign_now(world, case_id, version=1, amends="complement", amends_why="Oubli.")
    with writing(system, world.actor(Role.REQUESTER)) as work:
        following.acknowledge(work, case_id)
    taken_back(world, case_id)
    with reading(system) as work:
        (row,) = work.session.scalars(select(Delivery).where(Delivery.case_id == case_id))
        assert row.state == "acknowledged"
        late = select(DueRow.id).where(DueRow.kind == "unread_opinion", DueRow.done_at.is_(None))
        assert work.session.scalars(late).all() == []


def test_a_question_asked_in_these_seconds_outlives_the_correction(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.closed(world)
    clock.advance(hours=1)
    sign_now(world, case_id, version=1, amends="correction", amends_why="Oubli.")
    clock.advance(seconds=5)
    with writing(system, world.actor(Role.REQUESTER)) as work:
        conversation.write(work, case_id, "Et pour le second ?")
    taken_back(world, case_id)
    with reading(system) as work:
        case = work.session.get_one(Case, case_id)
        assert (case.state, case.asked_again_at) == ("answered", clock.now())


def test_an_answer_given_in_these_seconds_is_an_answer_once_the_signature_is_taken_back(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.on_hold(world)
    sign_now(world, case_id)
    clock.advance(seconds=5)
    with writing(system, world.actor(Role.REQUESTER)) as work:
        said = conversation.write(work, case_id, "Depuis trois mois.")
        assert (said.kind, said.answers_id is not None) == ("answer", True)
    taken_back(world, case_id)
    with reading(system) as work:
        case = work.session.get_one(Case, case_id)
        assert (case.state, case.asked_again_at, case.held_at) == ("claimed", None, None)
        waits = select(DueRow.id).where(DueRow.kind == "hold_return", DueRow.done_at.is_(None))
        assert work.session.scalars(waits).all() == []


def test_a_word_written_before_the_first_opinion_has_left_is_no_question_about_it(
    system: System, world: World
) -> None:
    case_id = cases.just_signed(world)
    with writing(system, world.actor(Role.REQUESTER)) as work:
        assert conversation.write(work, case_id, "Elle a aussi mal la nuit.").kind == "note"
    with reading(system) as work:
        assert work.session.get_one(Case, case_id).asked_again_at is None


def test_an_appointment_given_in_these_seconds_keeps_its_own_reminder(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.answered(world, answer=cases.opinion(destination="in_person"))
    clock.advance(hours=1)
    sign_now(world, case_id, version=1, amends="correction", amends_why="Oubli.", destination="in_person")
    clock.advance(seconds=5)
    with writing(system, world.actor(Role.REQUESTER)) as work:
        appointments.plan(work, case_id, "2026-05-20", "14:00")
    with reading(system) as work:
        given = _reminder_of(work, case_id)
    assert given > clock.now() + timedelta(days=50), "on the day itself"
    taken_back(world, case_id)
    with reading(system) as work:
        assert work.session.get_one(Case, case_id).downstream == "planned"
        assert _reminder_of(work, case_id) == given


def test_a_date_given_in_these_seconds_outlives_the_correction_that_wanted_another_kind(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.answered(world, answer=cases.opinion(destination="surgery"))
    clock.advance(hours=1)
    for day, corrects in (("2026-04-02", False), ("2026-05-20", True)):
        if corrects:
            sign_now(
                world, case_id, version=1, amends="correction", amends_why="Oubli.", destination="in_person"
            )
        with writing(system, world.actor(Role.REQUESTER)) as work:
            appointments.plan(work, case_id, day, "14:00")
    taken_back(world, case_id)
    with reading(system, world.actor(Role.REQUESTER)) as work:
        shown = appointments.appointment_of(work, work.session.get_one(Case, case_id))
        assert shown is not None
        assert (shown.state, shown.kind, shown.day) == ("planned", "surgery", "2026-05-20")
        assert _reminder_of(work, case_id) > clock.now() + timedelta(days=50)


def _reminder_of(work: Work, case_id: UUID) -> datetime:
    rows = select(DueRow.due_at).where(
        DueRow.case_id == case_id, DueRow.kind == "appointment_reminder", DueRow.done_at.is_(None)
    )
    return work.session.scalars(rows).one()
