"""A line in a person's list, and what is pushed and mailed about it; and who gets it should they be away by then."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select

from dermavis.domain.notice_words import EVENTS
from dermavis.domain.notices import Wishes, letter_from, push_from
from dermavis.models import Case, Notification, OutboxItem, Person, PushSubscription
from dermavis.services.absences import stand_ins
from dermavis.services.doors import may_open
from dermavis.services.work import Work


def write_line(
    work: Work, event: str, case: Case, person: Person, url: str, not_before: datetime
) -> Notification:
    """Write the line in the person's list, which they see from ``not_before`` on."""
    line = Notification(
        id=uuid4(),
        person_id=person.id,
        case_id=case.id,
        event=event,
        number=case.number or "",
        url=url,
        at=max(work.now, not_before),
    )
    work.session.add(line)
    work.session.flush()
    return line


def mark_told(work: Work, line: Notification, case: Case, key: str) -> None:
    """Remember that the person was told under this key, which is told once."""
    marker = write_item(work, "list", line.event, case, line.url, work.now, line=line)
    marker.person_id = line.person_id
    marker.dedupe_key = f"{key}:list"
    marker.done_at = work.now
    marker.outcome = "listed"


def send_line(
    work: Work,
    line: Notification,
    case: Case,
    person: Person,
    not_before: datetime,
    instead_of: UUID | None = None,
    news_of: datetime | None = None,
) -> None:
    """Write what is pushed and mailed to the person about a line of their list.

    ``instead_of``: the absent person in whose place they are told. ``news_of``: when it was news, unless it is now.
    """
    known, wishes = EVENTS[line.event], Wishes.read(person.preferences)
    push_at = push_from(known, wishes, not_before)
    phones = _subscriptions(work, person) if push_at is not None else []
    for phone in phones:
        at = push_at or not_before
        item = write_item(work, "push", line.event, case, line.url, at, person=person, line=line)
        item.subscription_id = phone
        item.created_at = news_of or work.now
        _note_absent(item, instead_of)
    letter_at = letter_from(known, wishes, not_before, can_be_pushed=bool(phones))
    if letter_at is not None:
        item = write_item(work, "mail", line.event, case, line.url, letter_at, person=person, line=line)
        item.created_at = news_of or work.now
        _note_absent(item, instead_of)


def _note_absent(item: OutboxItem, absent: UUID | None) -> None:
    if absent is not None:
        item.payload = item.payload | {"instead_of": str(absent)}


def _subscriptions(work: Work, person: Person) -> list[UUID]:
    return list(
        work.session.scalars(select(PushSubscription.id).where(PushSubscription.person_id == person.id))
    )


def write_item(
    work: Work,
    channel: str,
    event: str,
    case: Case,
    url: str,
    not_before: datetime,
    *,
    person: Person | None = None,
    line: Notification | None = None,
    address: str = "",
) -> OutboxItem:
    """Write one thing to send. It holds ids, the neutral number and the page: no name, no motive."""
    item_id = uuid4()
    item = OutboxItem(
        id=item_id,
        channel=channel,
        event=event,
        person_id=person.id if person else None,
        case_id=case.id,
        notification_id=line.id if line else None,
        payload={"number": case.number or "", "url": url},
        dedupe_key=f"{channel}:{item_id}",
        urgency=EVENTS[event].urgency,
        created_at=work.now,
        not_before=not_before,
        address=address,
    )
    work.session.add(item)
    return item


def reader_now(work: Work, item: OutboxItem, case: Case) -> UUID | None:
    """Return who is to be told now that a notice leaves: whom it is about, or who is there for them today.

    An absence may have begun since it was written, or ended.
    """
    owner = UUID(item.payload["instead_of"]) if "instead_of" in item.payload else item.person_id
    if owner is None:
        return None
    there = stand_ins(work.session, [owner], work.now).get(owner, owner)
    return there if there == owner or may_open(work, case, there) else owner


def readdress(work: Work, item: OutboxItem, reader_id: UUID) -> None:
    """Have a notice reach somebody else, once: what is sent to them is written beside a line of their own.

    It is news of when it was written first: who was told since, of their own, is not told again.
    """
    case, reader = work.session.get_one(Case, item.case_id), work.session.get_one(Person, reader_id)
    first = work.session.get(Notification, item.notification_id) if item.notification_id else None
    at = first.at if first is not None else item.created_at
    line = work.session.scalar(
        select(Notification)
        .where(
            Notification.person_id == reader_id,
            Notification.case_id == case.id,
            Notification.event == item.event,
            Notification.at == at,
        )
        .limit(1)
    )
    if line is None:
        line = write_line(work, item.event, case, reader, item.payload["url"], at)
        line.at = at
    sent = select(OutboxItem.id).where(
        OutboxItem.notification_id == line.id, OutboxItem.channel.in_(("push", "mail"))
    )
    if line.read_at is None and work.session.scalar(sent.limit(1)) is None:
        owner = UUID(item.payload.get("instead_of") or str(item.person_id))
        absent = owner if owner != reader_id else None
        send_line(work, line, case, reader, work.now, absent, news_of=item.created_at)
