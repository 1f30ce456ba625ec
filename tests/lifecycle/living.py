"""What people do with a case, in any order, allowed or not, while the clock runs: a machine of random deeds.

Each deed is made through its service, and the model says beforehand whether it is accepted and what becomes of the
case. ``machine_of(world, clock)`` is the machine on a world; hypothesis runs it and tells the shortest way to a fault.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from dermavis.domain.case_states import Machine, State, Who
from dermavis.domain.lifecycle import TABLE
from dermavis.domain.retention import draft_warning
from dermavis.services import drafts
from dermavis.services.timers import run_due
from tests.clock import FakeClock
from tests.factories import World
from tests.lifecycle import always, linked
from tests.lifecycle.answering import DESTINATIONS, Answering
from tests.lifecycle.following import Following
from tests.lifecycle.model import Model
from tests.lifecycle.onward import AGREED, Onward
from tests.lifecycle.requesting import Requesting
from tests.lifecycle.standing import ASKERS, DOCTORS, SECRETARY
from tests.treating import treated_by

S = State
WAITS = st.sampled_from([{"seconds": 21}, {"hours": 5}, {"days": 1}, {"days": 8}, {"days": 35}])
STORM = 20
OVERDUE = {S.POOLED, S.CLAIMED, S.ON_HOLD}
"""States that the clock itself ends, all of them within five weeks."""

MOST_RIGHTFUL = 11
"""How many deeds, at most, are somebody's to do in one state: see ``Living._rightful``."""

beginner = st.sampled_from([*ASKERS, SECRETARY, "pooled_requester", "pooled_requester"])


def machine_of(world: World, clock: FakeClock) -> type[Living]:
    """Return the machine of a case's life in that world."""
    return type("Living", (Living,), {"world": world, "clock": clock, "deeds": [], "actors": {}})


class Living(Requesting, Answering, Following, Onward):
    """One case, from its draft on."""

    @initialize(
        who=beginner,
        upto=st.integers(0, 6),
        destination=DESTINATIONS,
        first=st.integers(0, 10_000),
        doctor=st.sampled_from(["", *DOCTORS]),
    )
    def begins(self, who: str, upto: int, destination: str, first: int, doctor: str = "") -> None:
        """A case that has come some way; then one deed of somebody who may. ``doctor``: the patient's own."""
        self.model = Model(who, self.clock.now(), self.clock.now() + timedelta(days=30), doctor=doctor)
        if doctor:
            self.content["patient"] = treated_by(self.world, doctor)
        self.lapses_at = draft_warning(self.clock.now())
        begun = self.refusal(who, lambda work: drafts.save(work, self.case_id, self.content, 0))
        assert begun is None
        self.look()
        way: tuple[Callable[[], object], ...] = (
            lambda: self.sends("other_requester" if who == SECRETARY else who),
            lambda: self.pool_releases("coordinator"),
            lambda: self.claims("expert"),
            lambda: self.asks("expert"),
            lambda: self.refers("expert", AGREED),
            lambda: self.signs("expert", destination, True),
        )
        for step in way[:upto]:
            step()
            self.a_second_passes()
        rightful = self._rightful()[self.model.state]
        rightful[first % len(rightful)]()

    def _rightful(self) -> dict[State, list[Callable[[], object]]]:
        """What may be done in each state: left to chance alone, some deeds would hardly ever meet who may do them."""
        return {
            S.DRAFT: [lambda: self.saves("@asker", False), lambda: self.discards("@asker")],
            S.POOLED: [
                lambda: self.pool_holds("coordinator", True),
                lambda: self.pool_completes("coordinator"),
                lambda: self.pool_sends_back("coordinator"),
                lambda: self.pool_addresses("coordinator", True),
                lambda: self.cancels("@asker"),
            ],
            S.SUBMITTED: [
                lambda: self._goes_elsewhere("expert"),
                lambda: self.regrades("expert", "soon"),
                lambda: self.completes("@asker"),
            ],
            S.CLAIMED: [
                lambda: self.writes_opinion("@holder"),
                lambda: self.releases("@holder"),
                lambda: self.hands_over("@holder", "other_expert"),
                lambda: self._goes_elsewhere("@holder"),
                self._is_referred(lambda: self.takes_back("@holder")),
                self._refers_and_drops,
            ],
            S.ON_HOLD: [lambda: self.writes("@asker"), lambda: self.declines("@holder")],
            S.ANSWERED: [
                lambda: self.takes_back("@holder"),
                self._once_left(lambda: self.opens("@asker")),
                self._once_left(self._is_followed_through),
                self._once_left(lambda: self.plans("@asker", 9)),
                self._once_left(lambda: self.tells_appointment("@asker", "not_needed")),
                self._once_left(lambda: self.settles("expert")),
                self._once_left(lambda: self.tells_aftermath("@asker", "not_yet")),
                self._once_left(lambda: self.opens_copy(self.model.doctor or "@asker")),
                self._once_left(lambda: self.acknowledges_copy(self.model.doctor or "stranger")),
                self._once_left(self._is_declined_there),
                self._once_left(self._is_cancelled_there),
            ],
        }

    def _is_referred(self, then: Callable[[], object]) -> Callable[[], object]:
        def is_referred() -> None:
            self.refers("@holder", AGREED)
            self.signs("@holder", "gp", True)
            self.a_second_passes()
            then()

        return is_referred

    def _refers_and_drops(self) -> None:
        self.refers("@holder", AGREED)
        self.drops_referral("@holder")

    def _is_declined_there(self) -> None:
        if self.model.second is not None:
            self.second_claims("stranger_expert")
            self.a_second_passes()
            self.second_declines("stranger_expert")

    def _is_cancelled_there(self) -> None:
        if self.model.second is not None:
            self.second_cancels("@asker")

    def _goes_elsewhere(self, who: str) -> None:
        self.declines(who)
        self.a_second_passes()
        self.redirects("@asker", True)

    def _once_left(self, deed: Callable[[], object]) -> Callable[[], object]:
        """A deed with an opinion that can no longer be taken back."""

        def after_leaving() -> None:
            self.time_passes({"seconds": 21})
            deed()

        return after_leaving

    def _is_followed_through(self) -> None:
        self.acknowledges("@asker")
        self.closes("@asker")

    @rule(wait=WAITS)
    def time_passes(self, wait: dict[str, int]) -> None:
        """The clock runs and the timers fire: only the clock's own steps are made, and those that are due for sure."""
        before, start, second = self.found, self.model.state, self.second
        if (
            start is S.DRAFT
            and not self.model.numbered
            and self.clock.now() + timedelta(**wait) > self.lapses_at
        ):
            return  # an old draft goes for good, which has its own tests
        self.model.now = self.clock.advance(**wait)
        passes = 0
        while run_due(self.world.system):
            passes += 1
            assert passes < STORM, "a storm of timers"
        self.look()
        self.model.left()
        if self.second is not None:
            linked.check_brought(self.world.system, self.found, self.second)
            self._happened_there(second, self.second)
        known = {row.id for row in before.rows["transitions"]}
        made = [row for row in self.found.rows["transitions"] if row.id not in known]
        for row in sorted(made, key=lambda row: row.case_version):
            self._happened(row)
        if wait == {"days": 35} and (
            start in OVERDUE or (start is S.ANSWERED and not self.model.something_open)
        ):
            assert made, f"the clock forgot a case that was {start}"
        always.check_delivery_steps(before, self.found)

    def _happened_there(self, before: always.Snapshot | None, after: always.Snapshot) -> None:
        """Of the case elsewhere, the clock begins it in its signer's name, and gives an idle claim back."""
        known = {row.id for row in before.rows["transitions"]} if before is not None else set()
        made = sorted(
            (row for row in after.rows["transitions"] if row.id not in known),
            key=lambda row: row.case_version,
        )
        begun = [] if before is not None else ["submit"]
        assert self.model.second is not None
        assert [row.name for row in made] in (begun, [*begun, "release"])
        for row in made:
            assert (row.actor_id is None) == (row.name == "release")
            self.model.second.state = S.SUBMITTED

    def _happened(self, row: Any) -> None:
        model = self.model
        steps = [step for step in TABLE[Machine(row.machine)] if step.transition == row.name]
        assert row.actor_id is None
        assert any(Who.SYSTEM in step.who for step in steps)
        if row.name == "submit":
            model.submitted()
        elif row.name == "release":
            model.released()
        elif row.name == "close":
            assert not model.something_open
            model.state = S.CLOSED
        else:
            assert row.name == "return_unanswered"
            model.state = S.CLAIMED
