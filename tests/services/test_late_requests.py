"""A promise that is past, in the queue or held: who is told, when, and for whom it stands red."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from dermavis.domain.roles import Role
from dermavis.models import Case, Person
from dermavis.services import answering, claiming
from dermavis.services.regrading import regrade
from dermavis.services.work import System, reading, writing
from dermavis.services.worklist import worklist
from tests import cases
from tests.claims import charters_say, due_at, just_before_late, release, told_of
from tests.clock import FakeClock
from tests.factories import World
from tests.second_opinions import case_now, run_timers

pytestmark = pytest.mark.postgres


def test_a_claimed_request_that_becomes_late_is_told_to_its_holder_and_once_to_whoever_waits(
    system: System, world: World, clock: FakeClock
) -> None:
    charters_say(system, idle_claim_hours=24)
    case_id = cases.claimed(world, urgency="urgent")
    late_at = case_now(world, case_id).late_at
    assert late_at is not None
    holder, requester = (world.who(name).person_id for name in (Role.EXPERT, Role.REQUESTER))
    clock.set(late_at - timedelta(minutes=1))
    run_timers(system)
    assert told_of(system, case_id, "answer_late_urgent") == []
    clock.advance(minutes=1)
    run_timers(system)
    assert holder in told_of(system, case_id, "late_urgent"), "an urgent one wakes its holder"
    assert told_of(system, case_id, "answer_late_urgent") == [requester]
    with writing(system, world.actor(Role.EXPERT)) as work:
        claiming.keep_claim(work, work.session.get_one(Case, case_id))
    clock.advance(days=1)
    run_timers(system)
    assert told_of(system, case_id, "late_urgent").count(holder) == 2
    assert told_of(system, case_id, "answer_late_urgent") == [requester]


def test_what_a_colleague_holds_beyond_the_promise_stands_red_for_the_team(
    system: System, world: World, clock: FakeClock
) -> None:
    named = {"mode": "named", "team": str(world.team_id), "person": str(world.who(Role.EXPERT).person_id)}
    held, by_name = cases.claimed(world), cases.claimed(world, addressing=named)

    def red(name: Role | str) -> set[UUID]:
        with reading(system, world.actor(name)) as work:
            return {
                row.id
                for row in worklist(work, "queue").above.late
                if row.promise and row.promise.tone == "late"
            }

    late_at = case_now(world, held).late_at
    assert late_at is not None
    clock.set(late_at - timedelta(minutes=1))
    assert red("other_expert") == set(), "not yet"
    clock.set(late_at + timedelta(minutes=1))
    assert red("other_expert") == red(Role.SUPER_USER) == {held}
    assert red(Role.EXPERT) == set(), "its holder has it among their own"
    assert red("stranger_expert") == set(), "another centre"
    with writing(system) as work:
        away = work.session.get_one(Person, world.who(Role.EXPERT).person_id)
        away.substitute_id, away.absent_from = world.who("other_expert").person_id, work.now
    assert red("other_expert") == {held, by_name}, "who stands in sees what the absent hold by name"
    release(world, held)
    assert red("other_expert") == {by_name}


def test_work_on_a_late_request_does_not_put_off_what_a_sleeping_worker_has_still_to_tell(
    system: System, world: World, clock: FakeClock
) -> None:
    charters_say(system, idle_claim_hours=24)
    case_id = cases.claimed(world, urgency="urgent")
    late_at = just_before_late(world, clock, case_id)
    for hours in (2, 4):  # nobody works off what is due meanwhile
        clock.set(late_at + timedelta(hours=hours))
        with writing(system, world.actor(Role.EXPERT)) as work:
            begun = answering.draft_of(work, work.session.get_one(Case, case_id))
            answering.save_draft(work, case_id, {"teaching": f"{hours}"}, begun.revision)
    assert told_of(system, case_id, "answer_late_urgent") == []
    run_timers(system)
    assert told_of(system, case_id, "answer_late_urgent") == [world.who(Role.REQUESTER).person_id]
    following = due_at(system, case_id, "claim_reminder")
    assert following is not None
    assert following > clock.now()


def test_a_request_taken_when_it_was_late_already_is_told_of_at_once_where_nobody_was(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.sent(world, urgency="urgent")
    late_at = just_before_late(world, clock, case_id)
    clock.set(late_at + timedelta(hours=2))  # nobody works off what is due meanwhile
    with writing(system, world.actor(Role.EXPERT)) as work:
        claiming.claim(work, case_id)
    assert due_at(system, case_id, "claim_reminder") == clock.now()
    run_timers(system)
    assert told_of(system, case_id, "answer_late_urgent") == [world.who(Role.REQUESTER).person_id]


def test_a_late_request_given_back_before_anybody_was_told_is_told_of_from_the_queue(
    system: System, world: World, clock: FakeClock
) -> None:
    charters_say(system, idle_claim_hours=24)
    case_id = cases.claimed(world, urgency="urgent")
    clock.set(just_before_late(world, clock, case_id) + timedelta(hours=2))
    release(world, case_id)
    assert due_at(system, case_id, "queue_reminder") == clock.now()
    run_timers(system)
    assert told_of(system, case_id, "answer_late_urgent") == [world.who(Role.REQUESTER).person_id]


def test_a_claimed_request_made_more_pressing_is_looked_at_by_its_new_promise(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.claimed(world)
    with writing(system, world.actor(Role.EXPERT)) as work:
        regrade(work, case_id, "urgent")
    late_at = case_now(world, case_id).late_at
    assert late_at is not None
    due = due_at(system, case_id, "claim_reminder")
    assert due is not None
    assert due <= late_at
    waiting = cases.sent(world)
    clock.advance(days=2)
    with writing(system, world.actor(Role.EXPERT)) as work:
        regrade(work, waiting, "urgent")
    assert due_at(system, waiting, "queue_reminder") == clock.now(), "so it is in the queue"
    with writing(system, world.actor(Role.EXPERT)) as work:
        claiming.claim(work, waiting)
        regrade(work, waiting, "soon")
        regrade(work, waiting, "urgent")
    assert due_at(system, waiting, "claim_reminder") == clock.now(), "its promise is past: it is told of now"


def test_an_urgent_request_that_nobody_takes_is_told_again_within_an_opening_hour_and_its_requester_once_late(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.sent(world, urgency="urgent")
    team = len(told_of(system, case_id, "submitted_urgent"))
    assert team
    assert due_at(system, case_id, "queue_reminder") == clock.now() + timedelta(hours=1)
    clock.advance(hours=1)
    run_timers(system)
    assert len(told_of(system, case_id, "submitted_urgent")) == 2 * team
    assert told_of(system, case_id, "queue_waits") == []
    clock.advance(hours=1)
    run_timers(system)
    assert told_of(system, case_id, "queue_waits"), (
        "the secretaries are told that it waits, not that it is late"
    )
    assert told_of(system, case_id, "late_urgent") == []
    late_at = case_now(world, case_id).late_at
    assert late_at is not None
    clock.set(late_at)
    run_timers(system)
    assert told_of(system, case_id, "answer_late_urgent") == [world.who(Role.REQUESTER).person_id]
    assert told_of(system, case_id, "late_urgent")
    assert due_at(system, case_id, "queue_reminder") is not None
