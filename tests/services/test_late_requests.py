"""A promise that is past, in the queue or held: who is told, when, and for whom it stands red."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from dermavis.domain.roles import Role
from dermavis.models import Case, Person
from dermavis.services import answering, claiming, conversation
from dermavis.services.regrading import regrade
from dermavis.services.work import System, reading, writing
from dermavis.services.worklist import worklist
from tests import cases
from tests.claims import charters_say, due_at, just_before_late, release, told_of
from tests.clock import FakeClock
from tests.factories import World
from tests.second_opinions import case_now, do, run_timers

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
    assert told_of(system, case_id, "queue_waits_urgent") == []
    clock.advance(hours=1)
    run_timers(system)
    assert told_of(system, case_id, "queue_waits_urgent"), (
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


@pytest.mark.parametrize("end", ["answer", "silence", "give_back", "give_back_unseen"])
def test_a_late_request_on_hold_presses_nobody_and_is_told_of_once_its_pause_is_over_where_nobody_was(
    system: System, world: World, clock: FakeClock, end: str
) -> None:
    charters_say(system, idle_claim_hours=400)
    case_id = cases.claimed(world, urgency="urgent")
    late_at = just_before_late(world, clock, case_id)
    clock.set(late_at + timedelta(hours=1))  # nobody works off what is due meanwhile
    do(world, Role.EXPERT, conversation.ask, case_id, "Depuis quand ?", ["overview"], [])
    for _ in range(0 if end == "give_back_unseen" else 3):
        run_timers(system)
        assert told_of(system, case_id, "answer_late_urgent") == [], "its requester is asked something first"
        clock.advance(days=1)
    if end == "answer":
        do(world, Role.REQUESTER, conversation.write, case_id, "Depuis un an.")
    elif end == "silence":
        clock.advance(days=7)
    else:
        release(world, case_id)
    run_timers(system)
    requester, holder = (world.who(name).person_id for name in (Role.REQUESTER, Role.EXPERT))
    assert told_of(system, case_id, "answer_late_urgent") == [requester]
    assert holder in told_of(system, case_id, "late_urgent")
    clock.advance(days=1)
    run_timers(system)
    assert told_of(system, case_id, "answer_late_urgent") == [requester], "once"


@pytest.mark.parametrize("end", ["answer", "give_back"])
def test_a_request_whose_pause_began_before_its_promise_was_past_is_late_for_nobody_when_it_ends(
    system: System, world: World, clock: FakeClock, end: str
) -> None:
    charters_say(system, idle_claim_hours=400)
    case_id = cases.claimed(world, urgency="urgent")
    late_at = just_before_late(world, clock, case_id)
    do(world, Role.EXPERT, conversation.ask, case_id, "Depuis quand ?", ["overview"], [])
    clock.set(late_at + timedelta(days=2))  # nobody works off what is due meanwhile
    told = told_of(system, case_id, "submitted_urgent")
    if end == "answer":
        run_timers(system)
        do(world, Role.REQUESTER, conversation.write, case_id, "Depuis un an.")
    else:
        release(world, case_id)
    run_timers(system)
    assert told_of(system, case_id, "answer_late_urgent") == []
    assert told_of(system, case_id, "submitted_urgent") == told
    moved = case_now(world, case_id).late_at
    assert moved is not None
    assert moved > clock.now()
    clock.set(moved)
    run_timers(system)
    assert told_of(system, case_id, "answer_late_urgent") == [world.who(Role.REQUESTER).person_id]


def test_a_request_made_so_pressing_on_hold_that_its_promise_is_past_is_told_of_when_its_pause_ends(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.claimed(world)
    clock.advance(days=1)
    do(world, Role.EXPERT, conversation.ask, case_id, "Depuis quand ?", ["overview"], [])
    do(world, Role.EXPERT, regrade, case_id, "urgent")
    run_timers(system)
    assert told_of(system, case_id, "answer_late_urgent") == []
    do(world, Role.REQUESTER, conversation.write, case_id, "Depuis un an.")
    run_timers(system)
    assert told_of(system, case_id, "answer_late_urgent") == [world.who(Role.REQUESTER).person_id]
