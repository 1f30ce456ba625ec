"""What presses leaves at once by what works, once by what comes back; an outage of the mail stands red meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from dermavis.models import Notification, OutboxItem
from dermavis.services.health import complaints
from dermavis.services.work import Work
from tests.year.channels import Channels

if TYPE_CHECKING:
    from tests.year.proofs import Proofs

HOUR = timedelta(hours=1)
"""Longer than the longest wait between two tries of what presses."""


@dataclass
class Outages:
    """Looks at what waits to leave, and at what pressed an hour ago."""

    proofs: Proofs
    channels: Channels
    looked_to: datetime

    def check(self, work: Work) -> None:
        """Check what is an hour old: the worker has been awake for as long."""
        if work.now < self.proofs.awake_since + HOUR:
            return
        for item in self._pressing_letters(work):
            self._leaves_or_stands_red(work, item)
        given_up = select(OutboxItem.case_id, OutboxItem.event).where(
            OutboxItem.channel == "mail", OutboxItem.outcome == "given_up"
        )
        for case_id, event in work.session.execute(given_up.limit(1)):
            self.proofs.fail(f"the letter {event} was given up", case_id)
        self._phones_were_told(work)

    def _pressing_letters(self, work: Work) -> list[OutboxItem]:
        """Pressing letters that should have left an hour ago and have not."""
        waiting = select(OutboxItem).where(
            OutboxItem.channel == "mail",
            OutboxItem.done_at.is_(None),
            OutboxItem.urgency == "high",
            OutboxItem.created_at < work.now - HOUR,
        )
        return list(work.session.scalars(waiting))

    def _leaves_or_stands_red(self, work: Work, item: OutboxItem) -> None:
        self.proofs.checks["letters held up"] += 1
        if not self.channels.mail_is_out and self.channels.mail_up_since < work.now - HOUR:
            self.proofs.fail(f"the letter {item.event} waits while mail works", item.case_id)
        if "letters_failing" not in complaints(self.proofs.region.system):
            self.proofs.fail(f"the letter {item.event} is held up, and nobody is told of it", item.case_id)

    def _phones_were_told(self, work: Work) -> None:
        """Whoever has a phone that works heard on it of what pressed, unless that was settled before it left."""
        until = work.now - HOUR
        pressing = (
            select(Notification, OutboxItem)
            .join(OutboxItem, OutboxItem.notification_id == Notification.id)
            .where(
                OutboxItem.channel == "push",
                OutboxItem.urgency == "high",
                Notification.at > self.looked_to,
                Notification.at <= until,
            )
        )
        for line, item in work.session.execute(pressing).all():
            self.proofs.checks["pressing pushes"] += 1
            if item.done_at is None or item.outcome == "given_up":
                self.proofs.fail(f"{line.event} presses, and a phone was not told", line.case_id)
            if item.outcome == "sent" and not self._heard(line):
                self.proofs.fail(f"{line.event} is said to be sent, and no phone has it", line.case_id)
        self.looked_to = until

    def _heard(self, line: Notification) -> bool:
        region = self.proofs.region
        return any(
            got.channel == "push"
            and got.at >= line.at
            and (got.event, got.case_id) == (line.event, line.case_id)
            and region.id_of(region.endpoints[got.device]) == line.person_id
            for got in reversed(self.proofs.received)
        )
