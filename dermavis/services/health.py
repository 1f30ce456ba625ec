"""Whether the service does what it promises: for a watcher outside, in words without anybody's name."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.exc import SQLAlchemyError

from dermavis.models import AuditEvent, AuditSeal, DueRow, Heartbeat, KeyCheck, OutboxItem, PictureJob
from dermavis.services import audit_timestamping
from dermavis.services.work import System, Work, reading

MEGABYTE = 1_000_000

LATE_AFTER = timedelta(minutes=5)
"""A row that was due so long ago and is in nobody's hands: the worker is away, or cannot keep up."""

SILENT_AFTER = timedelta(minutes=2)

SEALS_LATE_AFTER = timedelta(minutes=15)
"""An audit row without its seal, or a seal that the witness was not told of when its turn came."""

FAILS_AFTER = 7
"""So many tries take about five minutes (``domain.notices.backoff``)."""

Waiting = type[OutboxItem] | type[DueRow] | type[PictureJob]

_FAILING: dict[str, tuple[Waiting, ColumnElement[bool]]] = {
    "letters_failing": (OutboxItem, (OutboxItem.channel == "mail") & (OutboxItem.tries >= FAILS_AFTER)),
    "timers_failing": (DueRow, DueRow.tries >= FAILS_AFTER),
}


def complaints(system: System) -> list[str]:
    """Return what is wrong, as codes; nothing when all is well.

    ``database``: it does not answer. ``key``: it stands on a master key that is not at hand. ``notices_late``,
    ``timers_late``, ``pictures_late``: something due waits for more than five minutes. ``letters_failing``,
    ``timers_failing``: one failed again and again. ``worker_silent``: no lane of the worker has been alive for two
    minutes, or a lane hangs. ``seals_late``: a row of the audit waits for its seal for a quarter of an hour;
    ``witness_late``: the outside witness has not been told of a seal for so long. ``timestamp_late``: the authority has
    not stamped a seal a quarter of an hour after its turn. ``disk_full``, ``memory_short``: less is left than is kept
    in reserve.
    """
    try:
        with reading(system) as work:
            return _without_key(work) + _without_room(system) + _complaints(work)
    except SQLAlchemyError:
        return ["database"]


def unready(system: System) -> list[str]:
    """Return why this process cannot serve people now, as codes of ``complaints``: database, key, disk or memory."""
    try:
        with reading(system) as work:
            return _without_key(work) + _without_room(system)
    except SQLAlchemyError:
        return ["database"]


def _complaints(work: Work) -> list[str]:
    long_ago = work.now - LATE_AFTER
    due: dict[str, tuple[Waiting, ColumnElement[bool]]] = {
        "notices_late": (OutboxItem, OutboxItem.not_before <= long_ago),
        "timers_late": (DueRow, DueRow.due_at <= long_ago),
        "pictures_late": (PictureJob, PictureJob.not_before <= long_ago),
    }
    found = [
        code for code, (table, late) in due.items() if _waits(work, table, late & _in_no_hands(work, table))
    ]
    found += [code for code, (table, failing) in _FAILING.items() if _waits(work, table, failing)]
    beats = work.session.scalars(select(Heartbeat.at).where(Heartbeat.name.like("worker.%"))).all()
    if not beats or min(beats) < work.now - SILENT_AFTER:
        found.append("worker_silent")
    return found + _sealing(work)


def _without_key(work: Work) -> list[str]:
    values = work.session.scalars(select(KeyCheck.value)).all()
    missing = not values or any(work.system.cipher.master(value) is None for value in values)
    return ["key"] if missing else []


def _without_room(system: System) -> list[str]:
    """What the machine lacks, by the reserves of the settings."""
    if system.machine is None:
        return []
    settings = system.settings
    left = {
        "disk_full": (system.machine.free_disk(), settings.disk_reserve_mb),
        "memory_short": (system.machine.free_memory(), settings.memory_reserve_mb),
    }
    return [code for code, (size, reserve) in left.items() if size is not None and size < reserve * MEGABYTE]


def _sealing(work: Work) -> list[str]:
    """What is late of the audit's seal."""
    long_ago = work.now - SEALS_LATE_AFTER
    sealed_to = work.session.scalar(select(func.max(AuditSeal.last_id))) or 0
    first_left = select(AuditEvent.at).where(AuditEvent.id > sealed_to).order_by(AuditEvent.id).limit(1)
    waits_since = work.session.scalar(first_left)
    found = ["seals_late"] if waits_since is not None and waits_since <= long_ago else []
    if work.system.witness is not None:
        untold = select(func.min(AuditSeal.sealed_at)).where(AuditSeal.witnessed_at.is_(None))
        untold_since = work.session.scalar(untold)
        if untold_since is not None and untold_since <= long_ago - work.system.witness.every:
            found.append("witness_late")
    if audit_timestamping.is_late(work, SEALS_LATE_AFTER):
        found.append("timestamp_late")
    return found


def _waits(work: Work, table: Waiting, which: ColumnElement[bool]) -> bool:
    row = work.session.scalar(select(table.id).where(table.done_at.is_(None), which).limit(1))
    return row is not None


def _in_no_hands(work: Work, table: Waiting) -> ColumnElement[bool]:
    return or_(table.leased_until.is_(None), table.leased_until <= work.now)
