"""What happens by itself at a time: each row once, in its own transaction, by the handler of its kind."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import select

from dermavis.domain.errors import Conflict, NotFound
from dermavis.domain.lifecycle import LifecycleError
from dermavis.domain.notices import backoff
from dermavis.models import DueRow
from dermavis.services.access import hold
from dermavis.services.failures import trace_of
from dermavis.services.leases import NOW, Queue, take
from dermavis.services.work import System, Work, reading, writing

log = logging.getLogger("dermavis.timers")

Handler = Callable[[Work, DueRow], None]

HANDLERS: dict[str, str] = {
    "upload_expiry": "uploads:expire",
    "forget_photos": "photo_files:forget_photos",
    "housekeeping": "housekeeping:tidy",
    "retention": "retention_round:go_round",
    "retention_of_centre": "retention:rewrite_centre",
    "hold_reminder": "conversation:remind_requester",
    "hold_return": "conversation:return_unanswered",
    "idle_claim": "claiming:release_idle",
    "claim_reminder": "claim_watch:remind_claim",
    "close_answered": "following:close_answered",
    "follow_up_reminder": "follow_ups:remind_follow_up",
    "unread_opinion": "escalation:chase_unread",
    "draft_reminder": "reminders:remind_draft",
    "stub_reminder": "draft_stubs:remind_stub",
    "queue_reminder": "reminders:remind_queue",
    "pool_reminder": "reminders:remind_pool",
    "pool_leave": "reminders:leave_pool",
    "appointment_reminder": "appointments:remind_appointment",
    "question_after": "second_round:chase_question",
    "declined_reminder": "reminders:remind_declined",
    "anew_reminder": "awaiting_anew:remind_anew",
    "second_opinion_late": "second_opinion_links:chase_second_opinion",
    "demand_reminder": "demand_reminders:remind_demand",
    "merge_reminder": "merge_reminders:remind_merge",
    "pairing": "patient_pairs:find_pairs",
    "pairing_round": "patient_pairs:go_round",
}
"""Kind → module of ``dermavis.services`` and function ``(work, row)``. A handler looks at the case again: it may have
moved on. It may schedule its own kind again for the same case."""

APART: dict[str, str] = {"referral_leaves": "referrals:leave"}
"""Kind → function ``(system, case_id)`` that waits for the disk, and so has transactions of its own before the row is
done. It runs again where the worker ends in between: twice must be once."""

QUEUE = Queue(DueRow, DueRow.due_at <= NOW, (DueRow.due_at,), at_most=10, length=timedelta(minutes=5))
MOST_TRIES = 10
"""Of a row that nobody waits for; one of a case is tried for ever: without it nobody would look at the case again."""

WAITED_FOR = frozenset({"demand_reminder", "merge_reminder", "pairing", "pairing_round"})
"""Kinds about no case that are tried for ever all the same: people wait for them, or a list would lack a row."""


def run_due(system: System) -> int:
    """Run what is due and return how many rows were looked at. A handler that fails is tried again later."""
    taken = take(system, QUEUE)
    for row_id, lease in taken:
        try:
            _run(system, row_id, lease)
        except Exception as error:  # noqa: BLE001 - the other rows go on, this one is tried again
            log.error("timer row %s failed: %s", row_id, trace_of(error))
            _try_again(system, row_id, lease)
    return len(taken)


def handler_of(kind: str) -> Handler | None:
    """Return what runs for a kind of row, or None for a kind that nobody knows."""
    if kind in APART:
        return lambda _work, _row: None
    return cast(Handler, _function(HANDLERS[kind])) if kind in HANDLERS else None


def _function(place: str) -> Callable[..., None]:
    module, function = place.split(":")
    return cast(
        Callable[..., None], getattr(importlib.import_module(f"dermavis.services.{module}"), function)
    )


def _run(system: System, row_id: UUID, lease: UUID) -> None:
    _run_apart(system, row_id)
    with writing(system) as work:
        row = _still_ours(work, row_id, lease)
        if row is None:
            return
        handler = handler_of(row.kind)
        row.done_at = work.now
        row.outcome = "done" if handler else "unknown_kind"
        row.lease = row.leased_until = None
        if handler is None:
            log.error("timer row %s has an unknown kind", row_id)
            return
        try:
            with work.session.begin_nested():
                handler(work, row)
        except (Conflict, LifecycleError, NotFound) as refusal:
            # The case moved on between the schedule and now: there is nothing left to do. Any other refusal is not
            # an end: swallowed, it would leave a case without a timer.
            row.done_at = work.now
            row.outcome = refusal.code[:60]


def _run_apart(system: System, row_id: UUID) -> None:
    with reading(system) as work:
        row = work.session.get(DueRow, row_id)
        place, case_id = (APART.get(row.kind), row.case_id) if row is not None else (None, None)
    if place is not None:
        _function(place)(system, case_id)


def _try_again(system: System, row_id: UUID, lease: UUID) -> None:
    with writing(system) as work:
        row = _still_ours(work, row_id, lease)
        if row is None:
            return
        row.lease = row.leased_until = None
        if row.tries >= MOST_TRIES and row.case_id is None and row.kind not in WAITED_FOR:
            row.done_at = work.now
            row.outcome = "given_up"
        else:
            row.due_at = work.now + backoff(row.tries, 0)


def _still_ours(work: Work, row_id: UUID, lease: UUID) -> DueRow | None:
    hold(work, work.session.scalar(select(DueRow.case_id).where(DueRow.id == row_id)))
    row = work.session.get(DueRow, row_id, with_for_update=True)
    return row if row is not None and row.lease == lease and row.done_at is None else None
