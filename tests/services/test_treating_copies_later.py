"""What becomes of the treating doctor's copy: later versions, a signature taken back, an error, an erasure."""

from __future__ import annotations

import pytest

from dermavis.domain.amendments import TAKE_BACK_FOR
from dermavis.domain.errors import Conflict, Erased, NotFound
from dermavis.domain.roles import Role
from dermavis.services import taking_back
from dermavis.services.received_opinions import received_counts
from dermavis.services.treating_copies import acknowledge_copy, open_copy
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.clock import FakeClock
from tests.erasing import erased
from tests.factories import World
from tests.treating import DOCTOR, copies, news, received, treated_by, view_of_copy

pytestmark = pytest.mark.postgres


def test_a_later_version_is_given_and_told_again(system: System, world: World, clock: FakeClock) -> None:
    case_id = cases.answered(world, patient=treated_by(world))
    first = view_of_copy(world, case_id).opinion.id
    clock.advance(minutes=1)
    cases.amended(world, case_id)
    assert sorted(row.state for row in copies(system, case_id)) == ["replaced", "sent"]
    assert received(world) == [case_id]
    assert sorted(news(world)) == ["opinion_copy", "opinion_corrected"]
    with pytest.raises(Conflict), writing(system, world.actor(DOCTOR)) as work:
        acknowledge_copy(work, case_id, first)
    view = view_of_copy(world, case_id)
    assert (view.opinion.report["version"], len(view.versions)) == (2, 2)
    clock.advance(minutes=1)
    cases.amended(world, case_id, kind="complement")
    assert sorted(news(world)) == ["opinion_completed", "opinion_copy", "opinion_corrected"]


def test_a_signature_taken_back_tells_nobody(system: System, world: World, clock: FakeClock) -> None:
    case_id = cases.just_signed(world, patient=treated_by(world))
    assert len(copies(system, case_id)) == 1
    with writing(system, world.actor(Role.EXPERT)) as work:
        taking_back.take_back(work, case_id, 1)
    clock.advance(minutes=1)
    assert (copies(system, case_id), news(world), received(world)) == ([], [], [])


def test_a_correction_taken_back_leaves_the_copy_where_its_reader_had_brought_it(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.answered(world, patient=treated_by(world))
    clock.advance(minutes=5)
    cases.sign_now(world, case_id, answer=cases.opinion(amends="correction", amends_why="Dose."))
    assert view_of_copy(world, case_id).opinion.report["version"] == 1, "the version that has left"
    with writing(system, world.actor(DOCTOR)) as work:
        open_copy(work, case_id)
    with writing(system, world.actor(Role.EXPERT)) as work:
        taking_back.take_back(work, case_id, 2)
    clock.advance(seconds=TAKE_BACK_FOR.total_seconds())
    (copy,) = copies(system, case_id)
    assert (copy.state, copy.acknowledged_by) == ("acknowledged", world.who(DOCTOR).person_id)
    assert news(world) == ["opinion_copy"]


def test_an_error_is_told_to_them_and_what_they_had_bears_its_mark(system: System, world: World) -> None:
    case_id = cases.answered(world, patient=treated_by(world))
    cases.in_error(world, case_id)
    assert "entered_in_error" in news(world)
    assert received(world) == []
    assert view_of_copy(world, case_id).error is not None
    with pytest.raises(NotFound), writing(system, world.actor(DOCTOR)) as work:
        acknowledge_copy(work, case_id)


def test_erasing_takes_it_away(system: System, world: World) -> None:
    case_id = cases.closed(world, patient=treated_by(world))
    assert received(world) == [case_id]
    erased(world)
    assert received(world) == []
    with reading(system, world.actor(DOCTOR)) as work:
        assert received_counts(work) == (False, 0)
    with pytest.raises(Erased):
        view_of_copy(world, case_id)
