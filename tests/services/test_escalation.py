"""An opinion that nobody acknowledged goes on: to those who may open it, at its waits, and never as a storm."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from dermavis.domain.roles import Role
from dermavis.models import CentreCharter, Delivery, DueRow, Notification, OutboxItem, Person
from dermavis.services import following
from dermavis.services.requester_view import requester_view
from dermavis.services.timers import run_due
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.clock import FakeClock
from tests.factories import World


def _suspect() -> dict[str, Any]:
    answer = cases.opinion(destination="surgery")
    answer["lesions"][0]["risk_class"] = "highly_suspect"
    return answer


def _emergency() -> dict[str, Any]:
    call = {"whom": "Dr Hennequin", "phone": "0639980011", "at": "2026-03-12T09:00:00+00:00", "note": ""}
    return cases.opinion(destination="emergency", calls=[call])


def _run(system: System) -> None:
    for _ in range(30):
        run_due(system)


def _told(system: System, case_id: UUID) -> list[UUID]:
    with reading(system) as work:
        return list(
            work.session.scalars(
                select(Notification.person_id).where(
                    Notification.case_id == case_id, Notification.event == "opinion_unread"
                )
            )
        )


def _next(system: System, case_id: UUID) -> datetime:
    with reading(system) as work:
        row = work.session.scalars(
            select(DueRow).where(DueRow.case_id == case_id, DueRow.kind == "unread_opinion")
        ).one()
        delivery = work.session.scalars(select(Delivery).where(Delivery.case_id == case_id)).one()
        assert row.done_at is None
        assert row.due_at == delivery.escalate_at
        return row.due_at


def test_an_unread_opinion_due_within_two_weeks_goes_on_once_each_working_day(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.answered(world, answer=_suspect())
    assert _next(system, case_id) == datetime(2026, 3, 13, 9, 0, tzinfo=UTC)
    clock.set(datetime(2026, 3, 13, 9, 0, tzinfo=UTC))
    _run(system)
    told = _told(system, case_id)
    assert len(told) == len(set(told)) == 3, "requester, secretary, and expert as nobody is on call"
    assert _next(system, case_id) == datetime(2026, 3, 16, 9, 0, tzinfo=UTC), "Monday, over the week-end"
    with reading(system) as work:
        letters = work.session.scalar(
            select(func.count()).where(OutboxItem.event == "opinion_unread", OutboxItem.channel == "mail")
        )
    assert letters == 3


def test_an_unread_opinion_never_falls_silent_and_never_becomes_a_storm(
    system: System, world: World, clock: FakeClock
) -> None:
    suspect, emergency = cases.answered(world, answer=_suspect()), cases.answered(world, answer=_emergency())
    for _ in range(24 * 30):
        clock.advance(hours=1)
        run_due(system)
    per_person = {
        case_id: _told(system, case_id).count(world.who(Role.REQUESTER).person_id)
        for case_id in (suspect, emergency)
    }
    assert per_person[suspect] in range(5, 9), "three working days, then each week"
    assert per_person[emergency] in range(30, 36), "four times the first day, then daily"
    for case_id in per_person:
        assert clock.now() < _next(system, case_id) <= clock.now() + timedelta(days=9)


def test_a_centre_that_is_closed_for_years_does_not_make_a_storm(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.answered(world, answer=_suspect())
    first = clock.now().date()
    closed = [(first + timedelta(days=n)).isoformat() for n in range(1500)]
    with writing(system) as work:
        for charter in work.session.scalars(select(CentreCharter)):
            charter.content = charter.content | {"hours": charter.content["hours"] | {"closed": closed}}
    clock.advance(days=1)
    _run(system)
    assert len(_told(system, case_id)) == 3
    assert _next(system, case_id) > clock.now()


def test_substitute_secretary_and_doctor_on_call_are_told_and_then_the_expert(
    system: System, world: World, clock: FakeClock
) -> None:
    ids = {
        name: world.who(name).person_id
        for name in (Role.REQUESTER, Role.SUBSTITUTE, Role.SITE_SECRETARY, Role.EXPERT, "other_expert")
    }
    stranger = world.who("stranger_expert").person_id
    with writing(system) as work:
        requester = work.session.get_one(Person, ids[Role.REQUESTER])
        requester.substitute_id, requester.absent_from = ids[Role.SUBSTITUTE], work.now
        rota = [
            {"from": "2026-03-01", "to": "2026-03-31", "person_id": str(person)}
            for person in (ids["other_expert"], stranger)
        ]
        for charter in work.session.scalars(select(CentreCharter)):
            charter.content = charter.content | {"rota": rota}
    case_id = cases.answered(world, answer=_emergency())
    with reading(system, world.actor(Role.REQUESTER)) as work:
        opinion = requester_view(work, case_id).opinion
        assert opinion is not None
        assert opinion.reminds == "à votre remplaçant, à votre secrétariat et au médecin de garde du centre"
    clock.advance(minutes=30)
    _run(system)
    first = {Role.REQUESTER, Role.SUBSTITUTE, Role.SITE_SECRETARY, "other_expert"}
    assert set(_told(system, case_id)) == {ids[name] for name in first}, "nobody who could not open the case"
    clock.advance(minutes=30)
    _run(system)
    assert set(_told(system, case_id)) == set(ids.values())


def test_an_acknowledged_opinion_does_not_go_on(system: System, world: World, clock: FakeClock) -> None:
    case_id = cases.answered(world, answer=_suspect())
    with writing(system, world.actor(Role.REQUESTER)) as work:
        following.acknowledge(work, case_id)
    clock.advance(days=3)
    _run(system)
    assert _told(system, case_id) == []
