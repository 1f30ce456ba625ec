"""A small model of one case: who may do what, and what becomes of it, as docs/domain.md tells it.

People are the names of ``tests.factories``; ``here`` is the centre that sites are addressed to, ``there`` the other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dermavis.domain.case_states import State

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
UNREAD = {S.SENT, S.OPENED}

LEAVES_AFTER = timedelta(seconds=20)


@dataclass(frozen=True)
class Before:
    """What a signature changes, as it stood."""

    state: State
    asks_again: bool
    downstream: State
    kind: str
    day: int | None


@dataclass
class Version:
    """One signed version: who signed, when it leaves, what it asks for; where its delivery stands.

    ``before``: the case as it was before the signature.
    """

    signer: str
    leaves: datetime
    destination: str
    ordinary: bool
    before: Before
    delivery: State = S.SENT
    read_meanwhile: bool = False
    was: State = S.SENT


@dataclass
class Model:
    """Where the case stands, and for whom."""

    begun_by: str
    now: datetime
    away_until: datetime
    state: State = S.DRAFT
    requester: str = ""
    numbered: bool = False
    discarded: bool = False
    pooled: bool = False
    target: str = "here"
    centre: str = ""
    holder: str = ""
    former: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    declined: bool = False
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
        return self.answered_for(who) or self.on_team(who) or secretary

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
        unread = self.last is not None and self.last.delivery in UNREAD
        return unread or self.asks_again or self.downstream in TO_HONOUR

    # What becomes of it

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
        if previous is not None and previous.delivery in UNREAD:
            previous.was, previous.delivery, previous.read_meanwhile = previous.delivery, S.REPLACED, False
        self._follow(destination, previous)
        version = Version(
            who, self.now + LEAVES_AFTER, destination, destination in {"gp", "in_person"}, before
        )
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
        if self.last is not None and self.last.delivery is S.REPLACED:
            self.last.delivery = S.ACKNOWLEDGED if self.last.read_meanwhile else self.last.was

    def opened(self, who: str) -> None:
        """The requester's side opens the page; where opening is enough, it has read it."""
        version = self.in_force
        if version is not None and self.answered_for(who) and version.delivery in UNREAD:
            version.delivery = S.ACKNOWLEDGED if version.ordinary else S.OPENED

    def planned(self, day: int) -> None:
        self.downstream, self.day, self.touched = S.PLANNED, day, True

    def acknowledged(self) -> None:
        version = self.in_force
        if version is not None and version.delivery is S.REPLACED:
            version.read_meanwhile = True
        elif version is not None:
            version.delivery = S.ACKNOWLEDGED
