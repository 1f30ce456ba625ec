"""A correction for twenty seconds: taken back, it leaves the version before as it was."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from dermavis.domain.errors import Conflict
from dermavis.domain.roles import Role
from dermavis.models import AuditEvent, Opinion
from dermavis.services import appointments
from dermavis.services.taking_back import take_back
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.clock import FakeClock
from tests.factories import World
from tests.seen import requester_sees
from tests.signing_now import sign_now, stands, taken_back


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("became", "then"),
    [
        pytest.param("to_plan", "gp", marks=pytest.mark.long),
        ("planned", "gp"),
        ("planned", "in_person"),
        ("missed", "gp"),
        ("done", "in_person"),
        pytest.param("not_needed", "in_person", marks=pytest.mark.long),
        pytest.param("to_plan", "in_person", marks=pytest.mark.long),
        pytest.param("missed", "in_person", marks=pytest.mark.long),
        pytest.param("planned", "surgery", marks=pytest.mark.long),
        pytest.param("done", "gp", marks=pytest.mark.long),
    ],
)
def test_a_correction_taken_back_leaves_the_version_before_as_it_was(
    system: System, world: World, clock: FakeClock, became: str, then: str
) -> None:
    case_id = cases.answered(world, answer=cases.opinion(destination="surgery"))
    with writing(system, world.actor(Role.REQUESTER)) as work:
        if became in {"planned", "missed"}:
            appointments.plan(work, case_id, "2026-03-20", "14:00")
        if became in {"missed", "done", "not_needed"}:
            appointments.tell(work, case_id, became)
    clock.advance(hours=1)
    before = stands(system, case_id)
    amended = {"amends": "correction", "amends_why": "Oubli.", "destination": then}
    sign_now(world, case_id, version=1, **amended)
    shown = requester_sees(world, case_id)
    assert [row.version for row in shown.case.versions] == [1]
    assert shown.opinion is not None
    assert shown.opinion.report.get("replaced_by") is None
    clock.advance(seconds=10)
    taken_back(world, case_id)
    assert stands(system, case_id) == before
    assert requester_sees(world, case_id).opinion is not None


def test_what_leaves_is_not_corrected_before_it_has_left(world: World, clock: FakeClock) -> None:
    case_id = cases.claimed(world)
    sign_now(world, case_id)
    with pytest.raises(Conflict) as refused:
        sign_now(world, case_id, version=1, amends="correction", amends_why="Oubli.")
    assert refused.value.code == "opinion_leaving"
    clock.advance(seconds=20)
    sign_now(world, case_id, version=1, amends="correction", amends_why="Oubli.")


def test_a_closed_case_whose_correction_is_taken_back_is_closed_again(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.closed(world)
    clock.advance(hours=1)
    before = stands(system, case_id)
    assert before[0] == "closed"
    sign_now(world, case_id, version=1, amends="correction", amends_why="Oubli.")
    taken_back(world, case_id)
    assert stands(system, case_id) == before


def test_taking_back_twice_changes_nothing(system: System, world: World, clock: FakeClock) -> None:
    case_id = cases.answered(world)
    clock.advance(hours=1)
    sign_now(world, case_id, version=1, amends="correction", amends_why="Oubli.")
    for _ in range(2):
        with writing(system, world.actor(Role.EXPERT)) as work:
            take_back(work, case_id, 2)
    with reading(system) as work:
        signed = select(Opinion.version).where(Opinion.case_id == case_id, Opinion.signed_at.is_not(None))
        assert work.session.scalars(signed).all() == [1]
        taken = select(AuditEvent.id).where(AuditEvent.action == "opinion.take_back")
        assert len(work.session.scalars(taken).all()) == 1
