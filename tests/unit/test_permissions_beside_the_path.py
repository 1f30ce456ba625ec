"""The permission map, told a second time, where a case leaves its usual path: an error, a second opinion, an alarm."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dermavis.domain.permission_facts import CaseFacts
from dermavis.domain.permission_map import IN_ERROR
from dermavis.domain.roles import Role
from tests.rights import (
    ASKER,
    ASKERS,
    CENTRE,
    COORDINATION,
    ELSEWHERE,
    EXPERT,
    HELD,
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

# A case entered in error: those who could read it before still do, and nothing is done with it any more.

HAD_IT = "case.read opinion.read"
IN_ERROR_SINCE_ANSWERED = {
    **{part: f"{HAD_IT} case.send_anew" for part in PARTS if part.startswith("who asked")},
    **dict.fromkeys((part for part in PARTS if part.startswith(("who holds", "of the team"))), HAD_IT),
    "a junior of the team": HAD_IT,
    "the secretary of the centre": HAD_IT,
    "the secretary of the site": "case.read",
    "the coordinator": "case.read",
}
IN_ERROR_SINCE_POOLED = {
    **{part: "case.read case.send_anew" for part in PARTS if part.startswith("who asked")},
    "the secretary of the site": "case.read",
    "the coordinator": "case.read",
}


def in_error(before: CaseFacts) -> CaseFacts:
    return replace(before, state="entered_in_error")


@pytest.mark.parametrize("part", PARTS)
def test_a_case_entered_in_error_stays_readable_to_those_who_had_it(part: str) -> None:
    role, person, place, _ = PARTS[part]
    somebody = actor(role, person, place)
    assert rights(somebody, in_error(case("answered"))) == set(IN_ERROR_SINCE_ANSWERED[part].split())
    assert rights(somebody, in_error(case("pooled"))) == set(IN_ERROR_SINCE_POOLED.get(part, "").split())
    assert rights(replace(somebody, organization_id=ELSEWHERE), in_error(case("answered"))) == set()


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("part", PARTS)
def test_nothing_is_done_any_more_with_a_case_entered_in_error(part: str, state: str) -> None:
    role, person, place, _ = PARTS[part]
    assert {"case.read", "opinion.read", "case.cancellation_read", "case.send_anew"} == IN_ERROR
    assert rights(actor(role, person, place), in_error(case(state))) <= IN_ERROR


@pytest.mark.parametrize("role", ASKERS)
def test_an_opinion_is_read_after_an_error_only_where_it_had_been_given_and_had_left(role: Role) -> None:
    asker = actor(role, ASKER, SITE)
    assert "opinion.read" in rights(asker, in_error(case("closed")))
    assert "opinion.read" not in rights(asker, in_error(case("claimed")))
    assert "opinion.read" not in rights(asker, in_error(case("answered", unsent=True)))
    assert rights(actor(role, OTHER, SITE), in_error(case("closed"))) == set()


def test_an_error_opens_no_case_by_name_to_the_rest_of_the_team() -> None:
    named = in_error(case("answered", expert_id=EXPERT))
    assert rights(actor(R.EXPERT, EXPERT, CENTRE), named) == set(HAD_IT.split())
    assert rights(actor(R.EXPERT, OTHER, CENTRE), named) == set()


@pytest.mark.parametrize("role", Role)
def test_whoever_is_told_of_an_error_reads_that_line_and_no_more(role: Role) -> None:
    somebody = actor(role, OTHER, ELSEWHERE)
    told = in_error(case("answered", error_told=frozenset({OTHER})))
    assert rights(somebody, told) == {"case.cancellation_read"}
    assert rights(somebody, replace(told, error_told=frozenset({EXPERT}))) == set()
    assert rights(somebody, replace(told, state="answered")) == set()
    assert rights(replace(somebody, network_id=ELSEWHERE), told) == set()


def test_an_error_is_marked_by_who_asked_or_who_answers_once_the_case_was_sent() -> None:
    may = {
        part for part in PARTS if "case.entered_in_error" in rights(actor(*PARTS[part][:3]), case("claimed"))
    }
    assert may == {part for part in PARTS if part.startswith(("who asked", "who holds", "of the team"))}
    asker = actor(R.REQUESTER, ASKER, SITE)
    assert "case.entered_in_error" in rights(asker, case("draft", numbered=True))
    assert "case.entered_in_error" not in rights(asker, case("draft"))


# A second opinion: EXPERT of CENTRE asks ELSEWHERE about a case of TEAM.

_ASKED = "case.read message.write case.entered_in_error"
_GIVEN = f"{_ASKED} opinion.read opinion.acknowledge case.close"
WHO_ASKED = {
    "submitted": f"{_ASKED} case.cancel case.redirect",
    "claimed": f"{_ASKED} case.cancel",
    "on_hold": f"{_ASKED} case.cancel",
    "answered": _GIVEN,
    "closed": _GIVEN,
    "declined": f"{_ASKED} case.cancel case.redirect",
    "cancelled": "case.read case.entered_in_error",
}
THEIR_TEAM = dict.fromkeys(WHO_ASKED, "case.read") | dict.fromkeys(("answered", "closed"), HAD_IT)


def second(state: str) -> CaseFacts:
    return case(
        state,
        site_id=CENTRE,
        requester_id=EXPERT,
        created_by=EXPERT,
        centre_id=ELSEWHERE,
        team_id=OTHER_TEAM,
        claimed_by=OTHER if state in SENT - {"submitted"} else None,
        pooled_by=None,
        second_opinion=True,
        asking_team=TEAM,
    )


@pytest.mark.parametrize("state", WHO_ASKED)
@pytest.mark.parametrize("role", SIGNERS)
def test_a_second_opinion_is_followed_by_who_asked_and_read_by_their_team(role: Role, state: str) -> None:
    who_asked, team = set(WHO_ASKED[state].split()), set(THEIR_TEAM[state].split())
    colleague = actor(role, OTHER, CENTRE)
    assert rights(actor(role, EXPERT, CENTRE), second(state)) == who_asked
    assert rights(replace(colleague, substitute_for=frozenset({EXPERT})), second(state)) == who_asked
    assert rights(colleague, second(state)) == team
    assert rights(actor(R.JUNIOR, OTHER, CENTRE), second(state)) == team
    assert rights(colleague, replace(second(state), requester_id=OTHER)) == who_asked, "the case was confided"


@pytest.mark.parametrize("state", WHO_ASKED)
def test_a_second_opinion_is_nothing_to_the_patients_doctor_nor_to_others_of_the_centre(state: str) -> None:
    other_team = actor(R.EXPERT, OTHER, CENTRE, team_ids=frozenset({OTHER_TEAM}))
    strangers = [
        *(actor(role, ASKER, SITE) for role in ASKERS),
        actor(R.SITE_SECRETARY, OTHER, SITE),
        actor(R.CENTRE_SECRETARY, OTHER, CENTRE),
        actor(R.COORDINATOR, OTHER, COORDINATION),
        actor(R.BILLING_CLERK, OTHER, CENTRE),
        other_team,
    ]
    assert rights(actor(R.EXPERT, OTHER, CENTRE), second(state)), "their team reads it"
    for stranger in strangers:
        assert rights(stranger, second(state)) == set()
    by_name = replace(second(state), asking_team=None)
    assert rights(actor(R.EXPERT, OTHER, CENTRE), by_name) == set()
    assert rights(actor(R.EXPERT, EXPERT, CENTRE), by_name) == set(WHO_ASKED[state].split())


def test_another_case_is_no_second_opinion_because_a_team_asked_for_one() -> None:
    first = replace(second("answered"), second_opinion=False)
    assert rights(actor(R.EXPERT, OTHER, CENTRE), first) == set()
    assert rights(actor(R.EXPERT, EXPERT, CENTRE), first) == set()


@pytest.mark.parametrize("role", SIGNERS)
def test_a_second_opinion_is_answered_like_any_case_and_goes_no_further(role: Role) -> None:
    there = actor(role, OTHER, ELSEWHERE, team_ids=frozenset({OTHER_TEAM}))
    assert rights(there, second("claimed")) == set(HELD.split()) - {"second_opinion.ask", "case.refer"}
    assert rights(there, second("submitted")) == set(ON_THE_TEAM["submitted"].split())
    assert rights(there, second("answered")) == set(ON_THE_TEAM["answered"].split())


def test_a_second_opinion_that_has_not_left_is_not_there_for_who_asked() -> None:
    leaving = replace(second("answered"), unsent=True)
    assert rights(actor(R.EXPERT, EXPERT, CENTRE), leaving) == set(_ASKED.split())
    assert rights(actor(R.EXPERT, OTHER, CENTRE), leaving) == {"case.read"}


def test_a_second_opinion_entered_in_error_stays_readable_to_who_asked_and_their_team() -> None:
    for person in (EXPERT, OTHER):
        somebody = actor(R.EXPERT, person, CENTRE)
        assert rights(somebody, in_error(second("answered"))) == set(HAD_IT.split())
        assert rights(somebody, in_error(replace(second("answered"), unsent=True))) == {"case.read"}
        assert rights(somebody, in_error(second("claimed"))) == {"case.read"}


# An opinion that stays unread, and a case under legal hold.


@pytest.mark.parametrize("role", SIGNERS)
def test_an_alarm_is_ended_by_the_team_or_by_who_was_on_call(role: Role) -> None:
    unread = case("answered", told_on=True)
    assert rights(actor(role, OTHER, CENTRE), unread) == {
        *ON_THE_TEAM["answered"].split(),
        "opinion.patient_reached",
    }
    by_name = replace(unread, expert_id=EXPERT, told=frozenset({OTHER}))
    on_call = actor(role, OTHER, CENTRE, team_ids=frozenset())
    assert rights(on_call, by_name) == {*ON_THE_TEAM["declined"].split(), "opinion.patient_reached"}
    assert rights(on_call, replace(by_name, told_on=False)) == set(ON_THE_TEAM["declined"].split())
    assert rights(on_call, replace(by_name, told=frozenset())) == set()
    assert rights(replace(on_call, organization_id=ELSEWHERE), by_name) == set()


@pytest.mark.parametrize(
    "part", [part for part in PARTS if not part.startswith(("who holds", "of the team"))]
)
def test_an_alarm_gives_nobody_else_more_than_they_had(part: str) -> None:
    somebody = actor(*PARTS[part][:3])
    assert rights(somebody, case("answered", told_on=True)) == rights(somebody, case("answered"))


def test_that_a_case_is_held_for_justice_is_known_to_its_doctors_alone() -> None:
    know = {part for part in PARTS if "case.hold_read" in rights(actor(*PARTS[part][:3]), case("closed"))}
    assert know == {part for part in PARTS if part.startswith(("who asked", "who holds", "of the team"))}


# A copy of the opinion, for the patient's treating doctor: OTHER, who practises ELSEWHERE.


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("role", ASKERS)
def test_a_treating_doctor_reads_the_opinion_that_was_sent_to_them_and_nothing_else(
    role: Role, state: str
) -> None:
    doctor = actor(role, OTHER, ELSEWHERE)
    given = case(state, treating=frozenset({OTHER}))
    there = {"opinion.read", "copy.acknowledge"} if state in {"answered", "closed"} else set()
    assert rights(doctor, given) == there
    assert rights(doctor, replace(given, treating=frozenset({ASKER}))) == set()
    assert rights(replace(doctor, network_id=ELSEWHERE), given) == set()
    stand_in = replace(doctor, person_id=EXPERT, substitute_for=frozenset({OTHER}))
    assert rights(stand_in, given) == there
    assert rights(replace(stand_in, substitute_for=frozenset()), given) == set()


@pytest.mark.parametrize("role", sorted(set(Role) - set(ASKERS)))
def test_a_copy_is_read_in_the_role_of_a_doctor_who_asks(role: Role) -> None:
    assert rights(actor(role, OTHER, ELSEWHERE), case("answered", treating=frozenset({OTHER}))) == set()


def test_a_copy_is_nobodys_while_the_signature_may_be_taken_back_and_stays_readable_in_error() -> None:
    doctor = actor(R.REQUESTER, OTHER, ELSEWHERE)
    given = case("answered", treating=frozenset({OTHER}))
    assert rights(doctor, replace(given, unsent=True)) == set()
    assert rights(doctor, in_error(given)) == {"opinion.read"}
    assert rights(doctor, in_error(replace(given, error_told=frozenset({OTHER})))) == {
        "opinion.read",
        "case.cancellation_read",
    }


def test_who_asked_and_treats_the_patient_too_confirms_for_both() -> None:
    asker = actor(R.REQUESTER, ASKER, SITE)
    mine = rights(asker, case("answered", treating=frozenset({ASKER})))
    assert mine == set(OWN_REQUEST["answered"].split()) | {"copy.acknowledge"}
