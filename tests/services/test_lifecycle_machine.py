"""Random lives of a case, by people who may and people who may not: the services keep to the lifecycle's tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy.exc import IntegrityError

from dermavis.domain.permissions import Permission
from dermavis.models import Addressing, Case, Delivery, Opinion
from dermavis.services import claiming, referrals, taking_back, treating_copies
from dermavis.services.access import find_case
from dermavis.services.addressing import address_to_team
from dermavis.services.deliveries import deliver
from dermavis.services.notices import announce
from dermavis.services.work import Work
from tests.clock import FakeClock
from tests.factories import World
from tests.lifecycle.living import MOST_RIGHTFUL, Living, machine_of

QUICK = settings(
    max_examples=5,
    stateful_step_count=10,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
LONG = settings(QUICK, max_examples=200, stateful_step_count=25, derandomize=False)
SEARCH = settings(QUICK, max_examples=60, phases=[Phase.generate], report_multiple_bugs=False)


@pytest.mark.postgres
def test_whatever_people_do_a_case_keeps_to_its_machines(world: World, clock: FakeClock) -> None:
    living = machine_of(world, clock)
    run_state_machine_as_test(living, settings=QUICK)
    assert {accepted for _, accepted in living.deeds} == {True, False}


def _lives(life: Living, *steps: Callable[[], object]) -> None:
    """One step after the other, and what must always hold after each."""
    for step in steps:
        step()
        life.a_second_passes()
        life.the_case_is_whole()
        life.the_case_is_where_the_model_says()
        life.what_began_elsewhere_is_whole_and_where_the_model_says()
        life.only_who_may_reads_it()


def _goes_further(life: Living) -> None:
    """An opinion that refers up, with a copy: taken back, signed anew, corrected, its second case declined."""
    refers_on_hold, writes = 5, 0
    life.begins("requester", refers_on_hold, "gp", writes, "stranger")
    _lives(
        life,
        lambda: life.signs("@holder", "emergency", True),
        lambda: life.opens_copy("stranger"),
        lambda: life.takes_back("@holder"),
        lambda: life.time_passes({"hours": 5}),
        lambda: life.claims("expert"),
        lambda: life.signs("@holder", "emergency", True),
        lambda: life.time_passes({"seconds": 21}),
        lambda: life.opens_copy("stranger"),
        lambda: life.signs("@holder", "gp", True),
        lambda: life.acknowledges_copy("stranger"),
        lambda: life.takes_back("@holder"),
        lambda: life.second_claims("stranger_expert"),
        lambda: life.signs("@holder", "gp", True),
        lambda: life.time_passes({"seconds": 21}),
        lambda: life.second_declines("stranger_expert"),
        lambda: life.second_cancels("@asker"),
        lambda: life.opens_copy("stranger"),
    )


@pytest.mark.postgres
def test_an_opinion_that_goes_further_keeps_to_the_model_taken_back_corrected_and_declined(
    world: World, clock: FakeClock
) -> None:
    living = machine_of(world, clock)
    life = living()
    _goes_further(life)
    life.teardown()
    accepted = {deed for deed, accepted in living.deeds if accepted}
    further = {"refer", "second_claim", "second_decline", "second_cancel", "open_copy", "acknowledge_copy"}
    assert further <= accepted
    assert life.model.second is not None
    assert [row.copy and row.copy.state for row in life.model.versions] == ["acknowledged", "acknowledged"]


def _given_at_once(work: Work, row: Opinion, *whom: Any) -> Delivery:
    return deliver(work, row, *whom, at=work.now)


def _given_twice(work: Work, row: Opinion, *whom: Any) -> Delivery:
    deliver(work, row, *whom)
    return deliver(work, row, *whom)


def _told_at_once(work: Work, event: str, case: Case, people: Any, **_later: Any) -> list[UUID]:
    return announce(work, event, case, people)


def _asked_by_the_expert(work: Work, case: Case, team_id: UUID, why: str) -> Addressing:
    case.requester_id = case.created_by
    return address_to_team(work, case, team_id, why)


def _not_brought(*_given: object) -> None:
    """The centre that answers next reads nothing of the first opinion."""


FAULTS_FURTHER: dict[str, tuple[object, str, object]] = {
    "a copy is given before the opinion leaves": (treating_copies, "deliver", _given_at_once),
    "a copy is given twice": (treating_copies, "deliver", _given_twice),
    "its reader is told before it leaves": (treating_copies, "announce", _told_at_once),
    "the second case is its expert's": (referrals, "address_to_team", _asked_by_the_expert),
    "the second centre does not read the opinion": (referrals, "_bring_opinion", _not_brought),
    "a signature taken back leaves its deliveries": (taking_back, "_withdraw_deliveries", _not_brought),
    "who referred is not told of a decline": (claiming, "tell_referring", _not_brought),
}


@pytest.mark.parametrize("fault", FAULTS_FURTHER)
def test_a_service_that_lets_an_opinion_go_further_wrongly_is_found(
    world: World, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr(*FAULTS_FURTHER[fault])
    with pytest.raises((AssertionError, IntegrityError)):
        _goes_further(machine_of(world, clock)())


def _do_what_may_be_done(living: type[Living]) -> None:
    """Every deed once by somebody who may: chance brings some of them only to those who may not."""
    for who in ("requester", "pooled_requester"):
        for upto, destination in [*((upto, "gp") for upto in range(7)), (6, "in_person")]:
            for first in range(MOST_RIGHTFUL):
                life = living()
                life.begins(who, upto, destination, first, "other_requester" if first % 2 else "stranger")
                life.the_case_is_where_the_model_says()
                life.teardown()


@pytest.mark.long
def test_whatever_people_do_for_thousands_of_steps_a_case_keeps_to_its_machines(
    world: World, clock: FakeClock
) -> None:
    living = machine_of(world, clock)
    _do_what_may_be_done(living)
    run_state_machine_as_test(living, settings=LONG)
    done = {deed for deed, accepted in living.deeds if accepted}
    tried = {deed for deed, _ in living.deeds}
    print(f"{len(living.deeds)} deeds, {sum(accepted for _, accepted in living.deeds)} of them accepted")
    assert len(living.deeds) > 2000
    assert done == tried, "each deed was accepted at least once"


def _without_a_step(work: Work, case_id: UUID) -> Case:
    case = find_case(work, case_id, Permission.CASE_CLAIM, lock=True)
    case.state, case.claimed_by = "claimed", work.acting.person_id
    return case


def _by_whoever_comes(work: Work, case_id: UUID) -> Case:
    case = find_case(work, case_id, Permission.CASE_CLAIM, lock=True)
    case.claimed_by = work.acting.person_id
    work.audit("case.claim", case_id=case_id)
    return case


@pytest.mark.parametrize("fault", [_without_a_step, _by_whoever_comes])
def test_a_service_that_forgets_the_lifecycle_is_found(
    world: World, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, fault: Callable[[Work, UUID], Case]
) -> None:
    monkeypatch.setattr(claiming, "claim", fault)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(machine_of(world, clock), settings=SEARCH)
