"""How far the audit can gain no row any more.

Ids are given when a row is written and seen when its transaction ends. On SQLite writers follow each other, and what is
seen is all there will ever be. On PostgreSQL a lower id may appear after a higher one; yet whoever was given an id
holds a lock on the table until the end. So: what was seen first, who holds the lock next, and once each of these has
ended, nothing below what was seen can still appear.
"""

from __future__ import annotations

import time
from datetime import timedelta

from sqlalchemy import text

from dermavis.services.work import System, reading

PATIENCE = timedelta(seconds=5)
LOOK_S = 0.05

WRITERS = text(
    "SELECT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND granted"
    " AND relation = 'audit_events'::regclass"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def writers_have_ended(system: System, patience: timedelta = PATIENCE) -> bool:
    """Wait until every transaction that writes the audit now has ended; tell whether they have within ``patience``.

    Nobody waits for this: those who begin meanwhile are not looked at.
    """
    if system.on_sqlite:
        return True
    end = time.monotonic() + patience.total_seconds()
    waited_for = _writers(system)
    while waited_for:
        if time.monotonic() >= end:
            return False
        time.sleep(LOOK_S)
        waited_for &= _writers(system)
    return True


def _writers(system: System) -> set[str]:
    with reading(system) as work:
        return set(work.session.scalars(WRITERS))
