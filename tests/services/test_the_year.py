"""A region lives by a fake clock: at every hour nobody is forgotten, nobody told twice, nobody woken for nothing.

Each test names its seed; a failure tells it with the hour and the case, and the same seed tells the same story again.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from dermavis.domain.roles import Role
from dermavis.models import DueRow
from dermavis.services import claiming
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.clock import FakeClock
from tests.year import living
from tests.year.channels import Received
from tests.year.living import Life
from tests.year.proofs import Forgotten
from tests.year.region import Absence

SPRING = date(2026, 3, 26)
"""Two weeks with the change of the clock, Good Friday (a holiday in Alsace) and Easter Monday."""

WINTER = date(2026, 1, 5)

SEEDS = [int(seed) for seed in os.environ.get("YEAR_SEEDS", "11").split(",")]
"""Years that the long rounds live through: ``YEAR_SEEDS=11,12,13`` for more of them."""

Begin = Callable[..., Life]


@pytest.fixture
def begin(system: System, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Begin:
    """Return a function that begins a life: ``begin(seed, first, days, each_day)``."""

    def start(seed: int, first: date, days: int, each_day: float) -> Life:
        living.steady_ids(monkeypatch, seed)
        return Life(system, clock, seed, first, days, each_day)

    return start


def _lived_through(life: Life) -> None:
    life.hours()
    seen = life.proofs.checks
    for what in ("received", "cases", "ways out", "deliveries", "climbed", "red"):
        assert seen[what], f"seed {life.proofs.seed}: no {what} in this story"
    for what in ("send", "claim", "sign", "open", "acknowledge"):
        assert life.people.done.get(what), f"seed {life.proofs.seed}: nobody did {what}"


def test_nobody_is_forgotten_in_two_weeks_of_spring(begin: Begin) -> None:
    _lived_through(begin(1, SPRING, days=14, each_day=1))


@pytest.mark.long
@pytest.mark.sqlite_only
@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_is_forgotten_in_a_year(begin: Begin, seed: int) -> None:
    _lived_through(begin(seed, WINTER, days=365, each_day=1.5))


def test_a_worker_that_loses_one_timer_is_found(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    life = begin(1, SPRING, days=14, each_day=0)
    cases.answered(life.region.world, answer=cases.emergency())
    life.proofs.check()

    def drop(system: System) -> int:
        with writing(system) as work:
            due = select(DueRow).where(DueRow.done_at.is_(None), DueRow.due_at <= work.now)
            for row in work.session.scalars(due).all():
                row.done_at, row.outcome = work.now, "done"
        return 1

    monkeypatch.setattr(living, "run_due", drop)
    life.pass_until(life.clock.now() + timedelta(hours=1))
    with pytest.raises(Forgotten, match=r"seed 1, 2026-03-26 .*an unread opinion \(now\)"):
        life.proofs.check()


def test_whichever_timer_of_an_open_case_is_lost_it_is_found(begin: Begin) -> None:
    life = begin(1, SPRING, days=14, each_day=0)
    world = life.region.world
    cases.drafted(world)
    cases.sent(world)
    cases.sent(world, "pooled_requester")
    cases.claimed(world)
    cases.on_hold(world)
    cases.answered(world, answer=cases.opinion(destination="surgery", within_two_weeks=True))
    declined = cases.claimed(world)
    with writing(life.system, world.actor(Role.EXPERT)) as work:
        claiming.decline(work, declined, "no_capacity")
    life.proofs.check()
    with reading(life.system) as work:
        alive = work.session.execute(
            select(DueRow.kind, DueRow.id).where(DueRow.done_at.is_(None), DueRow.case_id.is_not(None))
        ).all()
    optional = {"pool_reminder", "hold_reminder", "claim_reminder"}
    lost = {kind: row_id for kind, row_id in alive if kind not in optional}
    assert len(lost) == 9
    for row_id in lost.values():
        _mark(life, row_id, life.clock.now())
        with pytest.raises(Forgotten):
            life.proofs.check()
        _mark(life, row_id, None)
    life.proofs.check()


def _mark(life: Life, row_id: UUID, done_at: datetime | None) -> None:
    with writing(life.system) as work:
        work.session.get_one(DueRow, row_id).done_at = done_at


def test_what_reaches_the_wrong_person_or_at_the_wrong_time_is_found(begin: Begin) -> None:
    life = begin(1, SPRING, days=14, each_day=0)
    region, case_id = life.region, cases.answered(life.region.world)
    phone = next(endpoint for endpoint, name in region.endpoints.items() if name == "requester")

    def hear(event: str, hour: int, device: str = phone, channel: str = "push") -> str:
        at = life.clock.set(datetime(2026, 3, 27, hour, 0, tzinfo=UTC))
        return life.proofs.hear(Received(at, channel, device, event, case_id))

    assert hear("opinion", 9) == "requester"
    with pytest.raises(Forgotten, match="told twice"):
        hear("opinion", 9)
    with pytest.raises(Forgotten, match="in their quiet hours"):
        hear("message", 22)
    assert hear("opinion_now", 22) == "requester"
    with pytest.raises(Forgotten, match="stranger, who may not open it"):
        hear("opinion", 10, region.world.who("stranger").email, "mail")
    region.absences.append(Absence("requester", "substitute", date(2026, 3, 26), date(2026, 3, 29)))
    with pytest.raises(Forgotten, match="who is away"):
        hear("opinion", 11, region.world.who("requester").email, "mail")
