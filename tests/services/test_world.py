"""The fixtures that all other tests stand on."""

from __future__ import annotations

import pytest

from dermavis.domain.permission_map import allowed
from dermavis.domain.permissions import Permission
from dermavis.domain.roles import Role
from dermavis.services.sessions import find_session
from dermavis.services.work import System
from tests.clock import FakeClock
from tests.factories import World
from tests.signing_in import new_session

pytestmark = pytest.mark.postgres


def test_every_role_has_a_person_who_holds_it_and_no_other(world: World) -> None:
    for role in Role:
        assert world.actor(role).roles == {role}


def test_those_who_answer_belong_to_the_team_of_their_centre(world: World) -> None:
    for name in (Role.EXPERT, Role.JUNIOR, Role.SUPER_USER, "other_expert"):
        assert world.actor(name).facts.team_ids == {world.team_id}
    assert world.actor("stranger_expert").facts.team_ids == {world.other_team_id}


def test_the_substitute_stands_in_for_the_colleague_who_is_away(world: World) -> None:
    away = world.who("other_requester").person_id
    assert world.actor(Role.SUBSTITUTE).facts.substitute_for == {away}


def test_a_stranger_may_ask_and_see_nothing_of_the_site(world: World) -> None:
    stranger = world.actor("stranger")
    assert allowed(stranger.facts, Permission.CASE_CREATE)
    assert stranger.organization_id != world.actor(Role.REQUESTER).organization_id


def test_a_session_opened_for_a_test_is_a_full_one(system: System, world: World) -> None:
    found = find_session(system, new_session(system, world.who(Role.EXPERT)))

    assert found is not None
    assert found.actor is not None
    assert found.actor.organization_id == world.centre_id


def test_a_session_without_an_enrolled_device_ends_after_an_idle_hour(
    system: System, world: World, clock: FakeClock
) -> None:
    token = new_session(system, world.who(Role.EXPERT))
    assert find_session(system, token) is not None

    clock.advance(hours=1)

    assert find_session(system, token) is None
