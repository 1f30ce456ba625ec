"""What is to be sent of a row of the outbox, looked at again when it leaves: still news, to whom, and when."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from dermavis.domain.letters import LETTERS, written
from dermavis.domain.notice_letters import letter, title
from dermavis.domain.notice_words import EVENTS
from dermavis.domain.notices import Wishes, after_quiet_hours
from dermavis.domain.ports import Mail, PushTarget
from dermavis.domain.treating_doctor import COPY
from dermavis.models import Case, Delivery, Notification, OutboxItem, Person, PushSubscription
from dermavis.services.demand_reminders import is_awaited
from dermavis.services.doors import may_open
from dermavis.services.following import open_things
from dermavis.services.letters import carried_by, is_out_of_date
from dermavis.services.merge_reminders import is_proposed
from dermavis.services.notice_lines import reader_now
from dermavis.services.notice_subjects import of_item
from dermavis.services.notices import unread_of
from dermavis.services.subscriptions import is_signed_in, target_of
from dermavis.services.work import Work

JUST_NOW = timedelta(minutes=20)
"""Within this the same news is not told again; what urges is told again after half an hour at the soonest."""

STILL_NEWS: dict[str, Callable[[Work, Case], bool]] = {
    "anew_awaited": lambda _work, case: case.anew_awaited,
    "follow_up_due": lambda work, case: open_things(work, case).follow_up,
}
"""Reminders of something that may be settled while the state of the case stays."""

STILL_WAITS: dict[str, Callable[[Work, UUID], bool]] = {
    **dict.fromkeys(("demand_due", "demand_late"), is_awaited),
    **dict.fromkeys(("merge_proposed", "merge_waits", "merge_again"), is_proposed),
}
"""Reminders about no case: whether the thing of this id still waits."""


@dataclass(frozen=True)
class Push:
    """A push ready to be sent."""

    target: PushTarget
    payload: bytes
    urgency: str
    ttl: int
    topic: str


@dataclass(frozen=True)
class Later:
    """The person's quiet hours have begun meanwhile; they end at ``until``."""

    until: datetime


@dataclass(frozen=True)
class Elsewhere:
    """Its reader went away, or came back: it is now for ``reader_id``."""

    reader_id: UUID


@dataclass(frozen=True)
class Unwanted:
    """Nothing is to be sent any more; ``why`` is a code."""

    why: str


def parcel_of(work: Work, item: OutboxItem) -> Push | Mail | Later | Elsewhere | Unwanted:
    """Look at a row again: what is to be sent now, when it is to be looked at again, or why nothing is sent.

    Raises SealBroken, and KeyError or TypeError for a row that cannot be read.
    """
    person = work.session.get(Person, item.person_id) if item.person_id else None
    if item.person_id is not None and person is None:
        return Unwanted("revoked")
    if item.event in LETTERS:
        if person is not None and person.state == "revoked":
            return Unwanted("revoked")
        if is_out_of_date(work, item):
            return Unwanted("out_of_date")
        subject, text = written(item.event, carried_by(work, item))
        return Mail(item.address, subject, text)
    why = _why_stale(work, item)
    if why:
        return Unwanted(why)
    if person is not None:
        reader_id = _reader(work, item, person)
        if reader_id != person.id:
            return Elsewhere(reader_id)
        if person.state == "revoked":
            return Unwanted("revoked")
        if not _leads_somewhere(work, item, person):
            return Unwanted("moved_on")
        until = after_quiet_hours(EVENTS[item.event], Wishes.read(person.preferences), work.now)
        if until > work.now:
            return Later(until)
    if item.channel == "push":
        return _push(work, item)
    address = item.address or (person.email if person else "")
    page = work.system.settings.origin + item.payload["url"]
    return Mail(address, *letter(item.event, item.payload["number"], page))


def _reader(work: Work, item: OutboxItem, person: Person) -> UUID:
    about = of_item(work, item)
    if about is None or (person.substitute_id is None and "instead_of" not in item.payload):
        return person.id
    return reader_now(work, item, about) or person.id


def _leads_somewhere(work: Work, item: OutboxItem, person: Person) -> bool:
    """Whether news of a case still opens its page: it may have gone to another team meanwhile.

    Of an error everybody is told who had anything of the case.
    """
    case = work.session.get(Case, item.case_id) if item.case_id else None
    if case is None or not item.payload["url"].startswith(f"/cases/{case.id}"):
        return True
    return case.state == "entered_in_error" or may_open(work, case, person.id)


def _why_stale(work: Work, item: OutboxItem) -> str:
    """Return why the news is none any more: what it is about moved on, or its reader has read it. Empty otherwise."""
    event, about = EVENTS[item.event], of_item(work, item)
    case = about.case if about is not None else None
    if case is not None:
        if case.state == "entered_in_error" and "entered_in_error" not in event.while_in:
            return "entered_in_error"
        if event.while_in and case.state not in event.while_in:
            return "moved_on"
        if event.until_read and not _is_unread(work, case):
            return "acknowledged"
        if item.event in STILL_NEWS and not STILL_NEWS[item.event](work, case):
            return "moved_on"
    still_waits = STILL_WAITS.get(item.event)
    if still_waits and about is not None and about.id is not None and not still_waits(work, about.id):
        return "moved_on"
    if _was_just_told(work, item, pressing=event.urgency == "high"):
        return "just_told"
    line = work.session.get(Notification, item.notification_id) if item.notification_id else None
    read = line is not None and line.read_at is not None
    return "read" if read and not (item.channel == "mail" and event.letter == "always") else ""


def _was_just_told(work: Work, item: OutboxItem, pressing: bool) -> bool:
    """Whether the same news of the same thing is on its way to the same device, or came there.

    The worker was away, the mail was down, or the night was long: one telling is enough. What came after this was
    written told of it. ``pressing``: what came before keeps nothing back, only a newer one that leaves now does.
    """
    if item.notification_id is None and not item.address:
        return False
    unread = Notification.read_at.is_(None)
    waits = (
        OutboxItem.done_at.is_(None)
        & (OutboxItem.created_at > item.created_at)
        & (OutboxItem.not_before <= work.now)
    )
    told = (OutboxItem.outcome == "sent") & (OutboxItem.done_at > item.created_at)
    came = (OutboxItem.outcome == "sent") & (OutboxItem.done_at > work.now - JUST_NOW)
    other = (
        select(OutboxItem.id)
        .outerjoin(Notification, Notification.id == OutboxItem.notification_id)
        .where(
            OutboxItem.case_id == item.case_id,
            OutboxItem.id != item.id,
            OutboxItem.channel == item.channel,
            OutboxItem.event == item.event,
            OutboxItem.person_id == item.person_id,
            OutboxItem.subscription_id == item.subscription_id,
            OutboxItem.address == item.address,
            Notification.url == item.payload["url"] if item.notification_id else Notification.url.is_(None),
            told | (waits & unread if pressing else (waits | came) & unread),
        )
    )
    return work.session.scalar(other.limit(1)) is not None


def _is_unread(work: Work, case: Case) -> bool:
    waits = (Delivery.case_id == case.id, Delivery.kind != COPY, Delivery.state.in_(("sent", "opened")))
    return work.session.scalar(select(Delivery.id).where(*waits).limit(1)) is not None


def _push(work: Work, item: OutboxItem) -> Push | Unwanted:
    row = work.session.get(PushSubscription, item.subscription_id) if item.subscription_id else None
    if row is None or row.person_id != item.person_id:
        return Unwanted("unsubscribed")
    if not is_signed_in(work, row):
        return Unwanted("signed_out")
    event = EVENTS[item.event]
    payload = push_payload(item.event, item.payload, unread_of(work, row.person_id))
    return Push(target_of(work, row), payload, event.urgency, event.ttl, push_topic(item))


def push_payload(event: str, about: dict[str, Any], unread: int) -> bytes:
    """Return what the service worker shows. The tag lets the same news about the same page replace an older one.

    ``unread``: how much the reader has not read, for the number on the application's icon.
    """
    shown = {
        "title": title(event, about["number"]),
        "body": EVENTS[event].sentence,
        "url": about["url"],
        "tag": f"{event} {about['url']}",
        "unread": unread,
    }
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode()


def push_topic(item: OutboxItem) -> str:
    """Return the topic under which a phone that was off gets the same news once; it tells the push service nothing."""
    return hashlib.sha256(f"{item.event} {item.case_id or item.payload['url']}".encode()).hexdigest()[:32]
