"""To whom a site sends by default, and which coordination reads its requests first; on both databases."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from dermavis.domain.errors import Forbidden, InvalidInput, NotFound
from dermavis.domain.requests import RequestContent
from dermavis.domain.roles import Role
from dermavis.models import AccessRequest, Case, Organization, PoolingMember, Team
from dermavis.services.offers import offers
from dermavis.services.site_habits import (
    coordination_of,
    default_target,
    set_coordination,
    set_default_target,
)
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.factories import World


def _state(system: System, world: World) -> str:
    case_id = cases.sent(world)
    with reading(system) as work:
        return work.session.get_one(Case, case_id).state


def test_a_sites_requests_go_at_once_to_the_team_just_chosen(system: System, world: World) -> None:
    administrator = world.actor(Role.ADMINISTRATOR)
    with writing(system, administrator) as work:
        set_default_target(work, world.site_id, world.other_team_id)
        assert default_target(work, world.site_id) == world.other_team_id
    with reading(system, world.actor(Role.REQUESTER)) as work:
        found = offers(work, RequestContent.model_validate(cases.content()))
        assert found.chosen is not None
        assert found.chosen.team_id == world.other_team_id
    with writing(system, administrator) as work:
        set_default_target(work, world.site_id, None)
        assert default_target(work, world.site_id) is None


def test_former_habits_keep_the_day_they_ended(system: System, world: World) -> None:
    administrator = world.actor(Role.ADMINISTRATOR)
    with writing(system, administrator) as work:
        set_default_target(work, world.site_id, world.other_team_id)
    with writing(system) as work:
        first = work.session.scalars(
            select(AccessRequest).where(
                AccessRequest.site_id == world.site_id, AccessRequest.state == "ended"
            )
        ).one()
        first.valid_to = work.now.date() - timedelta(days=40)
        first_id = first.id
    with writing(system, administrator) as work:
        set_default_target(work, world.site_id, world.team_id)
        kept = work.session.get_one(AccessRequest, first_id)
        assert kept.valid_to == work.now.date() - timedelta(days=40)


def test_a_coordination_reads_a_sites_requests_from_now_on_and_no_longer(
    system: System, world: World
) -> None:
    administrator = world.actor(Role.ADMINISTRATOR)
    assert _state(system, world) == "submitted"
    with writing(system, administrator) as work:
        set_coordination(work, world.site_id, world.cpts_id)
        assert coordination_of(work, world.site_id) == world.cpts_id
    assert _state(system, world) == "pooled"
    with writing(system, administrator) as work:
        set_coordination(work, world.site_id, world.cpts_id)  # the same again changes nothing
        rows = work.session.scalars(select(PoolingMember).where(PoolingMember.site_id == world.site_id)).all()
        assert len(rows) == 1
        set_coordination(work, world.site_id, None)
        assert coordination_of(work, world.site_id) is None
    assert _state(system, world) == "submitted"


def test_a_single_persons_coordination_is_left_alone(system: System, world: World) -> None:
    one = uuid4()
    with writing(system) as work:
        work.session.add(
            PoolingMember(
                id=one,
                coordination_id=world.cpts_id,
                site_id=world.site_id,
                person_id=world.who("other_requester").person_id,
                valid_from=work.now.date(),
            )
        )
    with writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        assert coordination_of(work, world.site_id) is None
        set_coordination(work, world.site_id, None)
        assert work.session.get_one(PoolingMember, one).valid_to is None


def test_what_is_closed_or_of_the_wrong_kind_is_refused(system: System, world: World) -> None:
    administrator = world.actor(Role.ADMINISTRATOR)
    with pytest.raises(InvalidInput), writing(system, administrator) as work:
        set_coordination(work, world.site_id, world.centre_id)
    with pytest.raises(NotFound), writing(system, administrator) as work:
        set_default_target(work, world.centre_id, world.team_id)
    with pytest.raises(InvalidInput), writing(system, administrator) as work:
        set_default_target(work, world.site_id, uuid4())
    with writing(system) as work:
        work.session.get_one(Team, world.other_team_id).closed_at = work.now
        work.session.get_one(Organization, world.cpts_id).closed_at = work.now
    with pytest.raises(InvalidInput), writing(system, administrator) as work:
        set_default_target(work, world.site_id, world.other_team_id)
    with pytest.raises(InvalidInput), writing(system, administrator) as work:
        set_coordination(work, world.site_id, world.cpts_id)
    with reading(system) as work:
        assert default_target(work, world.site_id) == world.team_id


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_only_an_administrator_changes_habits(system: System, world: World, role: Role) -> None:
    with writing(system, world.actor(role)) as work:
        with pytest.raises(Forbidden):
            set_default_target(work, world.site_id, None)
        with pytest.raises(Forbidden):
            set_coordination(work, world.site_id, None)
