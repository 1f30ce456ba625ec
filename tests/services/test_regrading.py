"""Another urgency: deadlines counted anew, pauses kept, requester and holder told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from dermavis.domain.errors import Forbidden, InvalidInput, NotFound
from dermavis.domain.roles import Role
from dermavis.models import AuditEvent, Case, Notification
from dermavis.services.conversation import write
from dermavis.services.regrading import regrade
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.clock import FakeClock
from tests.factories import World


def _regrade(world: World, case_id: object, urgency: str, who: Role | str = Role.EXPERT) -> None:
    with writing(world.system, world.actor(who)) as work:
        regrade(work, case_id, urgency, "Lésion évolutive")  # type: ignore[arg-type]


def _due(system: System, case_id: object) -> datetime:
    with reading(system) as work:
        due = work.session.get_one(Case, case_id).due_at
    assert due is not None
    return due


def test_a_more_pressing_request_is_promised_from_its_submission(
    world: World, system: System, clock: FakeClock
) -> None:
    case_id = cases.sent(world)
    submitted = clock.now()
    assert _due(system, case_id) - submitted == timedelta(hours=96), "two working days over a week-end"
    clock.advance(hours=3)
    _regrade(world, case_id, "soon")
    assert _due(system, case_id) - submitted == timedelta(hours=24)
    with reading(system) as work:
        events = work.session.scalars(
            select(Notification.person_id).where(
                Notification.case_id == case_id, Notification.event == "regraded"
            )
        ).all()
        row = work.session.scalars(select(AuditEvent).where(AuditEvent.action == "case.regrade")).one()
    assert events == [world.who(Role.REQUESTER).person_id]
    assert row.detail == {"before": "routine", "to": "soon"}


def test_the_pauses_already_taken_still_count(world: World, system: System, clock: FakeClock) -> None:
    case_id = cases.on_hold(world)
    clock.set(datetime(2026, 3, 12, 13, 0, tzinfo=UTC))
    with writing(system, world.actor(Role.REQUESTER)) as work:
        write(work, case_id, "La voici.")
    _regrade(world, case_id, "soon")
    assert _due(system, case_id) == datetime(2026, 3, 13, 13, 0, tzinfo=UTC)


def test_the_same_urgency_again_tells_nobody(world: World, system: System) -> None:
    case_id = cases.sent(world)
    due = _due(system, case_id)
    _regrade(world, case_id, "routine")
    assert _due(system, case_id) == due
    with reading(system) as work:
        assert "regraded" not in work.session.scalars(select(Notification.event)).all()


def test_an_urgency_nobody_knows_is_refused(world: World) -> None:
    case_id = cases.sent(world)
    with pytest.raises(InvalidInput):
        _regrade(world, case_id, "yesterday")


def test_only_those_who_may_take_it_regrade_it(world: World) -> None:
    case_id = cases.sent(world)
    for who, refusal in (
        (Role.REQUESTER, Forbidden),
        (Role.JUNIOR, Forbidden),
        ("stranger_expert", NotFound),
    ):
        with pytest.raises(refusal):
            _regrade(world, case_id, "soon", who)
    answered = cases.answered(world)
    with pytest.raises(Forbidden):
        _regrade(world, answered, "soon")
