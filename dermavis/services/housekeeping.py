"""What is of no use any more goes, once a day: old sessions and codes, sent rows, read lines, orphans."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update

from dermavis.models import (
    Breakdown,
    DueRow,
    HeldForm,
    Notification,
    OneTimeCode,
    OutboxItem,
    PushSubscription,
    RateCount,
    TotpUse,
    UserSession,
)
from dermavis.services import breakdowns, patient_pairs, retention_round
from dermavis.services.schedule import schedule
from dermavis.services.upload_pieces import sweep_pieces
from dermavis.services.work import System, Work, writing

KIND = "housekeeping"
EVERY = timedelta(days=1)

SESSIONS_KEPT = timedelta(days=30)
"""After its end, so that a person can still see on their account page what had been signed in."""

SENT_KEPT = timedelta(days=90)
LINES_KEPT = timedelta(days=365)
CODES_KEPT = timedelta(days=1)


def begin(system: System) -> None:
    """Have the housekeeping and the round of terms come, unless they do already; and that of pairs, once."""
    with writing(system) as work:
        for kind in (KIND, retention_round.KIND):
            waiting = select(DueRow.id).where(DueRow.kind == kind, DueRow.done_at.is_(None))
            if work.session.scalar(waiting) is None:
                schedule(work, kind, work.now)
        if work.session.scalar(select(DueRow.id).where(DueRow.kind == patient_pairs.ROUND)) is None:
            schedule(work, patient_pairs.ROUND, work.now)


def tidy(work: Work, row: DueRow) -> None:
    """Timer ``housekeeping``: remove what is of no use, and come back tomorrow."""
    sent_before, lines_before = work.now - SENT_KEPT, work.now - LINES_KEPT
    ended = work.now - SESSIONS_KEPT
    over = (UserSession.expires_at <= ended) | (UserSession.revoked_at <= ended)
    _remove(work, HeldForm, HeldForm.expires_at <= work.now)
    _remove(work, OneTimeCode, OneTimeCode.expires_at <= work.now - CODES_KEPT)
    _remove(work, TotpUse, TotpUse.used_at <= work.now - CODES_KEPT)
    _remove(work, RateCount, RateCount.window_start <= work.now - timedelta(days=2))
    _remove(work, Breakdown, Breakdown.at <= work.now - breakdowns.KEPT)
    _remove(work, OutboxItem, OutboxItem.done_at <= sent_before)
    old_lines = select(Notification.id).where(Notification.at <= lines_before)
    work.session.execute(
        update(OutboxItem).where(OutboxItem.notification_id.in_(old_lines)).values(notification_id=None)
    )
    _remove(work, Notification, Notification.at <= lines_before)
    _remove(work, PushSubscription, PushSubscription.session_id.in_(select(UserSession.id).where(over)))
    _remove(work, UserSession, over)
    kept = DueRow.kind.not_in([KIND, retention_round.KIND, patient_pairs.ROUND])
    _remove(work, DueRow, (DueRow.done_at <= sent_before) & kept)
    orphans = sweep_pieces(work, row.payload.get("orphans", []))
    schedule(work, KIND, work.now + EVERY, orphans=orphans)


def _remove(work: Work, table: Any, condition: Any) -> None:
    work.session.execute(delete(table).where(condition).execution_options(synchronize_session=False))
