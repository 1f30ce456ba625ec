"""Sending what was announced: leased, looked at again, sent, and marked sent only after success."""

from __future__ import annotations

import hashlib
import json
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update

from dermavis.domain.letters import LETTERS, written
from dermavis.domain.notices import EVENTS, Wishes, after_quiet_hours, backoff, letter, title
from dermavis.domain.ports import ChannelGone, DeliveryFailed, DeliveryRefused, Mail, PushTarget, SealBroken
from dermavis.models import Case, Delivery, Notification, OutboxItem, Person, PushSubscription
from dermavis.services.failures import trace_of
from dermavis.services.leases import take
from dermavis.services.letters import carried_by, is_out_of_date
from dermavis.services.subscriptions import is_signed_in, target_of
from dermavis.services.work import System, Work, reading, writing

log = logging.getLogger("dermavis.outbox")

BATCH = {"push": 3, "mail": 1}
"""Rows leased at a time: few enough to be sent well within the lease, were each to run into its time-out."""

LEASE = {"push": timedelta(seconds=90), "mail": timedelta(minutes=4)}
MOST_TRIES = {"push": 8, "mail": 12}


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
class Unwanted:
    """Nothing is to be sent any more; ``why`` is a code."""

    why: str


def deliver_due(system: System, channel: str, chance: Callable[[], float] = random.random) -> int:
    """Send what is due on a channel (``push`` or ``mail``) and return how many rows were looked at.

    ``chance`` (0 to 1) spreads the next tries. Nothing that the other side does raises.
    """
    taken = take(
        system,
        OutboxItem,
        (OutboxItem.channel == channel) & (OutboxItem.not_before <= system.clock.now()),
        OutboxItem.not_before,
        system.clock.now(),
        BATCH[channel],
        LEASE[channel],
    )
    for item_id, lease in taken:
        _deliver(system, item_id, lease, chance)
    return len(taken)


def _deliver(system: System, item_id: UUID, lease: UUID, chance: Callable[[], float]) -> None:
    with reading(system) as work:
        item = work.session.get(OutboxItem, item_id)
        if item is None or item.lease != lease or item.done_at is not None:
            return
        try:
            parcel = _parcel(work, item)
        except (SealBroken, KeyError, TypeError) as error:
            log.error("outbox row %s cannot be read: %s", item_id, trace_of(error))
            parcel = Unwanted("unreadable")
    if isinstance(parcel, Unwanted):
        _finish(system, item_id, lease, parcel.why)
        return
    if isinstance(parcel, Later):
        _postpone(system, item_id, lease, parcel.until)
        return
    try:
        if isinstance(parcel, Push):
            system.push.send(parcel.target, parcel.payload, parcel.urgency, parcel.ttl, parcel.topic)
        else:
            system.mail.send(parcel)
    except ChannelGone:
        _finish(system, item_id, lease, "gone", fall_back=True)
    except DeliveryRefused as refused:
        log.warning("outbox row %s was refused: %s", item_id, refused)
        _finish(system, item_id, lease, "refused", fall_back=True, error=str(refused))
    except DeliveryFailed as failed:
        _try_again(system, item_id, lease, failed, chance())
    else:
        _finish(system, item_id, lease, "sent")


def _parcel(work: Work, item: OutboxItem) -> Push | Mail | Later | Unwanted:
    """Look at a row again: what is to be sent now, when it is to be looked at again, or why nothing is sent."""
    person = work.session.get(Person, item.person_id) if item.person_id else None
    if item.person_id is not None and (person is None or person.state == "revoked"):
        return Unwanted("revoked")
    if item.event in LETTERS:
        if is_out_of_date(work, item):
            return Unwanted("out_of_date")
        subject, text = written(item.event, carried_by(work, item))
        return Mail(item.address, subject, text)
    why = _why_stale(work, item)
    if why:
        return Unwanted(why)
    if person is not None:
        until = after_quiet_hours(EVENTS[item.event], Wishes.read(person.preferences), work.now)
        if until > work.now:
            return Later(until)
    if item.channel == "push":
        return _push(work, item)
    address = item.address or (person.email if person else "")
    page = work.system.settings.origin + item.payload["url"]
    return Mail(address, *letter(item.event, item.payload["number"], page))


def _why_stale(work: Work, item: OutboxItem) -> str:
    """Return why the news is none any more: the case moved on, or its reader has read it. Empty when it still is."""
    event = EVENTS[item.event]
    case = work.session.get(Case, item.case_id) if item.case_id else None
    if case is not None:
        if case.state == "entered_in_error" and item.event != "entered_in_error":
            return "entered_in_error"
        if event.while_in and case.state not in event.while_in:
            return "moved_on"
        if event.until_read and not _is_unread(work, case):
            return "acknowledged"
    line = work.session.get(Notification, item.notification_id) if item.notification_id else None
    read = line is not None and line.read_at is not None
    return "read" if read and not (item.channel == "mail" and event.letter == "always") else ""


def _is_unread(work: Work, case: Case) -> bool:
    waits = (Delivery.case_id == case.id, Delivery.state.in_(("sent", "opened")))
    return work.session.scalar(select(Delivery.id).where(*waits).limit(1)) is not None


def _push(work: Work, item: OutboxItem) -> Push | Unwanted:
    row = work.session.get(PushSubscription, item.subscription_id) if item.subscription_id else None
    if row is None or row.person_id != item.person_id:
        return Unwanted("unsubscribed")
    if not is_signed_in(work, row):
        return Unwanted("signed_out")
    event = EVENTS[item.event]
    payload = push_payload(item.event, item.payload)
    return Push(target_of(work, row), payload, event.urgency, event.ttl, push_topic(item))


def push_payload(event: str, about: dict[str, Any]) -> bytes:
    """Return what the service worker shows. The tag lets the same news about the same page replace an older one."""
    shown = {
        "title": title(event, about["number"]),
        "body": EVENTS[event].sentence,
        "url": about["url"],
        "tag": f"{event} {about['url']}",
    }
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode()


def push_topic(item: OutboxItem) -> str:
    """Return the topic under which a phone that was off gets the same news once; it tells the push service nothing."""
    return hashlib.sha256(f"{item.event} {item.case_id}".encode()).hexdigest()[:32]


def _finish(
    system: System, item_id: UUID, lease: UUID, outcome: str, fall_back: bool = False, error: str = ""
) -> None:
    with writing(system) as work:
        item = _still_ours(work, item_id, lease)
        if item is None:
            return
        item.done_at = work.now
        item.outcome = outcome
        item.last_error = error
        item.secret_sealed = None
        item.lease = item.leased_until = None
        if item.subscription_id is not None:
            _note_on_subscription(work, item.subscription_id, outcome)
        if fall_back or outcome in {"signed_out", "unsubscribed"}:
            _hasten_letter(work, item)


def _postpone(system: System, item_id: UUID, lease: UUID, until: datetime) -> None:
    with writing(system) as work:
        item = _still_ours(work, item_id, lease)
        if item is not None:
            item.lease = item.leased_until = None
            item.not_before = until
            item.tries -= 1


def _try_again(system: System, item_id: UUID, lease: UUID, failed: DeliveryFailed, chance: float) -> None:
    with writing(system) as work:
        item = _still_ours(work, item_id, lease)
        if item is None:
            return
        item.lease = item.leased_until = None
        item.last_error = str(failed)[:200]
        if item.tries < MOST_TRIES[item.channel]:
            item.not_before = work.now + backoff(item.tries, chance, failed.retry_after)
            return
        log.warning("outbox row %s is given up after %s tries", item_id, item.tries)
        item.done_at = work.now
        item.outcome = "given_up"
        item.secret_sealed = None
        _hasten_letter(work, item)


def _still_ours(work: Work, item_id: UUID, lease: UUID) -> OutboxItem | None:
    """Return the row unless its lease has passed to another worker."""
    item = work.session.get(OutboxItem, item_id, with_for_update=True)
    return item if item is not None and item.lease == lease and item.done_at is None else None


def _note_on_subscription(work: Work, subscription_id: UUID, outcome: str) -> None:
    if outcome == "gone":
        work.session.execute(delete(PushSubscription).where(PushSubscription.id == subscription_id))
        return
    row = work.session.get(PushSubscription, subscription_id)
    if row is None:
        return
    if outcome == "sent":
        row.last_success_at = work.now
        row.failures = 0
    elif outcome == "refused":
        row.failures += 1


def _hasten_letter(work: Work, item: OutboxItem) -> None:
    """A push that cannot arrive lets the letter leave at once, unless another phone was or may still be reached."""
    if item.channel != "push" or item.notification_id is None:
        return
    pushes = work.session.scalars(
        select(OutboxItem.id).where(
            OutboxItem.notification_id == item.notification_id,
            OutboxItem.channel == "push",
            OutboxItem.id != item.id,
            OutboxItem.done_at.is_(None) | (OutboxItem.outcome == "sent"),
        )
    ).all()
    if not pushes:
        work.session.execute(
            update(OutboxItem)
            .where(
                OutboxItem.notification_id == item.notification_id,
                OutboxItem.channel == "mail",
                OutboxItem.done_at.is_(None),
                OutboxItem.not_before > work.now,
            )
            .values(not_before=work.now)
        )
