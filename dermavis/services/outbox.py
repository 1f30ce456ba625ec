"""Sending what was announced: leased, looked at again, sent, and marked sent only after success."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, update

from dermavis.domain.notices import LONGEST_WAIT, UNPRESSED_WAIT, backoff
from dermavis.domain.ports import ChannelGone, DeliveryFailed, DeliveryRefused, SealBroken
from dermavis.models import OutboxItem, PushSubscription
from dermavis.services.failures import trace_of
from dermavis.services.leases import NOW, Queue, take
from dermavis.services.notice_lines import readdress
from dermavis.services.parcels import Elsewhere, Later, Push, Unwanted, parcel_of
from dermavis.services.work import System, Work, reading, writing

log = logging.getLogger("dermavis.outbox")


def _queue(channel: str, at_most: int, length: timedelta) -> Queue:
    due = (OutboxItem.channel == channel) & (OutboxItem.not_before <= NOW)
    return Queue(OutboxItem, due, (OutboxItem.not_before,), at_most, length)


QUEUES = {
    "push": _queue("push", 3, timedelta(seconds=90)),
    "mail": _queue("mail", 1, timedelta(minutes=4)),
}
"""Rows leased at a time: few enough to be sent well within the lease, were each to run into its time-out."""

MOST_TRIES = {"push": 8, "mail": 12}
TRIED_FOR = {"push": timedelta(0), "mail": timedelta(days=7)}
"""A push has a letter behind it. A letter has nothing: it outlasts a mail server that is away for a long weekend, as
mail servers do among themselves (RFC 5321, 4.5.4.1: four to five days at least). Stale by then, it does not leave."""


def deliver_due(system: System, channel: str, chance: Callable[[], float] = random.random) -> int:
    """Send what is due on a channel (``push`` or ``mail``) and return how many rows were looked at.

    ``chance`` (0 to 1) spreads the next tries. Nothing that the other side does raises.
    """
    taken = take(system, QUEUES[channel])
    for item_id, lease in taken:
        _deliver(system, item_id, lease, chance)
    return len(taken)


def _deliver(system: System, item_id: UUID, lease: UUID, chance: Callable[[], float]) -> None:
    with reading(system) as work:
        item = work.session.get(OutboxItem, item_id)
        if item is None or item.lease != lease or item.done_at is not None:
            return
        try:
            parcel = parcel_of(work, item)
        except (SealBroken, KeyError, TypeError) as error:
            log.error("outbox row %s cannot be read: %s", item_id, trace_of(error))
            parcel = Unwanted("unreadable")
    if isinstance(parcel, Unwanted):
        _finish(system, item_id, lease, parcel.why)
        return
    if isinstance(parcel, Later):
        _postpone(system, item_id, lease, parcel.until)
        return
    if isinstance(parcel, Elsewhere):
        _finish(system, item_id, lease, "elsewhere", reader_id=parcel.reader_id)
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


def _finish(
    system: System,
    item_id: UUID,
    lease: UUID,
    outcome: str,
    fall_back: bool = False,
    error: str = "",
    reader_id: UUID | None = None,
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
        if reader_id is not None:
            readdress(work, item, reader_id)
            return
        if outcome == "sent" and item.channel == "mail" and item.tries > 1:
            _hasten_the_held_up(work)
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
            item.last_error = ""  # it waits for its reader now, not for the mail server


def _try_again(system: System, item_id: UUID, lease: UUID, failed: DeliveryFailed, chance: float) -> None:
    with writing(system) as work:
        item = _still_ours(work, item_id, lease)
        if item is None:
            return
        item.lease = item.leased_until = None
        item.last_error = str(failed)[:200]
        if item.tries < MOST_TRIES[item.channel] or work.now - item.created_at < TRIED_FOR[item.channel]:
            longest = LONGEST_WAIT if item.urgency == "high" else UNPRESSED_WAIT
            item.not_before = work.now + backoff(item.tries, chance, failed.retry_after, longest)
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


def _hasten_the_held_up(work: Work) -> None:
    """A letter that had failed was taken: the mail server is back, and whatever else failed is tried now."""
    # What another worker holds is being seen to; in one order, so that no two wait for each other.
    held_up = (
        select(OutboxItem.id)
        .where(
            OutboxItem.channel == "mail",
            OutboxItem.done_at.is_(None),
            OutboxItem.lease.is_(None),
            OutboxItem.last_error != "",
            OutboxItem.not_before > work.now,
        )
        .order_by(OutboxItem.id)
        .limit(1000)
        .with_for_update(skip_locked=True)
    )
    found = work.session.scalars(held_up).all()
    if found:
        work.session.execute(update(OutboxItem).where(OutboxItem.id.in_(found)).values(not_before=work.now))


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
