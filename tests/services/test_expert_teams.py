"""Teams and their members; the roles that let somebody in; on both databases."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import select

from dermavis.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from dermavis.domain.roles import Role
from dermavis.models import Membership, Person, TeamMember
from dermavis.services.actors import actor_of
from dermavis.services.expert_teams import eligible_members, members_of, save_team, set_team_members
from dermavis.services.memberships import add_role, end_role
from dermavis.services.people_directory import find_people, read_person
from dermavis.services.work import System, reading, writing
from tests.clock import FakeClock
from tests.factories import World


def test_members_leave_and_join_at_once(system: System, world: World) -> None:
    assert world.team_id in world.actor(Role.EXPERT).facts.team_ids
    administrator = world.actor(Role.ADMINISTRATOR)
    with writing(system, administrator) as work:
        set_team_members(work, world.team_id, [world.who("other_expert").person_id])
    assert world.team_id not in world.actor(Role.EXPERT).facts.team_ids
    assert world.team_id in world.actor("other_expert").facts.team_ids
    with writing(system, administrator) as work:
        both = [world.who(name).person_id for name in (Role.EXPERT, "other_expert")]
        set_team_members(work, world.team_id, both)
        assert members_of(work, world.team_id) == set(both)
    assert world.team_id in world.actor(Role.EXPERT).facts.team_ids


def test_it_holds_at_once_just_after_midnight_too(system: System, world: World, clock: FakeClock) -> None:
    clock.advance(hours=13, minutes=30)  # half past midnight in Paris, still the day before in UTC
    with writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        set_team_members(work, world.team_id, [world.who(Role.JUNIOR).person_id])
        add_role(work, world.who(Role.CENTRE_SECRETARY).person_id, world.centre_id, Role.EXPERT)
    assert world.team_id not in world.actor(Role.EXPERT).facts.team_ids
    assert world.team_id in world.actor(Role.JUNIOR).facts.team_ids
    assert Role.EXPERT in world.actor(Role.CENTRE_SECRETARY).roles


def test_only_those_who_answer_or_prepare_there_are_members(system: System, world: World) -> None:
    with reading(system, world.actor(Role.ADMINISTRATOR)) as work:
        eligible = {person.id for person in eligible_members(work, world.centre_id)}
    assert world.who(Role.JUNIOR).person_id in eligible
    assert world.who(Role.CENTRE_SECRETARY).person_id not in eligible
    for name in ("stranger_expert", Role.CENTRE_SECRETARY):
        with pytest.raises(InvalidInput), writing(system, world.actor(Role.ADMINISTRATOR)) as work:
            set_team_members(work, world.team_id, [world.who(name).person_id])


def test_a_team_has_a_name_and_belongs_to_who_answers(system: System, world: World) -> None:
    administrator = world.actor(Role.ADMINISTRATOR)
    with pytest.raises(InvalidInput) as refused, writing(system, administrator) as work:
        save_team(work, world.centre_id, " ", "x", "12")
    assert set(refused.value.errors) == {"name", "email", "phone"}
    with pytest.raises(InvalidInput) as refused, writing(system, administrator) as work:
        save_team(work, world.site_id, "Dermatologie", "", "")
    assert set(refused.value.errors) == {"name"}
    with pytest.raises(NotFound), writing(system, administrator) as work:
        save_team(work, world.centre_id, "Dermatologie", "", "", world.other_team_id)
    with writing(system, administrator) as work:
        row = save_team(work, world.centre_id, "Plaies", "PLAIES@exemple.fr ", "03 85 00 00 12")
        assert (row.email, row.phone) == ("plaies@exemple.fr", "+33385000012")


def test_whoever_stops_answering_leaves_the_teams_of_that_place_only(system: System, world: World) -> None:
    expert = world.who(Role.EXPERT)
    administrator = world.actor(Role.ADMINISTRATOR)
    with writing(system, administrator) as work:
        add_role(work, expert.person_id, world.other_centre_id, Role.EXPERT)
        set_team_members(
            work, world.other_team_id, [expert.person_id, world.who("stranger_expert").person_id]
        )
        held = read_person(work, expert.person_id).listed.roles
        here = next(role for role in held if role.organization_id == world.centre_id)
        end_role(work, expert.person_id, here.membership_id)
    actor = world.actor(Role.EXPERT)
    assert actor.organization_id == world.other_centre_id
    assert actor.facts.team_ids == {world.other_team_id}
    with pytest.raises(Conflict), writing(system, administrator) as work:
        end_role(work, expert.person_id, here.membership_id)


def test_who_still_answers_in_another_role_stays_in_the_team(system: System, world: World) -> None:
    expert = world.who(Role.EXPERT)
    with writing(system, world.actor(Role.ADMINISTRATOR)) as work:
        row = add_role(work, expert.person_id, world.centre_id, Role.SUPER_USER)
        end_role(work, expert.person_id, row.id)
    assert world.team_id in world.actor(Role.EXPERT).facts.team_ids


def test_a_role_belongs_to_a_kind_of_place_and_is_held_once(system: System, world: World) -> None:
    expert = world.who(Role.EXPERT).person_id
    administrator = world.actor(Role.ADMINISTRATOR)
    with pytest.raises(InvalidInput), writing(system, administrator) as work:
        add_role(work, expert, world.site_id, Role.EXPERT)
    with pytest.raises(InvalidInput), writing(system, administrator) as work:
        add_role(work, expert, world.centre_id, Role.ADMINISTRATOR)
    with pytest.raises(Conflict), writing(system, administrator) as work:
        add_role(work, expert, world.centre_id, Role.EXPERT)
    with pytest.raises(NotFound), writing(system, administrator) as work:
        add_role(work, world.who("outsider").person_id, world.centre_id, Role.EXPERT)


def test_nobody_ends_their_own_administration(system: System, world: World) -> None:
    me = world.actor(Role.ADMINISTRATOR)
    with reading(system, me) as work:
        [role] = read_person(work, me.person_id).listed.roles
    with pytest.raises(Forbidden), writing(system, me) as work:
        end_role(work, me.person_id, role.membership_id)
    with writing(system, world.actor("other_administrator")) as work:
        end_role(work, me.person_id, role.membership_id)
    with reading(system) as work:
        assert actor_of(work.session, me.person_id, work.now) is None


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_only_an_administrator_arranges_people_and_teams(system: System, world: World, role: Role) -> None:
    person = world.who("other_expert").person_id
    with reading(system) as work:
        membership = work.session.scalars(select(Membership.id).where(Membership.person_id == person)).one()
        before = work.session.scalars(select(TeamMember.id)).all()
    with writing(system, world.actor(role)) as work:
        for step in (
            lambda: add_role(work, person, world.other_centre_id, Role.EXPERT),
            lambda: end_role(work, person, membership),
            lambda: save_team(work, world.centre_id, "X", "", ""),
            lambda: set_team_members(work, world.team_id, []),
            lambda: find_people(work),
            lambda: read_person(work, person),
        ):
            with pytest.raises(Forbidden):
                step()
    with reading(system) as work:
        assert set(work.session.scalars(select(TeamMember.id))) == set(before)


def test_the_directory_forgives_accents_and_takes_no_sign_for_everybody(system: System, world: World) -> None:
    with writing(system) as work:
        person = work.session.get_one(Person, world.who(Role.EXPERT).person_id)
        person.last_name, person.first_name = "Léglise-Œuf", "Anaïs"
    with reading(system, world.actor(Role.ADMINISTRATOR)) as work:
        for words in ("leglise", "OEUF anais", "léglise-œuf", "glise"):
            assert [row.name for row in find_people(work, words).people] == ["Dr Anaïs Léglise-Œuf"], words
        for words in ("%", "_", "%%", "l%glise", "legliseux"):
            assert find_people(work, words).total == 0, words
        everybody = find_people(work)
        assert everybody.total == len(world.people) - 1  # the outsider has no role in this network
        assert find_people(work, state="revoked").total == 0
        assert find_people(work, page=99).page == everybody.pages


def test_the_directory_goes_on_by_pages(system: System, world: World) -> None:
    with writing(system) as work:
        for number in range(60):
            person = Person(
                id=uuid4(),
                first_name="Noé",
                last_name=f"Zola{number:02}",
                email=f"z{number}@e.fr",
                created_at=work.now,
            )
            work.session.add(person)
            work.session.flush()
            work.session.add(
                Membership(
                    id=uuid4(),
                    person_id=person.id,
                    organization_id=world.site_id,
                    role="requester",
                    valid_from=work.now.date(),
                )
            )
    with reading(system, world.actor(Role.ADMINISTRATOR)) as work:
        first, second = find_people(work, "zola"), find_people(work, "zola", page=2)
        assert (len(first.people), len(second.people), first.pages, first.total) == (50, 10, 2, 60)
        assert second.people[-1].name == "Noé Zola59"
