"""A claim that is given back, declined, resumed or left alone: clocks and timers go on as they should."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.models import Case, CentreCharter, DueRow, Notification, Person
from dermavis.services import answering, claiming, conversation, redirecting
from dermavis.services.regrading import regrade
from dermavis.services.timers import run_due
from dermavis.services.work import System, reading, writing
from dermavis.services.worklist import worklist
from tests import cases
from tests.clock import FakeClock
from tests.factories import World

pytestmark = pytest.mark.postgres


def _case(system: System, case_id: UUID) -> Case:
    with reading(system) as work:
        case = work.session.get_one(Case, case_id)
        work.session.expunge(case)
        return case


def _due(system: System, case_id: UUID, kind: str) -> datetime | None:
    with reading(system) as work:
        return work.session.scalar(
            select(DueRow.due_at).where(
                DueRow.case_id == case_id, DueRow.kind == kind, DueRow.done_at.is_(None)
            )
        )


def _release(world: World, case_id: UUID) -> None:
    with writing(world.system, world.actor(Role.EXPERT)) as work:
        claiming.release(work, case_id)


def _run(system: System) -> None:
    while run_due(system):
        pass


def _charters(system: System, **changes: Any) -> None:
    with writing(system) as work:
        for charter in work.session.scalars(select(CentreCharter)):
            charter.content = charter.content | changes


def test_a_released_request_reminds_its_queue_again(system: System, world: World, clock: FakeClock) -> None:
    case_id = cases.claimed(world)
    assert _due(system, case_id, "queue_reminder") is None
    _release(world, case_id)
    clock.advance(days=1)
    _run(system)
    with reading(system) as work:
        told = work.session.scalars(
            select(Notification.person_id).where(
                Notification.case_id == case_id,
                Notification.event == "submitted",
                Notification.at == work.now,
            )
        ).all()
    assert world.who("other_expert").person_id in told
    assert _due(system, case_id, "queue_reminder") is not None


def test_a_request_released_while_it_waited_moves_its_deadlines_as_an_answer_would(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.on_hold(world)
    before = _case(system, case_id)
    assert before.due_at is not None
    assert before.late_at is not None
    clock.advance(hours=5)
    _release(world, case_id)
    after = _case(system, case_id)
    assert (after.state, after.held_at, after.held_seconds) == ("submitted", None, 5 * 3600)
    assert after.due_at == before.due_at + timedelta(hours=5)
    assert after.late_at == before.late_at + timedelta(hours=5)
    assert _due(system, case_id, "hold_return") is None


def test_a_request_declined_while_it_waited_waits_no_longer(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.on_hold(world)
    clock.advance(hours=2)
    with writing(system, world.actor(Role.EXPERT)) as work:
        claiming.decline(work, case_id, "no_capacity")
    case = _case(system, case_id)
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
    assert _case(system, case_id).due_at == redirected + timedelta(hours=24)


@pytest.mark.parametrize("answered", [True, False])
def test_a_request_that_comes_back_to_its_expert_may_be_idle_again(
    system: System, world: World, clock: FakeClock, answered: bool
) -> None:
    case_id = cases.on_hold(world)
    assert _due(system, case_id, "idle_claim") is None
    if answered:
        clock.advance(hours=1)
        with writing(system, world.actor(Role.REQUESTER)) as work:
            conversation.write(work, case_id, "Trois semaines.")
    else:
        clock.advance(days=7)
        _run(system)
    assert _case(system, case_id).state == "claimed"
    assert _due(system, case_id, "idle_claim") is not None
    clock.advance(days=4)
    _run(system)
    assert _case(system, case_id).state == "submitted"


def test_an_idle_claim_returns_after_the_hours_of_the_charter_while_somebody_is_there(
    system: System, world: World, clock: FakeClock
) -> None:
    clock.set(datetime(2026, 3, 12, 16, 30, tzinfo=UTC))  # 17:30 in Paris, an hour before closing
    case_id = cases.claimed(world)
    assert _due(system, case_id, "idle_claim") == datetime(2026, 3, 13, 10, 30, tzinfo=UTC)
    clock.set(datetime(2026, 3, 13, 10, 29, tzinfo=UTC))
    _run(system)
    assert _case(system, case_id).state == "claimed"
    clock.advance(minutes=1)
    _run(system)
    assert _case(system, case_id).state == "submitted"


def test_a_charter_that_says_nothing_gives_a_claim_24_opening_hours(
    system: System, world: World, clock: FakeClock
) -> None:
    _charters(system, idle_claim_hours=None)
    case_id = cases.claimed(world)  # Thursday 10:00, open until 18:30 and ten hours a day
    assert _due(system, case_id, "idle_claim") == datetime(2026, 3, 16, 13, 0, tzinfo=UTC)


def _told(system: System, case_id: UUID, event: str) -> list[UUID]:
    with reading(system) as work:
        rows = select(Notification.person_id).where(
            Notification.case_id == case_id, Notification.event == event
        )
        return list(work.session.scalars(rows))


def test_a_claimed_request_that_becomes_late_is_told_to_its_holder_and_once_to_whoever_waits(
    system: System, world: World, clock: FakeClock
) -> None:
    _charters(system, idle_claim_hours=24)
    case_id = cases.claimed(world, urgency="urgent")
    late_at = _case(system, case_id).late_at
    assert late_at is not None
    holder, requester = (world.who(name).person_id for name in (Role.EXPERT, Role.REQUESTER))
    clock.set(late_at - timedelta(minutes=1))
    _run(system)
    assert _told(system, case_id, "answer_late_urgent") == []
    clock.advance(minutes=1)
    _run(system)
    assert holder in _told(system, case_id, "late_urgent"), "an urgent one wakes its holder"
    assert _told(system, case_id, "answer_late_urgent") == [requester]
    with writing(system, world.actor(Role.EXPERT)) as work:
        claiming.keep_claim(work, work.session.get_one(Case, case_id))
    clock.advance(days=1)
    _run(system)
    assert _told(system, case_id, "late_urgent").count(holder) == 2
    assert _told(system, case_id, "answer_late_urgent") == [requester]


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

    late_at = _case(system, held).late_at
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
    _release(world, held)
    assert red("other_expert") == {by_name}


def test_work_on_a_late_request_does_not_put_off_what_a_sleeping_worker_has_still_to_tell(
    system: System, world: World, clock: FakeClock
) -> None:
    _charters(system, idle_claim_hours=24)
    case_id = cases.claimed(world, urgency="urgent")
    late_at = _case(system, case_id).late_at
    assert late_at is not None
    clock.set(late_at - timedelta(minutes=1))
    _run(system)
    for hours in (2, 4):  # nobody works off what is due meanwhile
        clock.set(late_at + timedelta(hours=hours))
        with writing(system, world.actor(Role.EXPERT)) as work:
            begun = answering.draft_of(work, work.session.get_one(Case, case_id))
            answering.save_draft(work, case_id, {"teaching": f"{hours}"}, begun.revision)
    assert _told(system, case_id, "answer_late_urgent") == []
    _run(system)
    assert _told(system, case_id, "answer_late_urgent") == [world.who(Role.REQUESTER).person_id]
    following = _due(system, case_id, "claim_reminder")
    assert following is not None
    assert following > clock.now()


def test_a_request_taken_when_it_was_late_already_is_told_of_at_once_where_nobody_was(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.sent(world, urgency="urgent")
    late_at = _case(system, case_id).late_at
    assert late_at is not None
    clock.set(late_at - timedelta(minutes=1))
    _run(system)
    clock.set(late_at + timedelta(hours=2))  # nobody works off what is due meanwhile
    with writing(system, world.actor(Role.EXPERT)) as work:
        claiming.claim(work, case_id)
    assert _due(system, case_id, "claim_reminder") == clock.now()
    _run(system)
    assert _told(system, case_id, "answer_late_urgent") == [world.who(Role.REQUESTER).person_id]


def test_a_claimed_request_made_more_pressing_is_looked_at_by_its_new_promise(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.claimed(world)
    with writing(system, world.actor(Role.EXPERT)) as work:
        regrade(work, case_id, "urgent")
    late_at = _case(system, case_id).late_at
    assert late_at is not None
    due = _due(system, case_id, "claim_reminder")
    assert due is not None
    assert due <= late_at
    waiting = cases.sent(world)
    clock.advance(days=2)
    with writing(system, world.actor(Role.EXPERT)) as work:
        regrade(work, waiting, "urgent")
        claiming.claim(work, waiting)
        regrade(work, waiting, "soon")
        regrade(work, waiting, "urgent")
    assert _due(system, waiting, "claim_reminder") == clock.now(), "its promise is past: it is told of now"


def test_an_urgent_request_that_nobody_takes_is_told_again_within_an_opening_hour_and_its_requester_once_late(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.sent(world, urgency="urgent")
    team = len(_told(system, case_id, "submitted_urgent"))
    assert team
    assert _due(system, case_id, "queue_reminder") == clock.now() + timedelta(hours=1)
    clock.advance(hours=1)
    _run(system)
    assert len(_told(system, case_id, "submitted_urgent")) == 2 * team
    assert _told(system, case_id, "queue_waits") == []
    clock.advance(hours=1)
    _run(system)
    assert _told(system, case_id, "queue_waits"), (
        "the secretaries are told that it waits, not that it is late"
    )
    assert _told(system, case_id, "late_urgent") == []
    late_at = _case(system, case_id).late_at
    assert late_at is not None
    clock.set(late_at)
    _run(system)
    assert _told(system, case_id, "answer_late_urgent") == [world.who(Role.REQUESTER).person_id]
    assert _told(system, case_id, "late_urgent")
    assert _due(system, case_id, "queue_reminder") is not None
