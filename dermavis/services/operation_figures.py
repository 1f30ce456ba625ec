"""What those who run the service watch: counts, ages and sizes, without anybody's name, id or number.

Each figure comes from an index or a few rows: it may be asked for every few seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text

from dermavis.domain.opinions import Level
from dermavis.models import (
    AuditEvent,
    AuditSeal,
    Delivery,
    DueRow,
    Heartbeat,
    OutboxItem,
    PictureJob,
)
from dermavis.models.notices import BACKUP_MADE
from dermavis.services.work import Work

FAILED_OUTCOMES = ("gone", "refused", "given_up", "unreadable")
"""How a notice ends that will not reach anybody any more by its channel."""

FAILURES_OVER = timedelta(days=1)


@dataclass(frozen=True)
class Queue:
    """Rows of one kind that are due: how many, and for how many seconds the oldest has been."""

    kind: str
    due: int
    oldest_s: float


@dataclass(frozen=True)
class Figures:
    """The state of the service at one instant. Ages and lags in seconds, None where there is nothing to be old.

    ``failed``: notices given up within the last day, by (channel, outcome). ``unread_red``: emergencies that were
    answered and that nobody has acknowledged. ``database_bytes``: the files of SQLite, log included, or the size that
    PostgreSQL tells.
    """

    at: datetime
    queues: Sequence[Queue]
    failed: dict[tuple[str, str], int]
    dead_timers: int
    unread_red: int
    pictures_waiting: int
    sealing_lag_s: float
    backup_age_s: float | None
    database_bytes: int
    lanes: dict[str, float]

    @property
    def oldest_due_s(self) -> float:
        """The age of the oldest row that is due."""
        return max((queue.oldest_s for queue in self.queues), default=0.0)


def read_figures(work: Work) -> Figures:
    """Return the figures of this instant."""
    now = work.now
    waiting = select(func.count()).select_from(PictureJob).where(PictureJob.done_at.is_(None))
    beats = work.session.execute(select(Heartbeat.name, Heartbeat.at)).all()
    ages = {name: _seconds(now - at) for name, at in beats}
    return Figures(
        at=now,
        queues=_queues(work),
        failed=_failed(work),
        dead_timers=_dead_timers(work),
        unread_red=_unread_red(work),
        pictures_waiting=work.session.scalar(waiting) or 0,
        sealing_lag_s=_sealing_lag(work),
        backup_age_s=ages.get(BACKUP_MADE),
        database_bytes=_database_bytes(work),
        lanes={name.removeprefix("worker."): age for name, age in ages.items() if name.startswith("worker.")},
    )


def _queues(work: Work) -> list[Queue]:
    tables: list[tuple[Any, Any, Any]] = [
        (OutboxItem, OutboxItem.channel, OutboxItem.not_before),
        (DueRow, DueRow.kind, DueRow.due_at),
    ]
    found = []
    for table, kind, due_at in tables:
        counted = (
            select(kind, func.count(), func.min(due_at))
            .where(table.done_at.is_(None), due_at <= work.now)
            .group_by(kind)
        )
        found += [
            Queue(name, count, _age(work, oldest)) for name, count, oldest in work.session.execute(counted)
        ]
    pictures = select(func.count(), func.min(PictureJob.not_before)).where(
        PictureJob.done_at.is_(None), PictureJob.not_before <= work.now
    )
    count, oldest = work.session.execute(pictures).one()
    if count:
        found.append(Queue("pictures", count, _age(work, oldest)))
    return sorted(found, key=lambda queue: -queue.oldest_s)


def _failed(work: Work) -> dict[tuple[str, str], int]:
    counted = (
        select(OutboxItem.channel, OutboxItem.outcome, func.count())
        .where(OutboxItem.done_at > work.now - FAILURES_OVER, OutboxItem.outcome.in_(FAILED_OUTCOMES))
        .group_by(OutboxItem.channel, OutboxItem.outcome)
    )
    return {(channel, outcome): count for channel, outcome, count in work.session.execute(counted)}


def _dead_timers(work: Work) -> int:
    given_up = DueRow.outcome.in_(("given_up", "unknown_kind"))
    since = DueRow.done_at > work.now - FAILURES_OVER
    return work.session.scalar(select(func.count()).select_from(DueRow).where(since, given_up)) or 0


def _unread_red(work: Work) -> int:
    """An unread delivery has a timer that chases it: those rows are few, and lead to it by its key."""
    chased = (
        select(func.count())
        .select_from(DueRow)
        .join(Delivery, Delivery.id == DueRow.subject_id)
        .where(
            DueRow.done_at.is_(None),
            DueRow.kind == "unread_opinion",
            Delivery.level == Level.NOW.value,
            Delivery.state.in_(("sent", "opened")),
            Delivery.sent_at <= work.now,
        )
    )
    return work.session.scalar(chased) or 0


def _sealing_lag(work: Work) -> float:
    sealed_to = work.session.scalar(select(func.max(AuditSeal.last_id))) or 0
    first_left = select(AuditEvent.at).where(AuditEvent.id > sealed_to).order_by(AuditEvent.id).limit(1)
    since = work.session.scalar(first_left)
    return 0.0 if since is None else _age(work, since)


def _database_bytes(work: Work) -> int:
    if not work.system.on_sqlite:
        return int(work.session.scalar(text("SELECT pg_database_size(current_database())")) or 0)
    path = work.system.engine.url.database or ""
    files = (Path(path), Path(f"{path}-wal"))
    return sum(file.stat().st_size for file in files if file.is_file())


def _age(work: Work, since: datetime) -> float:
    return _seconds(work.now - since)


def _seconds(span: timedelta) -> float:
    return max(span.total_seconds(), 0.0)
