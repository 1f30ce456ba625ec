"""Random lives of a case, by people who may and people who may not: the services keep to the lifecycle's tables."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from dermavis.domain.permissions import Permission
from dermavis.models import Case
from dermavis.services import claiming
from dermavis.services.access import find_case
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


def test_whatever_people_do_a_case_keeps_to_its_machines(world: World, clock: FakeClock) -> None:
    living = machine_of(world, clock)
    run_state_machine_as_test(living, settings=QUICK)
    assert {accepted for _, accepted in living.deeds} == {True, False}


def _do_what_may_be_done(living: type[Living]) -> None:
    """Every deed once by somebody who may: chance brings some of them only to those who may not."""
    for who in ("requester", "pooled_requester"):
        for upto, destination in [*((upto, "gp") for upto in range(6)), (5, "in_person")]:
            for first in range(MOST_RIGHTFUL):
                life = living()
                life.begins(who, upto, destination, first)
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
