"""What must hold at every hour: nobody is forgotten, nobody is told twice, and nobody is woken for nothing."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NoReturn
from uuid import UUID

from sqlalchemy import func, select

from dermavis.domain.case_states import FINAL, OPEN_QUESTION, Machine, State, Who
from dermavis.domain.notice_words import EVENTS
from dermavis.domain.permission_map import allowed
from dermavis.domain.permissions import Permission
from dermavis.domain.watches import OWNERS
from dermavis.models import Case, Delivery, DueRow, Notification, Opinion
from dermavis.services.access import facts_of
from dermavis.services.my_requests import Section, page_of
from dermavis.services.work import Work, reading
from dermavis.services.worklist import worklist
from tests.year.channels import Channels, Received
from tests.year.expected import EXITS, GOES_THROUGH, LONGEST_SILENCE, TIMERS, UNREAD
from tests.year.further import Further
from tests.year.pressing import Outages
from tests.year.promises import LateClaims
from tests.year.region import ASKING, ON_CALL, Region

TOLD_AGAIN_AFTER = timedelta(minutes=20)


class Forgotten(AssertionError):
    """Something that must hold does not; the message names the seed, the instant and the case."""


@dataclass
class Proofs:
    """Looks at the database as it stands, and at everything that reached somebody."""

    region: Region
    seed: int
    awake_since: datetime
    channels: Channels
    received: list[Received] = field(default_factory=list)
    checks: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _last: dict[tuple[str, str, UUID], datetime] = field(default_factory=dict)
    _looked: dict[UUID, tuple[int, int]] = field(default_factory=dict)
    _climbed: set[UUID] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Begin to look at promises and at what leaves."""
        self.late_claims = LateClaims(self)
        self.outages = Outages(self, self.channels, self.awake_since)
        self.further = Further(self, self.awake_since)

    def fail(self, words: str, case_id: UUID | None = None) -> NoReturn:
        """Stop, saying where."""
        at = self.region.clock.now()
        raise Forgotten(f"seed {self.seed}, {at:%Y-%m-%d %H:%M:%S}, case {case_id}: {words}")

    # What reaches people

    def hear(self, received: Received) -> str:
        """Check something that reached a device, and return whose it is."""
        self.received.append(received)
        self.checks["received"] += 1
        name = self.owner_of(received)
        said = f"{received.event} by {received.channel} to {name}"
        key = (received.device, received.event, received.case_id)
        before = self._last.get(key)
        self._last[key] = received.at
        if before is not None and self._is_old_news(received, name, before):
            self.fail(f"{said}, told twice within {received.at - before}", received.case_id)
        if received.event not in GOES_THROUGH and self.region.is_quiet(name, received.at):
            self.fail(f"{said}, in their quiet hours", received.case_id)
        if name in self.region.gone:
            self.fail(f"{said}, who has left", received.case_id)
        if self.region.who_answers_for(name, received.at) != name:
            self.fail(f"{said}, who is away", received.case_id)
        with reading(self.region.system) as work:
            self._door_is_open(work, received, name, said)
        return name

    def _is_old_news(self, received: Received, name: str, before: datetime) -> bool:
        """Whether the device knows: nothing was written since it was told, or it was told a moment ago."""
        newest = select(func.max(Notification.at)).where(
            Notification.case_id == received.case_id,
            Notification.event == received.event,
            Notification.person_id == self.region.id_of(name),
            Notification.at <= received.at,
        )
        with reading(self.region.system) as work:
            written = work.session.scalar(newest)
        soon = received.at - before < TOLD_AGAIN_AFTER
        presses = EVENTS[received.event].urgency == "high"
        return written is None or written < before or (soon and not presses and received.event != "message")

    def owner_of(self, received: Received) -> str:
        """Return whose device it is."""
        if received.channel == "push":
            return self.region.endpoints[received.device]
        return next(name for name in self.region.names.values() if self._address(name) == received.device)

    def _address(self, name: str) -> str:
        return self.region.world.who(name).email

    def _door_is_open(self, work: Work, received: Received, name: str, said: str) -> None:
        """The page that a notice leads to opens for who is told."""
        case = work.session.get_one(Case, received.case_id)
        actor, facts = self.region.actor(name), facts_of(work, case)
        doors = (Permission.CASE_READ, Permission.CANCELLATION_READ, Permission.OPINION_READ)
        if not any(allowed(actor.facts, door, facts) for door in doors):
            self.fail(f"{said}, who may not open it (it is {case.state})", received.case_id)

    # What stands in the database

    def check(self) -> None:
        """Check every open case and every opinion under way."""
        with reading(self.region.system) as work:
            timers = self._timers(work)
            self._cases(work, timers)
            self._deliveries(work, timers)
            self.late_claims.check(work)
            self.outages.check(work)
            self.further.check(work)

    def _timers(self, work: Work) -> dict[UUID, set[str]]:
        """The timers alive of each case; one that should have run an hour ago is as good as dead."""
        alive: dict[UUID, set[str]] = defaultdict(set)
        late = work.now - timedelta(hours=1)
        rows = select(DueRow.case_id, DueRow.kind, DueRow.subject_id, DueRow.due_at).where(
            DueRow.done_at.is_(None), DueRow.case_id.is_not(None)
        )
        for case_id, kind, subject_id, due_at in work.session.execute(rows):
            if due_at >= late:
                alive[case_id].add(f"{kind}:{subject_id}" if kind == "unread_opinion" else kind)
        return alive

    def _cases(self, work: Work, timers: dict[UUID, set[str]]) -> None:
        rows = select(Case.id, Case.state, Case.downstream, Case.asked_again_at, Case.version).where(
            (Case.closed_at.is_(None)) | (Case.downstream.in_(("to_plan", "planned", "missed")))
        )
        for row in work.session.execute(rows):
            self.checks["cases"] += 1
            state, downstream = State(row.state), State(row.downstream)
            wanted = set(TIMERS[state]) if state in OPEN_QUESTION else set()
            if downstream not in FINAL:
                wanted.add("appointment_reminder")
            if row.asked_again_at is not None:
                wanted.add("question_after")
            if not wanted <= timers[row.id]:
                self.fail(f"{state}/{downstream} without {wanted - timers[row.id]}", row.id)
            today = work.now.toordinal()
            if self._looked.get(row.id) != (row.version, today):
                self._looked[row.id] = (row.version, today)
                self._somebody_can_go_on(work, row.id, state)

    def _somebody_can_go_on(self, work: Work, case_id: UUID, state: State) -> None:
        """Its owner is somebody, and the way out is somebody's: a living account that may take it, or the clock."""
        watch = OWNERS[Machine.QUESTION].get(state)
        if watch is None or watch.exit_by is Who.SYSTEM or state not in EXITS:
            return
        self.checks["ways out"] += 1
        facts = facts_of(work, work.session.get_one(Case, case_id))
        for name in (*ON_CALL, "stranger_expert") if state is State.SUBMITTED else ASKING:
            there = name not in self.region.gone and self.region.who_answers_for(name, work.now) == name
            if there and allowed(self.region.actor(name).facts, EXITS[state], facts):
                return
        self.fail(f"{state}: nobody who is there may take the way out ({EXITS[state]})", case_id)

    def _deliveries(self, work: Work, timers: dict[UUID, set[str]]) -> None:
        rows = work.session.execute(
            select(Delivery, Case)
            .join(Case, Case.id == Delivery.case_id)
            .where(
                Delivery.state.in_(("sent", "opened")),
                Delivery.sent_at <= work.now,
                Delivery.kind == "requester",
            )
        ).all()
        newest = (
            select(Notification.case_id, func.max(Notification.at))
            .where(Notification.event.in_(UNREAD), Notification.case_id.in_([case.id for _, case in rows]))
            .group_by(Notification.case_id)
        )
        last_told = {row[0]: row[1] for row in work.session.execute(newest)}
        for delivery, case in rows:
            self.checks["deliveries"] += 1
            if f"unread_opinion:{delivery.id}" not in timers[case.id]:
                self.fail(f"an unread opinion ({delivery.level}) that goes on to nobody", case.id)
            goes_on = max(self._deadline(delivery, case), self.awake_since) + timedelta(minutes=1)
            if work.now >= goes_on:
                self._goes_on(work, delivery, last_told.get(case.id))
                if delivery.id not in self._climbed:
                    self._told_on(work, delivery, case, goes_on)

    def _deadline(self, delivery: Delivery, case: Case) -> datetime:
        if delivery.level == "now":
            return delivery.sent_at + timedelta(minutes=30)
        if delivery.level == "ordinary":
            return delivery.sent_at + timedelta(days=7)
        assert case.centre_id is not None
        return self.region.next_working_day(delivery.sent_at, case.centre_id)

    def _goes_on(self, work: Work, delivery: Delivery, last: datetime | None) -> None:
        """Somebody was told that it is unread, and is told again in time."""
        last = last if last is not None and last >= delivery.sent_at else None
        silence = LONGEST_SILENCE[delivery.level] + timedelta(hours=1)
        if last is None or (work.now - last > silence and work.now - self.awake_since > silence):
            self.fail(
                f"unread since {delivery.sent_at} ({delivery.level}), last told {last}", delivery.case_id
            )

    def _told_on(self, work: Work, delivery: Delivery, case: Case, goes_on: datetime) -> None:
        told = work.session.execute(
            select(Notification.person_id, Notification.at).where(
                Notification.case_id == case.id,
                Notification.event.in_(UNREAD),
                Notification.at >= delivery.sent_at,
            )
        ).all()
        self._climbed.add(delivery.id)
        self.checks["climbed"] += 1
        if delivery.level != "ordinary":
            self._is_red(case)
        people = {row.person_id for row in told}
        # Whoever is there when it goes on: the life goes by hours, and the doctor on call changes at midnight.
        at = min((row.at for row in told if row.at >= goes_on - timedelta(minutes=1)), default=goes_on)
        wanted = self._who_must_be_told(work, delivery, case, at)
        if not wanted:
            self.fail(f"unread ({delivery.level}), and nobody is there to be told", case.id)
        if not wanted <= people:
            missing = {self.region.names.get(person, str(person)) for person in wanted - people}
            self.fail(f"unread ({delivery.level}) without telling {missing}", case.id)

    def _is_red(self, case: Case) -> None:
        """Whoever asked, or their site's secretary, and the experts of the centre see it red on their lists."""
        region, world = self.region, self.region.world
        asking = region.who_answers_for(region.names[case.requester_id], region.clock.now())
        asking = "site_secretary" if case.site_id == world.site_id else asking
        if asking not in region.gone:
            with reading(region.system, region.actor(asking)) as work:
                tones = {row.id: row.tone for row in page_of(work, Section.FOR_YOU).rows}
            if tones.get(case.id) != "late":
                self.fail(f"unread, and not red for {asking}", case.id)
        assert case.claimed_by is not None
        expert = region.names[case.claimed_by]
        with reading(region.system, region.actor(expert)) as work:
            if case.id not in {row.id for row in worklist(work, "queue").above.unread}:
                self.fail(f"unread, and not red for {expert}", case.id)
        self.checks["red"] += 1

    def _who_must_be_told(self, work: Work, delivery: Delivery, case: Case, at: datetime) -> set[UUID]:
        """Requester or stand-in; for a critical one the site's secretary and the doctor on call, else who signed."""
        region = self.region
        requester = region.names[case.requester_id]
        found = {region.who_answers_for(requester, at)} - set(region.gone)
        if delivery.level != "ordinary":
            found |= {row for row in ("site_secretary",) if case.site_id == region.world.site_id}
            if case.centre_id == region.world.centre_id:
                found.add(region.who_answers_for(region.on_call(at), at))
            else:
                found.add(region.names[self._signer(work, delivery)])
        elif not found:
            found.add(region.who_answers_for(region.names[self._signer(work, delivery)], at))
        return {region.id_of(name) for name in found - set(region.gone)}

    def _signer(self, work: Work, delivery: Delivery) -> UUID:
        signer = work.session.scalar(select(Opinion.signed_by).where(Opinion.id == delivery.opinion_id))
        assert signer is not None
        return signer
