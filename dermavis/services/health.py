"""Whether the service does what it promises: for a watcher outside, in words without anybody's name."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.exc import SQLAlchemyError

from dermavis.models import DueRow, Heartbeat, KeyCheck, OutboxItem, PictureJob
from dermavis.services.work import System, Work, reading

LATE_AFTER = timedelta(minutes=5)
"""A row that was due so long ago and is in nobody's hands: the worker is away, or cannot keep up."""

SILENT_AFTER = timedelta(minutes=2)

Waiting = type[OutboxItem] | type[DueRow] | type[PictureJob]


def complaints(system: System) -> list[str]:
    """Return what is wrong, as codes; nothing when all is well.

    ``database``: it does not answer. ``key``: it stands on a master key that is not at hand. ``notices_late``,
    ``timers_late``, ``pictures_late``: something due waits for more than five minutes. ``worker_silent``: no lane of
    the worker has been alive for two minutes, or a lane hangs.
    """
    try:
        with reading(system) as work:
            return _complaints(work)
    except SQLAlchemyError:
        return ["database"]


def _complaints(work: Work) -> list[str]:
    long_ago = work.now - LATE_AFTER
    found = []
    values = work.session.scalars(select(KeyCheck.value)).all()
    if not values or any(work.system.cipher.master(value) is None for value in values):
        found.append("key")
    late: dict[str, tuple[Waiting, ColumnElement[bool]]] = {
        "notices_late": (OutboxItem, OutboxItem.not_before <= long_ago),
        "timers_late": (DueRow, DueRow.due_at <= long_ago),
        "pictures_late": (PictureJob, PictureJob.not_before <= long_ago),
    }
    found += [code for code, (table, due) in late.items() if _waits(work, table, due)]
    beats = work.session.scalars(select(Heartbeat.at).where(Heartbeat.name.like("worker.%"))).all()
    if not beats or min(beats) < work.now - SILENT_AFTER:
        found.append("worker_silent")
    return found


def _waits(work: Work, table: Waiting, due: ColumnElement[bool]) -> bool:
    in_no_hands = or_(table.leased_until.is_(None), table.leased_until <= work.now)
    row = work.session.scalar(select(table.id).where(table.done_at.is_(None), due, in_no_hands).limit(1))
    return row is not None
