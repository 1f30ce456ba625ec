"""A claim that is given back, declined, resumed or left alone: clocks and timers go on as they should."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.models import Notification
from dermavis.services import claiming, conversation, redirecting
from dermavis.services.regrading import regrade
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.claims import charters_say, due_at, release
from tests.clock import FakeClock
from tests.factories import World
from tests.second_opinions import case_now, run_timers

pytestmark = pytest.mark.postgres


def test_a_released_request_reminds_its_queue_again(system: System, world: World, clock: FakeClock) -> None:
    case_id = cases.claimed(world)
    assert due_at(system, case_id, "queue_reminder") is None
    release(world, case_id)
    clock.advance(days=1)
    run_timers(system)
    with reading(system) as work:
        told = work.session.scalars(
            select(Notification.person_id).where(
                Notification.case_id == case_id,
                Notification.event == "submitted",
                Notification.at == work.now,
            )
        ).all()
    assert world.who("other_expert").person_id in told
    assert due_at(system, case_id, "queue_reminder") is not None


def test_a_request_released_while_it_waited_moves_its_deadlines_as_an_answer_would(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.on_hold(world)
    before = case_now(world, case_id)
    assert before.due_at is not None
    assert before.late_at is not None
    clock.advance(hours=5)
    release(world, case_id)
    after = case_now(world, case_id)
    assert (after.state, after.held_at, after.held_seconds) == ("submitted", None, 5 * 3600)
    assert after.due_at == before.due_at + timedelta(hours=5)
    assert after.late_at == before.late_at + timedelta(hours=5)
    assert due_at(system, case_id, "hold_return") is None


def test_a_request_declined_while_it_waited_waits_no_longer(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.on_hold(world)
    clock.advance(hours=2)
    with writing(system, world.actor(Role.EXPERT)) as work:
        claiming.decline(work, case_id, "no_capacity")
    case = case_now(world, case_id)
    assert (case.state, case.held_at, case.held_seconds) == ("declined", None, 2 * 3600)


def test_the_pauses_of_a_former_centre_do_not_move_the_next_ones_deadline(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.on_hold(world)
    clock.advance(hours=4)
    with writing(system, world.actor(Role.EXPERT)) as work:
        claiming.decline(work, case_id, "no_capacity")
    clock.advance(hours=1)
    with writing(system, world.actor(Role.REQUESTER)) as work:
        redirecting.redirect(work, case_id, world.other_team_id)
    redirected = clock.now()
    with writing(system, world.actor("stranger_expert")) as work:
        regrade(work, case_id, "soon")
    assert case_now(world, case_id).due_at == redirected + timedelta(hours=24)


@pytest.mark.parametrize("answered", [True, False])
def test_a_request_that_comes_back_to_its_expert_may_be_idle_again(
    system: System, world: World, clock: FakeClock, answered: bool
) -> None:
    case_id = cases.on_hold(world)
    assert due_at(system, case_id, "idle_claim") is None
    if answered:
        clock.advance(hours=1)
        with writing(system, world.actor(Role.REQUESTER)) as work:
            conversation.write(work, case_id, "Trois semaines.")
    else:
        clock.advance(days=7)
        run_timers(system)
    assert case_now(world, case_id).state == "claimed"
    assert due_at(system, case_id, "idle_claim") is not None
    clock.advance(days=4)
    run_timers(system)
    assert case_now(world, case_id).state == "submitted"


def test_an_idle_claim_returns_after_the_hours_of_the_charter_while_somebody_is_there(
    system: System, world: World, clock: FakeClock
) -> None:
    clock.set(datetime(2026, 3, 12, 16, 30, tzinfo=UTC))  # 17:30 in Paris, an hour before closing
    case_id = cases.claimed(world)
    assert due_at(system, case_id, "idle_claim") == datetime(2026, 3, 13, 10, 30, tzinfo=UTC)
    clock.set(datetime(2026, 3, 13, 10, 29, tzinfo=UTC))
    run_timers(system)
    assert case_now(world, case_id).state == "claimed"
    clock.advance(minutes=1)
    run_timers(system)
    assert case_now(world, case_id).state == "submitted"


def test_a_charter_that_says_nothing_gives_a_claim_24_opening_hours(
    system: System, world: World, clock: FakeClock
) -> None:
    charters_say(system, idle_claim_hours=None)
    case_id = cases.claimed(world)  # Thursday 10:00, open until 18:30 and ten hours a day
    assert due_at(system, case_id, "idle_claim") == datetime(2026, 3, 16, 13, 0, tzinfo=UTC)
