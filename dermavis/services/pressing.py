"""A request in the queue becomes urgent: whom the news of it has not reached yet is told as of an urgent one.

News takes its urgency from its event, as it was when it was written: a request that arrived as an ordinary one would
wait for the end of its readers' quiet hours, and for a mail server with the letters that do not press.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from dermavis.models import Case, Notification, OutboxItem, Person
from dermavis.services.doors import may_open
from dermavis.services.notice_lines import send_line, write_item
from dermavis.services.notice_subjects import of_case
from dermavis.services.work import Work

URGENT = "submitted_urgent"
ARRIVED = ("submitted", "returned_to_queue")
"""What tells of a request that lies in the queue, and does not say that it presses."""


def press_submission(work: Work, case: Case) -> None:
    """Tell those that an urgent request is there to whom something of it still waits to be sent; the actor knows.

    What has left and what was read is not told again: the queue's own reminder says it within an opening hour.
    """
    waiting: dict[UUID | None, list[OutboxItem]] = defaultdict(list)
    for row in work.session.scalars(
        select(OutboxItem)
        .where(OutboxItem.case_id == case.id, OutboxItem.event.in_(ARRIVED), OutboxItem.done_at.is_(None))
        .order_by(OutboxItem.id)
        .with_for_update()
    ):
        waiting[row.notification_id].append(row)
    to_mailboxes = waiting.pop(None, [])
    _end(work, to_mailboxes)
    for address in sorted({row.address for row in to_mailboxes}):
        write_item(work, "mail", URGENT, of_case(case), work.now, address=address)
    lines = select(Notification).where(
        Notification.id.in_(waiting),
        Notification.read_at.is_(None),
        Notification.person_id != work.acting.person_id,
    )
    pressed: set[UUID] = set()
    for line in work.session.scalars(lines.order_by(Notification.at.desc(), Notification.id)).all():
        if not may_open(work, case, line.person_id):
            continue
        _end(work, waiting[line.id])
        if line.person_id not in pressed:
            pressed.add(line.person_id)
            _press(work, case, line, waiting[line.id])


def _press(work: Work, case: Case, line: Notification, rows: Sequence[OutboxItem]) -> None:
    line.event = URGENT
    absent = next((row.payload["instead_of"] for row in rows if "instead_of" in row.payload), None)
    person = work.session.get_one(Person, line.person_id)
    send_line(work, line, of_case(case), person, work.now, UUID(absent) if absent else None)


def _end(work: Work, rows: Sequence[OutboxItem]) -> None:
    for row in rows:
        row.done_at, row.outcome = work.now, "urgent_since"
        row.lease = row.leased_until = None
