"""Where one case stands in the model, and who somebody is on it, as docs/domain.md tells it.

People are the names of ``tests.factories``; ``here`` is the centre that sites are addressed to, ``there`` the other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from dermavis.domain.case_states import State
from tests.lifecycle.versions import UNREAD, Version

S = State

ASKERS = {
    "requester": "site",
    "other_requester": "site",
    "nurse_requester": "site",
    "substitute": "site",
    "pooled_requester": "pooled_site",
    "stranger": "other_site",
}
SECRETARY = "site_secretary"
SIGNERS = {"expert": "here", "other_expert": "here", "super_user": "here", "stranger_expert": "there"}
TEAM = SIGNERS | {"junior": "here"}
BYSTANDERS = ("centre_secretary", "billing_clerk", "coordinator", "administrator", "pilot", "support")
EVERYBODY = (*ASKERS, SECRETARY, *TEAM, *BYSTANDERS)

WAITING = {S.SUBMITTED, S.CLAIMED, S.ON_HOLD}
HELD = {S.CLAIMED, S.ON_HOLD}
ANSWERED = {S.ANSWERED, S.CLOSED}
SENT = WAITING | ANSWERED | {S.DECLINED}
TO_HONOUR = {S.TO_PLAN, S.PLANNED, S.MISSED}

DOCTORS = ("stranger", "pooled_requester", "other_requester")
"""Who may be a patient's treating doctor: of another site, of one that is pooled, of the case's own and away."""

APART = DOCTORS[:2]
"""Those who have nothing else to do with a case that they did not send."""


@dataclass
class Second:
    """The case that began elsewhere as an opinion that refers up left: the same requester's, at another centre."""

    centre: str
    state: State = S.SUBMITTED
    holder: str = ""


@dataclass
class Standing:
    """Where the case stands, and for whom."""

    begun_by: str
    now: datetime
    away_until: datetime
    state: State = S.DRAFT
    requester: str = ""
    numbered: bool = False
    pooled: bool = False
    target: str = "here"
    centre: str = ""
    holder: str = ""
    asked: set[str] = field(default_factory=set)
    redirected: bool = False
    revisions: int = 0
    answered_meanwhile: bool = False
    versions: list[Version] = field(default_factory=list)
    taken_back: tuple[str, int] | None = None
    asks_again: bool = False
    asked_since: bool = False
    downstream: State = S.NONE
    touched: bool = False
    kind: str = ""
    day: int | None = None
    doctor: str = ""
    objects: bool = False
    referring: set[str] = field(default_factory=set)
    refers: bool = False
    second: Second | None = None

    def __post_init__(self) -> None:
        self.requester = self.begun_by
        self.site = ASKERS.get(self.begun_by, "site")

    # Who somebody is on this case

    def owns(self, who: str) -> bool:
        """Who asked or began it, and who stands in for them."""
        if ASKERS.get(who) != self.site:
            return False
        mine = {self.requester, self.begun_by}
        stands_in = who == "substitute" and self.now <= self.away_until
        return who in mine or (stands_in and "other_requester" in mine)

    def prepared(self, who: str) -> bool:
        """A draft of the site's secretary is open to whoever asks for the site."""
        waits = self.state is S.DRAFT and self.begun_by == self.requester == SECRETARY
        return waits and ASKERS.get(who) == self.site

    def edits(self, who: str) -> bool:
        """Who writes the draft."""
        secretary = who == SECRETARY and self.site == "site"
        return self.state is S.DRAFT and (self.owns(who) or self.prepared(who) or secretary)

    def sends(self, who: str) -> bool:
        return self.owns(who) or self.prepared(who)

    def coordinates(self, who: str) -> bool:
        return who == "coordinator" and self.state is S.POOLED

    def on_team(self, who: str) -> bool:
        """Addressed to their team: everybody of it, junior included."""
        return self.state in SENT and TEAM.get(who) == self.centre

    def signs_here(self, who: str) -> bool:
        return who in SIGNERS and self.on_team(who)

    def holds(self, who: str) -> bool:
        return self.state in HELD and who == self.holder and self.signs_here(who)

    def answered_for(self, who: str) -> bool:
        """The requester's side of an opinion that has left."""
        return self.state in ANSWERED and self.owns(who) and not self.first_is_leaving

    def arranges(self, who: str) -> bool:
        """Who notes the appointment."""
        secretary = who == "centre_secretary" and self.centre == "here" and self.state in ANSWERED
        return self.answered_for(who) or (secretary and not self.first_is_leaving)

    def reads(self, who: str) -> bool:
        """Who may open the case at all."""
        return (
            self.owns(who)
            or self.prepared(who)
            or (who == SECRETARY and self.site == "site")
            or self.on_team(who)
            or (who == "centre_secretary" and self.state in SENT and self.centre == "here")
            or (who == "coordinator" and self.pooled)
        )

    def reads_opinion(self, who: str) -> bool:
        secretary = who == "centre_secretary" and self.state in SENT and self.centre == "here"
        return self.answered_for(who) or self.on_team(who) or secretary or self.has_copy(who)

    def has_copy(self, who: str) -> bool:
        """The treating doctor whom the opinion has reached, or who stands in for them."""
        stands_in = who == "substitute" and self.doctor == "other_requester" and self.now <= self.away_until
        given = any(row.copy is not None and row.leaves <= self.now for row in self.versions)
        there = self.state in ANSWERED and not self.first_is_leaving
        return (who == self.doctor or stands_in) and given and there

    @property
    def elsewhere(self) -> str:
        """The other centre of the two."""
        return "there" if self.centre == "here" else "here"

    def owns_second(self, who: str) -> bool:
        """Who asked is who asks the second centre, whoever began the first."""
        stands_in = who == "substitute" and self.now <= self.away_until
        asks = who == self.requester or (stands_in and self.requester == "other_requester")
        return asks and ASKERS.get(who) == self.site

    def reads_second(self, who: str) -> bool:
        """Who may open the second case: the requester's side, and the centre that it went to."""
        second = self.second
        if second is None:
            return False
        there = second.state in SENT and second.centre
        return (
            self.owns_second(who)
            or (who == SECRETARY and self.site == "site")
            or TEAM.get(who) == there
            or (who == "centre_secretary" and there == "here")
            or (who == "coordinator" and self.pooled)
        )

    def signs_second(self, who: str) -> bool:
        return self.second is not None and SIGNERS.get(who) == self.second.centre

    # What hangs on the opinion

    @property
    def last(self) -> Version | None:
        return self.versions[-1] if self.versions else None

    @property
    def in_force(self) -> Version | None:
        """The version that its requester reads."""
        return next((row for row in reversed(self.versions) if row.leaves <= self.now), None)

    @property
    def is_leaving(self) -> bool:
        return self.last is not None and self.last.leaves > self.now

    @property
    def first_is_leaving(self) -> bool:
        return len(self.versions) == 1 and self.is_leaving

    @property
    def known_state(self) -> State:
        """What the requester knows of: the state before a first signature that has not left."""
        return self.versions[0].before.state if self.first_is_leaving else self.state

    @property
    def something_open(self) -> bool:
        unread = self.last is not None and self.last.requester.state in UNREAD
        return unread or self.asks_again or self.downstream in TO_HONOUR
