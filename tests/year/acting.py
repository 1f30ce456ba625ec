"""How people of a region do something: through the service, once, at their own pace, by day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from dermavis.domain.errors import Refusal
from dermavis.models import Case
from dermavis.services.work import Work, reading, writing
from tests.year.region import HABITS, Region

Plan = Callable[[datetime, Callable[[], None]], None]


class Acting:
    """``plan(instant, act)`` has it done later; ``refused`` counts what came too late, ``done`` what did not.

    ``referred``: cases whose opinion was signed to go to another centre.
    """

    def __init__(self, region: Region, plan: Plan) -> None:
        self.region = region
        self.plan = plan
        self.refused: dict[str, int] = {}
        self.done: dict[str, int] = {}
        self.referred: set[UUID] = set()

    def _pause(self, hours: float) -> timedelta:
        return timedelta(hours=self.region.random.expovariate(1 / max(hours, 0.1)))

    def _by_day(self, name: str, instant: datetime) -> datetime:
        local = instant.astimezone(ZoneInfo(HABITS[name].zone))
        if 8 <= local.hour < 19:
            return instant
        day = local.date() + timedelta(days=1 if local.hour >= 19 else 0)
        morning = datetime.combine(day, time(8, self.region.random.randrange(60)), local.tzinfo)
        return morning.astimezone(instant.tzinfo)

    def _later(self, name: str, hours: float, act: Callable[[], None]) -> None:
        self.plan(self._by_day(name, self.region.clock.now() + self._pause(hours)), act)

    def _chance(self, share: float) -> bool:
        return self.region.random.random() < share

    def act(self, name: str, what: str, act: Callable[[Work], object]) -> bool:
        """Have somebody do something; tell whether it was still possible."""
        if name in self.region.gone:
            return False
        try:
            with writing(self.region.system, self.region.actor(name)) as work:
                act(work)
        except Refusal as refusal:
            key = f"{what}: {refusal.code}"
            self.refused[key] = self.refused.get(key, 0) + 1
            return False
        self.done[what] = self.done.get(what, 0) + 1
        return True

    def _state(self, case_id: UUID) -> Case:
        with reading(self.region.system) as work:
            case = work.session.get_one(Case, case_id)
            work.session.expunge(case)
            return case
