"""A small model of one case: what becomes of it by each deed. Who may do it: ``standing``."""

from __future__ import annotations

from datetime import timedelta

from dermavis.domain.case_states import State
from tests.lifecycle.standing import ANSWERED, ASKERS, TO_HONOUR, Second, Standing
from tests.lifecycle.versions import Before, Given, Version

S = State
LEAVES_AFTER = timedelta(seconds=20)


class Model(Standing):
    """What becomes of the case."""

    def submitted(self) -> None:
        self.state, self.numbered = S.SUBMITTED, True
        self.centre = self.target
        self.asked.add(self.target)
        self.holder = ""

    def released(self) -> None:
        self.state, self.holder = S.SUBMITTED, ""

    def revised(self) -> None:
        self.revisions += 1
        if self.state is S.ON_HOLD:
            self.state = S.CLAIMED

    def written(self, who: str) -> None:
        """A word: an answer ends a wait, one after the opinion is a question, one of the centre its reply."""
        if ASKERS.get(who) != self.site:
            self.settled()
        elif self.known_state in ANSWERED:
            self.state, self.asks_again, self.asked_since = S.ANSWERED, True, True
        elif self.known_state is S.ON_HOLD:
            self.answered_meanwhile = True
            if self.state is S.ON_HOLD:
                self.state = S.CLAIMED

    def settled(self) -> None:
        self.asks_again = self.asked_since = False

    def signed(self, who: str, destination: str) -> None:
        before = Before(self.state, self.asks_again, self.downstream, self.kind, self.day)
        previous = self.last
        for given in previous.given if previous is not None else []:
            given.is_replaced()
        self._follow(destination, previous)
        ordinary = destination in {"gp", "in_person"}
        version = Version(who, self.now + LEAVES_AFTER, destination, ordinary, before)
        if self.doctor not in {"", self.requester} and not self.objects:
            version.copy = Given()
        if previous is None:
            self.refers = who in self.referring
        self.versions.append(version)
        self.state, self.asks_again = S.ANSWERED, False
        self.asked_since = self.touched = self.answered_meanwhile = False
        self.taken_back = None

    def _follow(self, destination: str, previous: Version | None) -> None:
        """The appointment follows the opinion: dropped, needed, needed anew, or left as people arranged it."""
        stands = self.downstream
        if destination == "gp":
            self.downstream = S.NOT_NEEDED if stands in TO_HONOUR else stands
            return
        asked_for_already = previous is not None and previous.destination == destination
        if stands in TO_HONOUR | {S.DONE, S.NOT_NEEDED} and self.kind == destination:
            if stands not in TO_HONOUR and not asked_for_already:
                self.downstream = S.TO_PLAN
        elif stands is not S.MISSED:
            self.downstream = S.TO_PLAN
        self.kind = destination

    def took_back(self, who: str) -> None:
        """The case as it stood; what its requester did meanwhile counts."""
        undone = self.versions.pop()
        before = undone.before
        self.taken_back = (who, len(self.versions) + 1)
        self.state, self.asks_again = before.state, before.asks_again
        if self.state is S.ON_HOLD and self.answered_meanwhile:
            self.state = S.CLAIMED
        if self.asked_since and self.versions:
            self.state, self.asks_again = S.ANSWERED, True
        if not self.touched:
            self.downstream, self.kind, self.day = before.downstream, before.kind, before.day
        for given in self.last.given if self.last is not None else []:
            given.stands_again()
        self.refers = self.refers and bool(self.versions)

    def opened(self, who: str) -> None:
        """Somebody opens the page: of the requester's side, or with a copy of their own."""
        version = self.in_force
        if version is not None and self.answered_for(who):
            version.requester.is_opened(version.ordinary)
        self.copy_opened(who)

    def copy_opened(self, who: str) -> None:
        version = self.in_force
        if version is not None and version.copy is not None and self.has_copy(who):
            version.copy.is_opened(version.ordinary)

    def copy_acknowledged(self, who: str) -> None:
        """For whom it is given to, or who stands in for them, alone."""
        version = self.in_force
        if version is not None and version.copy is not None and self.has_copy(who):
            version.copy.is_acknowledged()

    def planned(self, day: int) -> None:
        self.downstream, self.day, self.touched = S.PLANNED, day, True

    def acknowledged(self, who: str) -> None:
        if self.in_force is not None:
            self.in_force.requester.is_acknowledged()
        self.copy_acknowledged(who)

    def left(self) -> None:
        """The timers ran: an opinion that refers up and has left began its case elsewhere."""
        if self.refers and self.in_force is not None and self.second is None:
            self.second = Second(self.elsewhere)
