"""A request to somebody by name: who stands in takes it, and one that nobody takes is its team's."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.models import Case, Notification, Person
from dermavis.services import claiming
from dermavis.services.revocations import revoke_person
from dermavis.services.timers import run_due
from dermavis.services.work import System, reading, writing
from dermavis.services.worklist import worklist
from tests import cases
from tests.clock import FakeClock
from tests.factories import World

pytestmark = pytest.mark.postgres


def _to_expert(world: World, **changes: object) -> UUID:
    person = str(world.who(Role.EXPERT).person_id)
    return cases.sent(
        world, addressing={"mode": "named", "team": str(world.team_id), "person": person}, **changes
    )


def _told(system: System, event: str) -> set[UUID]:
    with reading(system) as work:
        return set(work.session.scalars(select(Notification.person_id).where(Notification.event == event)))


def test_who_stands_in_for_an_absent_expert_finds_and_takes_what_was_sent_to_them(
    system: System, world: World
) -> None:
    case_id, stand_in = _to_expert(world), world.actor("other_expert")
    with reading(system, stand_in) as work:
        assert worklist(work, "queue").rows == []
    with writing(system) as work:
        away = work.session.get_one(Person, world.who(Role.EXPERT).person_id)
        away.substitute_id, away.absent_from = stand_in.person_id, work.now - timedelta(hours=1)
    stand_in = world.actor("other_expert")
    with writing(system, stand_in) as work:
        assert [row.id for row in worklist(work, "queue").rows] == [case_id]
        claiming.claim(work, case_id)


def test_a_request_that_its_expert_does_not_take_is_the_whole_team_s_once_it_is_late(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id, colleague = _to_expert(world, urgency="urgent"), world.who("other_expert").person_id
    clock.advance(hours=7)
    while run_due(system):
        pass
    assert _told(system, "opened_to_team") == set()
    clock.advance(hours=1)
    while run_due(system):
        pass
    assert _told(system, "opened_to_team") == {world.who(Role.REQUESTER).person_id}
    assert {colleague, world.who(Role.CENTRE_SECRETARY).person_id} <= _told(system, "late_urgent")
    with writing(system, world.actor("other_expert")) as work:
        assert claiming.claim(work, case_id).claimed_by == colleague


def test_a_request_to_somebody_who_has_left_is_the_team_s_at_the_first_reminder(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = _to_expert(world)
    with writing(system) as work:
        revoke_person(work, world.who(Role.EXPERT).person_id)
    clock.advance(hours=24)
    while run_due(system):
        pass
    with reading(system) as work:
        assert work.session.get_one(Case, case_id).expert_id is None
    assert world.who("other_expert").person_id in _told(system, "submitted")
