"""The permission map, told a second time: each part at each stage (``tests.rights``), and what makes a stranger."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dermavis.domain.permission_facts import ActorFacts, CaseFacts
from dermavis.domain.permission_grounds import Predicate, both, either, in_states
from dermavis.domain.permission_map import CASE_RULES, ORGANIZATION_RULES, allowed
from dermavis.domain.permissions import Permission
from dermavis.domain.roles import Role
from tests.rights import (
    ASKER,
    ASKERS,
    CENTRE,
    COORDINATION,
    ELSEWHERE,
    EXPERT,
    ON_THE_TEAM,
    OTHER,
    OTHER_TEAM,
    OWN_REQUEST,
    PARTS,
    SENT,
    SIGNERS,
    SITE,
    STATES,
    TEAM,
    actor,
    case,
    rights,
)

R = Role

ORGANIZATION = {
    "case.create": {*ASKERS, R.SITE_SECRETARY},
    "patient.search": {*ASKERS, R.SITE_SECRETARY},
    "doctor.search": {*ASKERS, R.SITE_SECRETARY},
    "patient.merge_propose": {*ASKERS, R.SITE_SECRETARY},
    "patient.merge_confirm": {*ASKERS, R.SITE_SECRETARY},
    "patient.merge_undo": set(ASKERS),
    "requests.list": {*ASKERS, R.SITE_SECRETARY},
    "worklist.list": {*SIGNERS, R.JUNIOR},
    "pool.list": {R.COORDINATOR},
    "people.manage": {R.ADMINISTRATOR},
    "organizations.manage": {R.ADMINISTRATOR},
    "teams.manage": {R.ADMINISTRATOR},
    "charters.manage": {R.ADMINISTRATOR, R.SUPER_USER},
    "audit.read": {R.ADMINISTRATOR, R.DATA_PROTECTION_OFFICER},
    "factor.reset": {R.ADMINISTRATOR},
    "case.erase": {R.ADMINISTRATOR},
    "service.read": {R.ADMINISTRATOR, R.SUPPORT},
    "service.repair": {R.ADMINISTRATOR},
    "retention.read": {R.ADMINISTRATOR, R.DATA_PROTECTION_OFFICER},
    "legal_hold": {R.ADMINISTRATOR},
    "demands.register": {*ASKERS, R.SITE_SECRETARY, R.ADMINISTRATOR, R.DATA_PROTECTION_OFFICER},
    "demands.read_all": {R.ADMINISTRATOR, R.DATA_PROTECTION_OFFICER},
    "demands.decide": {R.ADMINISTRATOR, R.DATA_PROTECTION_OFFICER},
    "access.hand_over": {*ASKERS, R.ADMINISTRATOR, R.DATA_PROTECTION_OFFICER},
    "cards.print": {*ASKERS, R.SUPER_USER},
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("part", PARTS)
def test_each_part_may_do_at_each_stage_what_is_written_and_nothing_else(part: str, state: str) -> None:
    role, person, place, expected = PARTS[part]
    assert rights(actor(role, person, place), case(state)) == set(expected.get(state, "").split())


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("role", sorted(set(Role) - {role for role, *_ in PARTS.values()}))
def test_no_other_role_may_do_anything_with_a_case(role: Role, state: str) -> None:
    for person in (ASKER, EXPERT, OTHER):
        for place in (SITE, CENTRE, COORDINATION):
            assert rights(actor(role, person, place), case(state)) == set()


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("state", STATES)
def test_the_same_person_in_another_place_or_another_network_is_a_stranger(part: str, state: str) -> None:
    role, person, place, _ = PARTS[part]
    assert rights(actor(role, person, ELSEWHERE), case(state)) == set()
    assert rights(actor(role, person, place, network_id=ELSEWHERE), case(state)) == set()
    assert rights(actor(role, person, place, roles=frozenset()), case(state)) == set()


@pytest.mark.parametrize("role", Role)
def test_what_needs_no_case_hangs_on_the_role_alone(role: Role) -> None:
    mine = {name for name in ORGANIZATION_RULES if allowed(actor(role, OTHER, SITE), name)}
    assert mine == {name for name, roles in ORGANIZATION.items() if role in roles}


def test_every_permission_is_in_one_map_and_an_unknown_one_is_denied() -> None:
    assert set(ORGANIZATION_RULES) | set(CASE_RULES) == set(Permission)
    assert not set(ORGANIZATION_RULES) & set(CASE_RULES)
    holder = actor(R.EXPERT, EXPERT, CENTRE)
    assert allowed(holder, "opinion.sign", case("claimed"))
    assert not allowed(holder, "opinion.forge", case("claimed"))
    assert not allowed(holder, "opinion.sign")


@pytest.mark.parametrize("state", STATES)
def test_a_colleague_of_the_site_sees_nothing_unless_they_began_it_or_stand_in(state: str) -> None:
    colleague = actor(R.REQUESTER, OTHER, SITE)
    expected = set(OWN_REQUEST[state].split())
    assert rights(colleague, case(state)) == set()
    assert rights(colleague, case(state, created_by=OTHER)) == expected
    assert rights(replace(colleague, substitute_for=frozenset({ASKER})), case(state)) == expected
    assert rights(replace(colleague, substitute_for=frozenset({EXPERT})), case(state)) == set()


@pytest.mark.parametrize("role", ASKERS)
def test_a_prepared_draft_is_open_to_whoever_asks_for_the_site_and_to_nobody_once_it_is_sent(
    role: Role,
) -> None:
    colleague = actor(role, OTHER, SITE)
    assert rights(colleague, case("draft", prepared=True)) == {"draft.edit", "case.send", "case.read"}
    assert rights(colleague, case("submitted", prepared=True)) == set()
    assert rights(actor(role, OTHER, ELSEWHERE), case("draft", prepared=True)) == set()


def test_a_draft_that_was_sent_once_can_be_cancelled_by_who_asked() -> None:
    asker = actor(R.REQUESTER, ASKER, SITE)
    assert "case.cancel" not in rights(asker, case("draft"))
    assert "case.cancel" in rights(asker, case("draft", numbered=True))
    assert "case.cancel" not in rights(actor(R.REQUESTER, OTHER, SITE), case("draft", numbered=True))


def test_an_opinion_that_has_not_left_is_there_for_the_centre_only() -> None:
    asker, secretary = actor(R.REQUESTER, ASKER, SITE), actor(R.CENTRE_SECRETARY, OTHER, CENTRE)
    leaving = case("answered", unsent=True)
    opinions = {"opinion.read", "opinion.acknowledge", "aftermath.write", "case.close", "appointment.write"}
    assert rights(asker, leaving) == set(OWN_REQUEST["answered"].split()) - opinions
    assert opinions <= rights(asker, case("answered"))
    assert "appointment.write" not in rights(secretary, leaving)
    assert "opinion.read" in rights(secretary, leaving)
    assert rights(actor(R.EXPERT, EXPERT, CENTRE), leaving) == set(ON_THE_TEAM["answered"].split())


@pytest.mark.parametrize("state", sorted(SENT))
def test_a_request_by_name_is_its_experts_and_of_those_who_held_it(state: str) -> None:
    named = case(state, expert_id=OTHER, claimed_by=None)
    to_named = set(ON_THE_TEAM[state].split())
    assert rights(actor(R.EXPERT, OTHER, CENTRE, team_ids=frozenset({TEAM})), named) == to_named
    assert rights(actor(R.EXPERT, EXPERT, CENTRE), named) == set()
    assert rights(actor(R.JUNIOR, EXPERT, CENTRE), named) == set()
    once = replace(named, former_experts=frozenset({EXPERT}))
    assert "case.read" in rights(actor(R.EXPERT, EXPERT, CENTRE), once)


@pytest.mark.parametrize("state", sorted(SENT))
def test_another_team_of_the_centre_sees_nothing(state: str) -> None:
    other_team = actor(R.EXPERT, OTHER, CENTRE, team_ids=frozenset({OTHER_TEAM}))
    assert rights(other_team, case(state)) == set()
    assert rights(actor(R.EXPERT, OTHER, CENTRE), case(state, team_id=None)) == set()


def test_who_answered_corrects_without_a_team_and_a_named_colleague_only_with_one() -> None:
    alone = actor(R.EXPERT, EXPERT, CENTRE, team_ids=frozenset())
    assert "opinion.correct" in rights(alone, case("answered"))
    read_only = case("answered", claimed_by=OTHER, former_experts=frozenset({EXPERT}))
    assert "opinion.correct" not in rights(alone, read_only)
    assert "opinion.correct" in rights(replace(alone, team_ids=frozenset({TEAM})), read_only)


def test_who_held_a_case_for_another_centre_holds_nothing_here() -> None:
    moved = case("claimed", centre_id=ELSEWHERE)
    assert rights(actor(R.EXPERT, EXPERT, CENTRE), moved) == set()
    assert "case.release" in rights(actor(R.EXPERT, EXPERT, ELSEWHERE), moved)


def test_a_request_that_went_through_no_coordination_is_no_coordinators() -> None:
    coordinator = actor(R.COORDINATOR, OTHER, COORDINATION)
    assert rights(coordinator, case("submitted", pooled_by=None)) == set()
    assert rights(coordinator, case("pooled", pooled_by=ELSEWHERE)) == set()


def test_several_roles_give_what_each_of_them_gives() -> None:
    both = actor(R.EXPERT, EXPERT, CENTRE, roles=frozenset({R.BILLING_CLERK, R.CENTRE_SECRETARY, R.EXPERT}))
    assert {"opinion.sign", "admin_note.write"} <= rights(both, case("claimed"))


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("second", [True, False])
def test_rules_are_joined_by_and_by_or_and_by_state(first: bool, second: bool) -> None:
    asked = (actor(R.EXPERT, EXPERT, CENTRE), case("claimed"))
    one, other = _says(first, asked), _says(second, asked)
    assert both(one, other)(*asked) is (first and second)
    assert either(one, other)(*asked) is (first or second)
    assert in_states("claimed", "on_hold")(*asked)
    assert not in_states("submitted", "on_hold")(*asked)


def _says(answer: bool, asked: tuple[ActorFacts, CaseFacts]) -> Predicate:
    """A rule that answers only what it is asked."""

    def rule(who: ActorFacts, what: CaseFacts) -> bool:
        assert (who, what) == asked
        return answer

    return rule
