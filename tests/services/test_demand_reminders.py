"""Who answers a patient's demand is told before its last day, on it and after it, until it is answered."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from dermavis.domain.roles import Role
from dermavis.models import DueRow, Notification, Person
from dermavis.services import demands
from dermavis.services.demand_register import Wanted, read_demand, read_register
from dermavis.services.demand_reminders import due_from_me, records_due_from_me
from dermavis.services.notices import lines
from dermavis.services.readings import flush
from dermavis.services.timers import run_due
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.announced import deliver, let_pass, outbox
from tests.clock import FakeClock
from tests.demanding import checked, demanded
from tests.factories import World
from tests.receivers import PushReceiver

OFFICER, ADMINISTRATOR = Role.DATA_PROTECTION_OFFICER, Role.ADMINISTRATOR


def told(system: System, demand_id: UUID) -> list[tuple[UUID, str]]:
    """Return who was told what of a demand, in order."""
    with reading(system) as work:
        rows = select(Notification).where(Notification.url == f"/demands/{demand_id}")
        found = work.session.scalars(rows.order_by(Notification.at, Notification.person_id)).all()
        return [(row.person_id, row.event) for row in found]


def timer(system: System, demand_id: UUID) -> datetime | None:
    """Return when its timer runs next."""
    with reading(system) as work:
        rows = select(DueRow.due_at).where(DueRow.subject_id == demand_id, DueRow.done_at.is_(None))
        return work.session.scalar(rows)


def day_by_day(system: System, clock: FakeClock, days: int) -> None:
    for _ in range(days):
        let_pass(system, clock, days=1)


@pytest.mark.postgres
def test_the_officer_is_told_a_week_before_on_the_day_and_every_three_days(
    system: System, world: World, clock: FakeClock
) -> None:
    cases.closed(world)
    demand_id = demanded(world, "rectification")
    officer = world.who(OFFICER).person_id
    assert timer(system, demand_id) == datetime(2026, 4, 5, 6, 0, tzinfo=UTC), "eight o'clock in Paris"

    day_by_day(system, clock, 23)
    assert told(system, demand_id) == []
    day_by_day(system, clock, 1)
    assert told(system, demand_id) == [(officer, "demand_due")]
    day_by_day(system, clock, 6)
    assert len(told(system, demand_id)) == 1
    day_by_day(system, clock, 1)
    assert told(system, demand_id) == [(officer, "demand_due")] * 2
    day_by_day(system, clock, 9)
    assert [event for _, event in told(system, demand_id)] == ["demand_due"] * 2 + ["demand_late"] * 3
    with reading(system, world.actor(OFFICER)) as work:
        assert lines(work)[0].words == "Réponse en retard à un patient · DP-1"


@pytest.mark.postgres
@pytest.mark.parametrize("outcome", ["accepted", "refused", "withdrawn"])
def test_an_answered_demand_is_never_reminded_of(
    system: System, world: World, clock: FakeClock, outcome: str
) -> None:
    cases.closed(world)
    demand_id, other = checked(world, "opposition"), demanded(world, "rectification")
    with writing(system, world.actor(ADMINISTRATOR)) as work:
        demands.close(work, demand_id, outcome, "Dit au téléphone.")
    day_by_day(system, clock, 45)
    assert told(system, demand_id) == []
    assert told(system, other), "the one that waits is told of"


def test_an_extension_moves_the_reminders(system: System, world: World, clock: FakeClock) -> None:
    cases.closed(world)
    demand_id = demanded(world, "rectification")
    day_by_day(system, clock, 25)
    assert len(told(system, demand_id)) == 1
    with writing(system, world.actor(ADMINISTRATOR)) as work:
        demands.extend(work, demand_id, "Trois dossiers à relire.")
    deliver(system)
    assert {item.outcome for item in outbox(system, "mail") if item.event == "demand_due"} == {"moved_on"}
    assert timer(system, demand_id) == datetime(2026, 6, 5, 6, 0, tzinfo=UTC)
    day_by_day(system, clock, 58)
    assert len(told(system, demand_id)) == 1
    day_by_day(system, clock, 2)
    assert len(told(system, demand_id)) == 2


def test_without_an_officer_the_administrators_answer(system: System, world: World, clock: FakeClock) -> None:
    cases.closed(world)
    demand_id = demanded(world, "rectification")
    shown = read_demand(system, world.actor(Role.REQUESTER), demand_id)
    assert shown.answered_by == world.who(OFFICER).name
    with writing(system) as work:
        officer = update(Person).where(Person.id == world.who(OFFICER).person_id)
        work.session.execute(officer.values(state="revoked"))
    day_by_day(system, clock, 25)
    administrators = {world.who(name).person_id for name in (ADMINISTRATOR, "other_administrator")}
    assert {person for person, _ in told(system, demand_id)} == administrators


def test_a_record_to_be_handed_over_is_told_to_its_doctor_too(
    system: System, world: World, clock: FakeClock
) -> None:
    cases.closed(world)
    access, other = demanded(world, by=Role.SITE_SECRETARY), demanded(world, "rectification")
    day_by_day(system, clock, 25)
    both = {world.who(name).person_id for name in (OFFICER, Role.REQUESTER)}
    assert {person for person, _ in told(system, access)} == both
    assert {person for person, _ in told(system, other)} == {world.who(OFFICER).person_id}


def test_who_is_away_is_told_through_who_could_open_it(
    system: System, world: World, clock: FakeClock
) -> None:
    cases.closed(world)
    demand_id = demanded(world, "rectification")
    for there, wanted in ((ADMINISTRATOR, ADMINISTRATOR), (Role.EXPERT, OFFICER)):
        _absent(system, world, there)
        clock.advance(days=40)
        run_due(system)
        sent = [item for item in outbox(system, "mail") if item.event == "demand_late" and not item.done_at]
        assert [item.person_id for item in sent] == [world.who(wanted).person_id], there
        deliver(system)
    assert len(told(system, demand_id)) == 3, "the absent find their line when they come back"


def _absent(system: System, world: World, there: Role) -> None:
    with writing(system) as work:
        officer = work.session.get_one(Person, world.who(OFFICER).person_id)
        officer.substitute_id, officer.absent_from = world.who(there).person_id, work.now


def test_a_demand_that_comes_late_is_told_at_once(system: System, world: World, clock: FakeClock) -> None:
    cases.closed(world)
    demand_id = demanded(world, "rectification", received_on=date(2026, 2, 1))
    run_due(system)
    assert told(system, demand_id) == [(world.who(OFFICER).person_id, "demand_late")]
    late = timer(system, demand_id)
    assert late is not None
    assert clock.now() < late <= clock.now() + timedelta(days=3)


def test_after_an_outage_it_is_told_once(
    connected: System, receiver: PushReceiver, world: World, clock: FakeClock
) -> None:
    cases.closed(world)
    first, second = demanded(world, "rectification"), demanded(world, "opposition")
    clock.advance(days=50)
    run_due(connected)
    assert [len(told(connected, demand_id)) for demand_id in (first, second)] == [1, 1]
    day_by_day(connected, clock, 9)
    deliver(connected)
    ended = [(item.payload["number"], item.outcome) for item in outbox(connected, "mail")]
    late = [row for row in ended if row[0].startswith("DP-")]
    assert sorted(row for row in late if row[1] == "sent") == [("DP-1", "sent"), ("DP-2", "sent")]
    assert {row[1] for row in late} == {"sent", "just_told"}


def test_its_quiet_hours_are_kept(system: System, world: World, clock: FakeClock) -> None:
    cases.closed(world)
    with writing(system) as work:
        officer = work.session.get_one(Person, world.who(OFFICER).person_id)
        officer.preferences = {"notices": {"quiet_from": "07:00", "quiet_to": "09:30"}}
    demanded(world, "rectification")
    clock.set(datetime(2026, 4, 5, 6, 0, tzinfo=UTC))
    run_due(system)
    [letter] = [item for item in outbox(system, "mail") if item.event == "demand_due"]
    assert letter.not_before == datetime(2026, 4, 5, 7, 30, tzinfo=UTC)


def test_whoever_must_act_counts_what_is_due(system: System, world: World, clock: FakeClock) -> None:
    cases.closed(world)
    demanded(world)
    demanded(world, "opposition")
    people = (OFFICER, ADMINISTRATOR, Role.REQUESTER, Role.SITE_SECRETARY, "other_requester", Role.EXPERT)

    def counted() -> list[tuple[int, int]]:
        found = []
        for name in people:
            with reading(system, world.actor(name)) as work:
                due = due_from_me(work)
                found.append((due.count, due.late))
                records = records_due_from_me(work)
                assert records.count == (due.count if name is Role.REQUESTER else 0)
        return found

    assert counted() == [(0, 0)] * 6
    clock.advance(days=8)
    assert counted() == [(1, 0), (1, 0), (1, 0), (0, 0), (0, 0), (0, 0)]
    clock.advance(days=16)
    assert counted() == [(2, 1), (2, 1), (1, 1), (0, 0), (0, 0), (0, 0)]
    clock.advance(days=8)
    assert counted() == [(2, 2), (2, 2), (1, 1), (0, 0), (0, 0), (0, 0)]
    clock.advance(days=-8)
    rows = read_register(system, world.actor(OFFICER), Wanted()).rows
    assert [(row.soon, row.late) for row in rows] == [(False, True), (True, False)]
    flush(system)
