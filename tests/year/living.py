"""The hours of a region: people act, the worker runs whatever is due at its instant, and every hour is proven."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from random import Random
from types import SimpleNamespace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, literal, select

from dermavis.models import DueRow, OutboxItem
from dermavis.services import claiming, housekeeping
from dermavis.services.outbox import deliver_due
from dermavis.services.timers import run_due
from dermavis.services.work import System, reading, writing
from tests import cases
from tests.clock import FakeClock
from tests.year import story
from tests.year.channels import Channels, Received
from tests.year.people import People
from tests.year.proofs import Proofs
from tests.year.region import PARIS, settle

STORM = 1000
"""Rounds of the worker at one instant beyond which something feeds itself."""

NEVER_AWAY = "super_user"
"""An expert who has nobody to stand in for them."""


def steady_ids(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """Have every id of this process follow from the seed: what is ordered by ids is ordered the same way again."""
    monkeypatch.setattr("uuid.os", SimpleNamespace(urandom=Random(seed).randbytes))


class Life:
    """A region that lives for some days from a seed. ``hours`` passes them; each ends with the proofs."""

    def __init__(
        self, system: System, clock: FakeClock, seed: int, first: date, days: int, each_day: float
    ) -> None:
        random = Random(seed)
        self.clock, self.random, self.days = clock, random, days
        self.channels = Channels(clock, random)
        port: Any = self.channels
        self.system = replace(system, push=port, mail=port)
        self.region = settle(self.system, clock, random, first, days)
        self.proofs = Proofs(self.region, seed, clock.now(), self.channels)
        self.people = People(self.region, self.plan)
        self.proofs.further.referred = self.people.referred
        self.channels.tell = self._tell
        self.end = clock.now() + timedelta(days=days)
        self.asleep_until = clock.now()
        self._agenda: list[tuple[datetime, int, Callable[[], object]]] = []
        self._order = count()
        self._plan_story(first, each_day)
        housekeeping.begin(self.system)

    def plan(self, instant: datetime, act: Callable[[], object]) -> None:
        """Have something done at an instant, or at once where that has passed."""
        heapq.heappush(self._agenda, (max(instant, self.clock.now()), next(self._order), act))

    def hours(self) -> None:
        """Live until the end."""
        while self.clock.now() < self.end:
            self.pass_until(self.clock.now() + timedelta(hours=1))
            if self.clock.now() >= self.asleep_until:
                self.proofs.check()

    def pass_until(self, hour: datetime) -> None:
        """Let people and worker do what is theirs, each at its instant, until the hour strikes."""
        lanes = self._due()
        while True:
            due = min(lanes.values(), default=None) if hour >= self.asleep_until else None
            if due is not None:
                due = max(due, self.asleep_until)
            planned = self._agenda[0][0] if self._agenda else None
            following = min((instant for instant in (due, planned) if instant is not None), default=None)
            if following is None or following > hour:
                break
            self.clock.set(max(self.clock.now(), following))
            if planned is not None and planned <= self.clock.now():
                heapq.heappop(self._agenda)[2]()
                lanes = self._due()
            else:
                lanes = self._work(lanes)
        self.clock.set(hour)

    def _due(self) -> dict[str, datetime]:
        """Lane → when its next row falls due."""
        timers = select(literal("timers"), func.min(DueRow.due_at)).where(DueRow.done_at.is_(None))
        items = (
            select(OutboxItem.channel, func.min(OutboxItem.not_before))
            .where(OutboxItem.done_at.is_(None))
            .group_by(OutboxItem.channel)
        )
        with reading(self.system) as work:
            rows = [*work.session.execute(timers), *work.session.execute(items)]
        return {lane: instant for lane, instant in rows if instant is not None}

    def _work(self, lanes: dict[str, datetime]) -> dict[str, datetime]:
        """The worker's lanes, until nothing is due at this instant; what falls due next."""
        now, rounds = self.clock.now(), 0
        while awaited := [lane for lane, instant in lanes.items() if instant <= now]:
            rounds += 1
            if rounds > STORM:
                self.proofs.fail("the worker does not come to rest")
            for lane in awaited:
                if lane == "timers":
                    run_due(self.system)
                else:
                    deliver_due(self.system, lane, self.random.random)
            lanes = self._due()
        return lanes

    def _tell(self, received: Received) -> None:
        name = self.proofs.hear(received)
        self.people.hear(name, received.event, received.case_id)

    def _plan_story(self, first: date, each_day: float) -> None:
        region, channels, random = self.region, self.channels, self.random
        region.absences = story.absences(region, first, self.days)
        for absence in list(region.absences):
            self.plan(_at(absence.first - timedelta(days=2), 9), lambda row=absence: story.leave(region, row))
            self.plan(
                _at(absence.last + timedelta(days=1), 9), lambda row=absence: self.people.come_back(row.name)
            )
        for at, name in story.requests(region, first, self.days, each_day):
            self.plan(at.astimezone(self.clock.now().tzinfo), lambda who=name: self._ask(who))
        for n in range(self.days // 10 + 1):
            day = first + timedelta(days=n * 10 + random.randrange(1, 10))
            self.plan(_at(day, random.randrange(24)), lambda: story.lose_phone(region, channels))
            name = random.choice(sorted(region.names.values()))
            self.plan(_at(day, 12), lambda who=name: story.fill_mailbox(region, channels, who))
            self.plan(
                _at(day + timedelta(days=4), 12), lambda who=name: story.fill_mailbox(region, channels, who)
            )
        for n in range(max(1, self.days // 60)):
            day = first + timedelta(days=n * 60 + random.randrange(2, min(55, self.days - 3)))
            self.plan(_at(day, random.randrange(24)), self._sleep)
            out = day + timedelta(days=random.randrange(1, 4))
            self.plan(_at(out, random.randrange(24)), self._mail_stops)
            self.plan(
                _at(out + timedelta(days=random.randrange(1, 4)), random.randrange(24)), channels.mend_mail
            )
        self.plan(_at(first + timedelta(days=1), 10), self._answer_to_nobody)
        self.plan(_at(first + timedelta(days=1), 11), self._sit_on_one)
        gone = first + timedelta(days=self.days // 2)
        self.plan(_at(gone, 15), lambda: story.go(region, "nurse_requester"))

    def _ask(self, name: str) -> None:
        region = self.region
        self.people.ask(name, story.urgency(region), story.address(region), self.random.random() < 0.12)

    def _mail_stops(self) -> None:
        """In each outage something presses."""
        self.channels.stop_mail()
        self.plan(self.clock.now() + timedelta(minutes=10), self._answer_to_nobody)

    def _answer_to_nobody(self) -> None:
        """In each story an emergency comes for somebody who never reads, alone in their practice."""
        cases.sign_now(self.region.world, self._taken(), NEVER_AWAY, cases.emergency())

    def _sit_on_one(self) -> None:
        """In each story a request is held until it is long late."""
        self.people.sits_on(NEVER_AWAY, self._taken())

    def _taken(self) -> UUID:
        """A request of somebody who is alone in their practice, taken by an expert."""
        case_id = cases.sent(self.region.world, "stranger")
        with writing(self.system, self.region.actor(NEVER_AWAY)) as work:
            claiming.claim(work, case_id)
        return case_id

    def _sleep(self) -> None:
        """The worker is dead for two days: the web goes on, nothing leaves."""
        self.asleep_until = self.clock.now() + timedelta(days=2)
        self.proofs.awake_since = self.asleep_until + timedelta(hours=1)


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour, 7), ZoneInfo(PARIS)).astimezone(UTC)
