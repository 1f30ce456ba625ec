"""A patient who is to be seen again at a distance: the requester is told on the day, and not before."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.models import Case, DueRow
from dermavis.services import following
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.announced import let_pass, times_told
from tests.clock import FakeClock
from tests.factories import World

IN_TWELVE_WEEKS = cases.opinion(follow_up=True, follow_up_weeks=12)


def _answered(world: World, system: System) -> UUID:
    case_id = cases.answered(world, answer=IN_TWELVE_WEEKS)
    with writing(system, world.actor(Role.REQUESTER)) as work:
        following.acknowledge(work, case_id)
        following.tell_aftermath(work, case_id, "followed", "yes", "")
    return case_id


def test_the_requester_is_told_on_the_day_and_again_until_the_follow_up_is_sent(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = _answered(world, system)
    let_pass(system, clock, days=83)
    assert times_told(system, case_id, "follow_up_due") == 0
    assert times_told(system, case_id, "aftermath_reminder") == 0, "nobody is reminded of what is not due"
    let_pass(system, clock, days=1)
    assert times_told(system, case_id, "follow_up_due") == 1
    let_pass(system, clock, days=14)
    assert times_told(system, case_id, "follow_up_due") == 2

    child_id = cases.sent(world)
    with writing(system) as work:
        child = work.session.get_one(Case, child_id)
        child.parent_id, child.parent_kind = case_id, "follow_up"
    let_pass(system, clock, days=60)
    assert times_told(system, case_id, "follow_up_due") == 2
    with reading(system) as work:
        assert work.session.get_one(Case, case_id).state == "closed"


def test_a_follow_up_that_is_not_sent_in_its_month_is_asked_after(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = _answered(world, system)
    let_pass(system, clock, days=84 + 31)
    assert times_told(system, case_id, "aftermath_reminder") == 1


def test_a_corrected_opinion_that_asks_for_none_takes_the_reminder_back(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = _answered(world, system)
    waiting = select(DueRow).where(DueRow.kind == "follow_up_reminder", DueRow.done_at.is_(None))
    with reading(system) as work:
        assert work.session.scalars(waiting).one().case_id == case_id
    clock.advance(days=1)
    cases.sign(world, case_id, answer=cases.opinion(amends="correction", amends_why="Pas de suivi."))
    with reading(system) as work:
        assert work.session.scalars(waiting).all() == []
    let_pass(system, clock, days=90)
    assert times_told(system, case_id, "follow_up_due") == 0
