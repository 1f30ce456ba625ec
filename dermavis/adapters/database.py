"""The database engine: SQLite by default, PostgreSQL where DATABASE_URL says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.pool import ConnectionPoolEntry

BUSY_TIMEOUT_MS = 10_000


def open_engine(url: str) -> Engine:
    """Return an engine whose transactions are safe for several threads and processes.

    On SQLite: WAL, ``synchronous=FULL`` (an acknowledged commit survives a power cut), foreign keys enforced, what
    is deleted overwritten, and the driver's own transaction handling off: writers begin with BEGIN IMMEDIATE through
    the ``writes`` execution option.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        return create_engine(parsed, pool_size=20, max_overflow=20, pool_pre_ping=True, hide_parameters=True)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = create_engine(
        parsed,
        pool_size=32,
        max_overflow=32,
        pool_use_lifo=True,  # the connection used last has the pages and the statements at hand
        hide_parameters=True,
        connect_args={"timeout": BUSY_TIMEOUT_MS / 1000},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def writers_place(url: str) -> Path | None:
    """Return the file by which the writers of a SQLite file take turns; none where the database sees to it."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return None
    return Path(f"{parsed.database}-turns")


def _prepare_sqlite(connection: Any, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "temp_store=MEMORY",
        "secure_delete=ON",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Any) -> None:
    if connection.get_execution_options().get("writes", False):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        return
    # Of the driver itself: to send it through the engine costs more than a short question does.
    connection.connection.driver_connection.execute("BEGIN").close()
