"""What coordinators and secretaries do: requests looked over, appointments given and asked after."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from dermavis.domain.case_states import State
from dermavis.services import appointments, pooling
from tests.year.acting import Acting
from tests.year.region import HABITS


class Arranging(Acting):
    """The people beside requesters and experts."""

    def looks_over(self, name: str, case_id: UUID, _event: str) -> None:
        """A member's request: sent on, sent back, or held."""
        chance = self.region.random.random()
        if chance < 0.6:
            self.act(name, "pool_release", lambda work: pooling.release(work, case_id))
        elif chance < 0.8:
            back = lambda work: pooling.send_back(work, case_id, "insufficient_history", "À préciser.")  # noqa: E731
            self.act(name, "send_back", back)
        else:
            self.act(name, "hold", lambda work: pooling.hold(work, [case_id], "Famille à joindre") and None)

    def plans(self, name: str, case_id: UUID, _event: str) -> None:
        """Give the appointment; what became of it is told afterwards, or not."""
        here = self.region.clock.now().astimezone(ZoneInfo(HABITS[name].zone)).date()
        day: date = here + timedelta(days=self.region.random.randrange(2, 15))
        given = self.act(
            name, "plan", lambda work: appointments.plan(work, case_id, day.isoformat(), "14:00")
        )
        if given and self._chance(0.5):
            became = self.region.random.choice(["done", "done", "missed", "not_needed"])
            after = datetime.combine(day + timedelta(days=2), time(10), ZoneInfo(HABITS[name].zone))
            self.plan(
                after.astimezone(self.region.clock.now().tzinfo),
                lambda: (
                    self.act(name, "became", lambda work: appointments.tell(work, case_id, became)) and None
                ),
            )

    def asks_after(self, name: str, case_id: UUID, _event: str) -> None:
        """An appointment that is past: what became of it; one not given yet: given."""
        state = self._state(case_id).downstream
        if state == State.PLANNED:
            self.act(name, "became", lambda work: appointments.tell(work, case_id, "done"))
        elif state in {State.TO_PLAN, State.MISSED}:
            self.plans(name, case_id, "")
