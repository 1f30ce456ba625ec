"""Every state in which somebody is waited for has a timer that lives: nothing is ever nobody's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from dermavis.domain.case_states import FINAL, OPEN_QUESTION, State
from dermavis.domain.roles import Role
from dermavis.models import Case, Delivery, DueRow, Notification
from dermavis.services import appointments, claiming, conversation, following, pooling, redirecting
from dermavis.services.child_cases import Asked
from dermavis.services.second_opinions import ask_second_opinion
from dermavis.services.timers import run_due
from dermavis.services.work import System, Work, reading, writing
from tests import cases
from tests.clock import FakeClock
from tests.factories import World
from tests.referrals import referred
from tests.year.expected import TIMERS

LATE = {State.SUBMITTED, State.CLAIMED, State.ON_HOLD, State.DECLINED}


def _act(world: World, case_id: UUID, act: Callable[[Work], object], who: Role | str = Role.EXPERT) -> UUID:
    with writing(world.system, world.actor(who)) as work:
        act(work)
    return case_id


def _declined(world: World) -> UUID:
    case_id = cases.claimed(world)
    return _act(world, case_id, lambda work: claiming.decline(work, case_id, "no_capacity"))


def _released(world: World, case_id: UUID) -> UUID:
    return _act(world, case_id, lambda work: claiming.release(work, case_id))


def _handed_over(world: World, case_id: UUID) -> UUID:
    colleague = world.who("other_expert").person_id
    return _act(world, case_id, lambda work: claiming.hand_over(work, case_id, colleague))


def _resumed(world: World) -> UUID:
    case_id = cases.on_hold(world)
    return _act(world, case_id, lambda work: conversation.write(work, case_id, "Oui."), Role.REQUESTER)


def _redirected(world: World) -> UUID:
    case_id = _declined(world)
    to = world.other_team_id
    return _act(world, case_id, lambda work: redirecting.redirect(work, case_id, to), Role.REQUESTER)


def _sent_elsewhere(world: World) -> UUID:
    case_id, to = cases.sent(world), world.other_team_id
    act = lambda work: redirecting.redirect(work, case_id, to, None, "other_skill")  # noqa: E731
    return _act(world, case_id, act)


def _awaiting_second_opinion(world: World) -> UUID:
    case_id = cases.claimed(world)
    asked = Asked(world.other_team_id, "Exérèse ?", "routine", (), "told_by_patient")
    ask_second_opinion(world.system, world.actor(Role.EXPERT), case_id, uuid4(), asked)
    return case_id


def _second_opinion(world: World) -> UUID:
    first = _awaiting_second_opinion(world)
    with reading(world.system) as work:
        return work.session.scalars(select(Case.id).where(Case.parent_id == first)).one()


def _sent_back(world: World) -> UUID:
    case_id = cases.sent(world, "pooled_requester")
    reason = next(
        row.id for row in world.system.specialty("dermatology").reasons if "send_back" in row.occasions
    )
    act = lambda work: pooling.send_back(work, case_id, reason, "À préciser.")  # noqa: E731
    return _act(world, case_id, act, Role.COORDINATOR)


def _held_in_pool(world: World) -> UUID:
    case_id = cases.sent(world, "pooled_requester")
    return _act(
        world, case_id, lambda work: pooling.hold(work, [case_id], "Famille à joindre"), Role.COORDINATOR
    )


def _with_appointment(world: World, *then: str) -> UUID:
    case_id = cases.answered(world, answer=cases.opinion(destination="surgery"))
    requester = Role.REQUESTER
    _act(world, case_id, lambda work: following.acknowledge(work, case_id), requester)
    for became in then:
        if became == "planned":
            day = (world.system.clock.now() + timedelta(days=10)).date().isoformat()
            _act(world, case_id, lambda work: appointments.plan(work, case_id, day, "14:00"), requester)  # noqa: B023
        else:
            _act(world, case_id, lambda work: appointments.tell(work, case_id, became), requester)  # noqa: B023
    return case_id


def _corrected(world: World) -> UUID:
    return cases.corrected(world, destination="surgery", within_two_weeks=True)


def _asked_again(world: World) -> UUID:
    case_id = cases.closed(world)
    return _act(world, case_id, lambda work: conversation.write(work, case_id, "Et si ?"), Role.REQUESTER)


MADE: dict[str, Callable[[World], UUID]] = {
    "draft": cases.drafted,
    "sent back": _sent_back,
    "pooled": lambda world: cases.sent(world, "pooled_requester"),
    "held by its coordination": _held_in_pool,
    "submitted": cases.sent,
    "released": lambda world: _released(world, cases.claimed(world)),
    "released on hold": lambda world: _released(world, cases.on_hold(world)),
    "redirected": _redirected,
    "sent elsewhere by its team": _sent_elsewhere,
    "claimed": cases.claimed,
    "awaiting a second opinion": _awaiting_second_opinion,
    "second opinion": _second_opinion,
    "referred up": lambda world: referred(world)[1],
    "handed over": lambda world: _handed_over(world, cases.claimed(world)),
    "on hold": cases.on_hold,
    "handed over on hold": lambda world: _handed_over(world, cases.on_hold(world)),
    "resumed": _resumed,
    "declined": _declined,
    "answered": cases.answered,
    "corrected": _corrected,
    "asked about after the opinion": _asked_again,
    "appointment to plan": _with_appointment,
    "appointment planned": lambda world: _with_appointment(world, "planned"),
    "appointment missed": lambda world: _with_appointment(world, "planned", "missed"),
    "appointment given again": lambda world: _with_appointment(world, "planned", "missed", "planned"),
}


def _alive(work: Work, case_id: UUID) -> set[str]:
    rows = select(DueRow.kind).where(DueRow.case_id == case_id, DueRow.done_at.is_(None))
    return set(work.session.scalars(rows))


def _wanted(work: Work, case: Case) -> set[str]:
    kinds = TIMERS.get(State(case.state), set())
    if State(case.downstream) not in FINAL:
        kinds = kinds | {"appointment_reminder"}
    if case.asked_again_at is not None:
        kinds = kinds | {"question_after"}
    if case.parent_kind == "second_opinion" and State(case.state) in LATE:
        kinds = kinds | {"second_opinion_late"}
    states = work.session.scalars(select(Delivery.state).where(Delivery.case_id == case.id))
    return kinds | {"unread_opinion" for state in states if State(state) not in FINAL}


def test_every_open_state_has_its_timer_here() -> None:
    assert set(TIMERS) == set(OPEN_QUESTION)


@pytest.mark.parametrize("made", MADE)
def test_whoever_is_waited_for_is_reminded_today_and_in_three_months(
    system: System, world: World, clock: FakeClock, made: str
) -> None:
    case_id = MADE[made](world)
    for _ in range(14):
        with reading(system) as work:
            case = work.session.get_one(Case, case_id)
            assert _wanted(work, case) <= _alive(work, case_id), case.state
        clock.advance(days=7)
        passes = 0
        while run_due(system):
            passes += 1
            assert passes < 20, "a storm"


def test_an_appointment_is_asked_after_until_somebody_says_what_became_of_it(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = _with_appointment(world, "planned")
    secretary, requester = (world.who(role).person_id for role in (Role.CENTRE_SECRETARY, Role.REQUESTER))

    def told() -> list[UUID]:
        with reading(system) as work:
            return list(
                work.session.scalars(
                    select(Notification.person_id).where(Notification.event == "appointment_past")
                )
            )

    clock.advance(days=10, hours=5)
    run_due(system)
    assert told() == [], "the day of the appointment is its own"
    clock.advance(days=1)
    run_due(system)
    assert set(told()) == {secretary, requester}
    _act(world, case_id, lambda work: appointments.tell(work, case_id, "done"), Role.REQUESTER)
    clock.advance(days=30)
    run_due(system)
    assert len(told()) == 2
