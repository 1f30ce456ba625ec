"""What was deleted must not lie on in the database's file: in its log of changes, or in pages that nothing uses.

``secure_delete`` zeroes what is deleted where it stands. The log (WAL) still holds earlier pages until it is emptied,
and a page that was copied while the file grew may hold an older copy; both are looked for by their bytes, not trusted.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

READ_AT_ONCE = 8 * 1024 * 1024
PART = 20
"""Bytes of a trace that are looked for by themselves: a long value may be cut by the end of a page."""

PATIENCE_S = 30


def wipe(engine: Engine, traces: Sequence[bytes]) -> bool:
    """Remove what was deleted from the file of a SQLite database, and tell whether none of ``traces`` is left.

    Empties the log into the file; rewrites the file only where a trace still stands, or where none is named. Others go
    on reading and wait to write meanwhile. False when they left no moment for it: call again. PostgreSQL keeps no such
    promise (its own files and archives are out of reach from here), and answers True.
    """
    if engine.dialect.name != "sqlite" or not engine.url.database:
        return True
    path = Path(engine.url.database)
    with closing(engine.raw_connection()) as pooled:
        connection: Any = pooled.driver_connection
        emptied = _empty_log(connection)
        if emptied and traces and not stands_in(traces_files(path), traces):
            return True
        _rewrite(connection)
        emptied = _empty_log(connection)
    return emptied and not stands_in(traces_files(path), traces)


def traces_files(path: Path) -> list[Path]:
    """Return the files that a SQLite database consists of now."""
    return [file for file in (path, path.with_name(f"{path.name}-wal")) if file.exists()]


def stands_in(files: Iterable[Path], traces: Sequence[bytes]) -> bool:
    """Tell whether a part of a trace stands in one of the files. Random bytes: a part is never there by chance."""
    parts = [trace[at : at + PART] for trace in traces for at in range(0, len(trace) - PART + 1, PART)]
    return any(part in piece for file in files for piece in _pieces(file) for part in parts)


def _pieces(file: Path) -> Iterable[bytes]:
    """The file in pieces that overlap by the length of a part."""
    with file.open("rb") as opened:
        before = b""
        while piece := opened.read(READ_AT_ONCE):
            yield before + piece
            before = piece[-PART:]


def _empty_log(connection: Any) -> bool:
    end = time.monotonic() + PATIENCE_S
    while True:
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if not busy:
            return True
        if time.monotonic() > end:
            return False
        time.sleep(0.1)


def _rewrite(connection: Any) -> None:
    # A copy of everything is made meanwhile: on the disk, whatever else this connection keeps in memory.
    connection.execute("PRAGMA temp_store=FILE").close()
    try:
        connection.execute("VACUUM").close()
    finally:
        connection.execute("PRAGMA temp_store=MEMORY").close()
