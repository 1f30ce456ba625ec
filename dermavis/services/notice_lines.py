"""A line in a person's list, and what is pushed and mailed about it; and who gets it should they be away by then."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select

from dermavis.domain.notice_words import EVENTS
from dermavis.domain.notices import Wishes, letter_from, push_from
from dermavis.models import Notification, OutboxItem, Person, PushSubscription
from dermavis.services.absences import stand_ins
from dermavis.services.notice_subjects import Subject, may_open_subject, of_item
from dermavis.services.work import Work


def write_line(work: Work, event: str, about: Subject, person: Person, not_before: datetime) -> Notification:
    """Write the line in the person's list, which they see from ``not_before`` on."""
    line = Notification(
        id=uuid4(),
        person_id=person.id,
        case_id=about.case_id,
        event=event,
        number=about.number,
        url=about.url,
        at=max(work.now, not_before),
    )
    work.session.add(line)
    work.session.flush()
    return line


def mark_told(work: Work, line: Notification, about: Subject, key: str) -> None:
    """Remember that the person was told under this key, which is told once."""
    marker = write_item(work, "list", line.event, about, work.now, line=line)
    marker.person_id = line.person_id
    marker.dedupe_key = f"{key}:list"
    marker.done_at = work.now
    marker.outcome = "listed"


def send_line(
    work: Work,
    line: Notification,
    about: Subject,
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
        item = write_item(work, "push", line.event, about, at, person=person, line=line)
        item.subscription_id = phone
        item.created_at = news_of or work.now
        _note_absent(item, instead_of)
    letter_at = letter_from(known, wishes, not_before, can_be_pushed=bool(phones))
    if letter_at is not None:
        item = write_item(work, "mail", line.event, about, letter_at, person=person, line=line)
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
    about: Subject,
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
        case_id=about.case_id,
        notification_id=line.id if line else None,
        payload={"number": about.number, "url": about.url} | ({} if about.case else {"subject": about.key}),
        dedupe_key=f"{channel}:{item_id}",
        urgency=EVENTS[event].urgency,
        created_at=work.now,
        not_before=not_before,
        address=address,
    )
    work.session.add(item)
    return item


def reader_now(work: Work, item: OutboxItem, about: Subject) -> UUID | None:
    """Return who is to be told now that a notice leaves: whom it is about, or who is there for them today.

    An absence may have begun since it was written, or ended.
    """
    owner = UUID(item.payload["instead_of"]) if "instead_of" in item.payload else item.person_id
    if owner is None:
        return None
    there = stand_ins(work.session, [owner], work.now).get(owner, owner)
    return there if there == owner or may_open_subject(work, about, there) else owner


def readdress(work: Work, item: OutboxItem, reader_id: UUID) -> None:
    """Have a notice reach somebody else, once: what is sent to them is written beside a line of their own.

    It is news of when it was written first: who was told since, of their own, is not told again.
    """
    about, reader = of_item(work, item), work.session.get_one(Person, reader_id)
    if about is None:
        return
    first = work.session.get(Notification, item.notification_id) if item.notification_id else None
    at = first.at if first is not None else item.created_at
    line = work.session.scalar(
        select(Notification)
        .where(
            Notification.person_id == reader_id,
            Notification.case_id == about.case_id,
            Notification.url == about.url,
            Notification.event == item.event,
            Notification.at == at,
        )
        .limit(1)
    )
    if line is None:
        line = write_line(work, item.event, about, reader, at)
        line.at = at
    sent = select(OutboxItem.id).where(
        OutboxItem.notification_id == line.id, OutboxItem.channel.in_(("push", "mail"))
    )
    if line.read_at is None and work.session.scalar(sent.limit(1)) is None:
        owner = UUID(item.payload.get("instead_of") or str(item.person_id))
        absent = owner if owner != reader_id else None
        send_line(work, line, about, reader, work.now, absent, news_of=item.created_at)
