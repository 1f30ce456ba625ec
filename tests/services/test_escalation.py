"""An opinion that nobody acknowledged goes on: to those who may open it, at its waits, and never as a storm."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from dermavis.domain.errors import Forbidden, InvalidInput, NotFound
from dermavis.domain.roles import Role
from dermavis.models import Case, CentreCharter, Delivery, DueRow, Notification, OutboxItem, Person
from dermavis.services import following
from dermavis.services.access import find_case
from dermavis.services.case_view import view_of
from dermavis.services.my_requests import Section, page_of
from dermavis.services.notices import lines
from dermavis.services.opinion_versions import in_force
from dermavis.services.requester_view import requester_view
from dermavis.services.revocations import revoke_person
from dermavis.services.timers import run_due
from dermavis.services.unread_opinions import note_reached, read_words
from dermavis.services.work import System, reading, writing
from dermavis.services.worklist import worklist
from tests import cases
from tests.clock import FakeClock
from tests.factories import World


def _suspect() -> dict[str, Any]:
    answer = cases.opinion(destination="surgery")
    answer["lesions"][0]["risk_class"] = "highly_suspect"
    return answer


def _run(system: System) -> None:
    for _ in range(30):
        run_due(system)


def _told(system: System, case_id: UUID) -> list[UUID]:
    with reading(system) as work:
        return list(
            work.session.scalars(
                select(Notification.person_id).where(
                    Notification.case_id == case_id,
                    Notification.event.in_(["opinion_unread", "opinion_now_unread"]),
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
    suspect, emergency = (
        cases.answered(world, answer=_suspect()),
        cases.answered(world, answer=cases.emergency()),
    )
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
    _on_duty(system, ids["other_expert"], stranger)
    case_id = cases.answered(world, answer=cases.emergency())
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


def test_each_recipient_has_a_delivery_and_one_reading_is_enough_for_all(
    system: System, world: World, clock: FakeClock
) -> None:
    requester, stand_in = (world.who(name).person_id for name in ("other_requester", Role.SUBSTITUTE))
    case_id = cases.claimed(world)
    with writing(system) as work:
        case = work.session.get_one(Case, case_id)
        case.requester_id = case.created_by = requester
    cases.sign(world, case_id, answer=cases.emergency())
    assert _deliveries(system, case_id) == {
        ("requester", requester, "sent"),
        ("substitute", stand_in, "sent"),
    }
    with writing(system, world.actor(Role.SUBSTITUTE)) as work:
        following.open_case(work, case_id)
    assert ("substitute", stand_in, "opened") in _deliveries(system, case_id)
    assert ("requester", requester, "sent") in _deliveries(system, case_id), "who is away has opened nothing"
    with writing(system, world.actor(Role.SUBSTITUTE)) as work:
        following.acknowledge(work, case_id)
        case = work.session.get_one(Case, case_id)
        signed = in_force(work, case)
        assert signed is not None
        assert read_words(work, signed).startswith("Lu par Camille Substitute, ")
    assert {state for _, _, state in _deliveries(system, case_id)} == {"acknowledged"}
    clock.advance(days=3)
    _run(system)
    assert _told(system, case_id) == []


def test_whoever_is_on_call_opens_a_case_that_was_sent_to_a_colleague_by_name(
    system: System, world: World, clock: FakeClock
) -> None:
    named, on_call = world.who(Role.EXPERT).person_id, world.who("other_expert").person_id
    _on_duty(system, on_call)
    addressing = {"mode": "named", "team": str(world.team_id), "person": str(named)}
    case_id = cases.answered(world, answer=cases.emergency(), addressing=addressing)
    with pytest.raises(NotFound), reading(system, world.actor("other_expert")) as work:
        find_case(work, case_id)
    clock.advance(minutes=30)
    _run(system)
    assert ("on_call", on_call, "sent") in _deliveries(system, case_id)
    with reading(system, world.actor("other_expert")) as work:
        view = view_of(work, case_id)
        assert (
            next(row.shown for row in view.telephones if row.part == "patient")
            == "06\u00a039\u00a098\u00a000\u00a013"
        )
        assert [row.id for row in worklist(work, "queue").above.unread] == [case_id]
    with reading(system, world.actor(Role.SUPER_USER)) as work:
        assert worklist(work, "queue").above.unread == [], "nobody else of the team"


def test_a_patient_reached_by_telephone_ends_the_alarm_and_leaves_the_opinion_to_be_read(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.left_unread(world)
    expert = world.actor(Role.EXPERT)
    with reading(system, expert) as work:
        assert [row.id for row in worklist(work, "queue").above.unread] == [case_id]
    with pytest.raises(InvalidInput), writing(system, expert) as work:
        note_reached(work, case_id, "")
    with pytest.raises(Forbidden), writing(system, world.actor(Role.REQUESTER)) as work:
        note_reached(work, case_id, "patient")
    for _ in range(2):
        with writing(system, expert) as work:
            note_reached(work, case_id, "patient")
            assert worklist(work, "queue").above.unread == []
    with reading(system, world.actor(Role.REQUESTER)) as work:
        assert [line.event for line in lines(work)].count("patient_reached") == 1
        (row,) = page_of(work, Section.FOR_YOU).rows
        assert (row.words, row.tone) == ("Avis rendu, à lire", "info")
    told = len(_told(system, case_id))
    clock.advance(days=3)
    _run(system)
    assert len(_told(system, case_id)) == told, "urgent for nobody any more"
    clock.advance(days=5)
    _run(system)
    assert len(_told(system, case_id)) == told + 1, "and read one day all the same"


def test_an_opinion_for_somebody_who_has_left_goes_on_to_the_secretary_and_the_expert(
    system: System, world: World, clock: FakeClock
) -> None:
    case_id = cases.answered(world)
    with writing(system) as work:
        revoke_person(work, world.who(Role.REQUESTER).person_id)
    clock.advance(days=7)
    _run(system)
    assert set(_told(system, case_id)) == {
        world.who(role).person_id for role in (Role.SITE_SECRETARY, Role.EXPERT)
    }


def _deliveries(system: System, case_id: UUID) -> set[tuple[str, UUID | None, str]]:
    with reading(system) as work:
        rows = work.session.scalars(select(Delivery).where(Delivery.case_id == case_id))
        return {(row.kind, row.recipient_id, row.state) for row in rows}


def _on_duty(system: System, *people: UUID) -> None:
    rota = [{"from": "2026-03-01", "to": "2026-03-31", "person_id": str(person)} for person in people]
    with writing(system) as work:
        for charter in work.session.scalars(select(CentreCharter)):
            charter.content = charter.content | {"rota": rota}
