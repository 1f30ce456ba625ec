"""A patient who is to be seen again at a distance: the requester is told on the day, and not before."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select

from dermavis.domain.roles import Role
from dermavis.models import Case, DueRow, Notification
from dermavis.services import following
from dermavis.services.timers import run_due
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.clock import FakeClock
from tests.factories import World

IN_TWELVE_WEEKS = cases.opinion(follow_up=True, follow_up_weeks=12)


def _pass(system: System, clock: FakeClock, **duration: float) -> None:
    clock.advance(**duration)
    while run_due(system):
        pass


def _told(system: System, case_id: UUID, event: str) -> int:
    with reading(system) as work:
        lines = select(func.count()).where(Notification.case_id == case_id, Notification.event == event)
        return work.session.scalar(lines) or 0


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
    _pass(system, clock, days=83)
    assert _told(system, case_id, "follow_up_due") == 0
    assert _told(system, case_id, "aftermath_reminder") == 0, "nobody is reminded of what is not due"
    _pass(system, clock, days=1)
    assert _told(system, case_id, "follow_up_due") == 1
    _pass(system, clock, days=14)
    assert _told(system, case_id, "follow_up_due") == 2

    child_id = cases.sent(world)
    with writing(system) as work:
        child = work.session.get_one(Case, child_id)
        child.parent_id, child.parent_kind = case_id, "follow_up"
    _pass(system, clock, days=60)
    assert _told(system, case_id, "follow_up_due") == 2
    with reading(system) as work:
        assert work.session.get_one(Case, case_id).state == "closed"


def test_a_follow_up_that_is_not_sent_in_its_month_is_asked_after(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = _answered(world, system)
    _pass(system, clock, days=84 + 31)
    assert _told(system, case_id, "aftermath_reminder") == 1


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
    _pass(system, clock, days=90)
    assert _told(system, case_id, "follow_up_due") == 0
