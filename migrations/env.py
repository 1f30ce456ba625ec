"""Joins Alembic to our engine: one transaction for all that is to be done, on SQLite too.

SQLite changes a table by copying it; foreign keys rest meanwhile and are checked before the commit. On PostgreSQL an
advisory lock makes two machines that start together migrate one after the other.
"""

from __future__ import annotations

from contextlib import closing
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, Engine, text

from dermavis.adapters.database import open_engine
from dermavis.models import Base
from dermavis.models.base import UtcDateTime
from dermavis.settings import Settings

MIGRATION_LOCK = 7_316_042


def run() -> None:
    """Run what Alembic asked for on the engine handed over, or on that of the settings."""
    engine: Engine = context.config.attributes.get("engine") or open_engine(
        Settings.from_environment().database_url
    )
    on_sqlite = engine.dialect.name == "sqlite"
    with engine.execution_options(writes=True).connect() as connection:
        if on_sqlite:
            _enforce_foreign_keys(connection, False)
        try:
            with connection.begin():
                _migrate(connection, on_sqlite)
        finally:
            if on_sqlite:
                _enforce_foreign_keys(connection, True)


def _enforce_foreign_keys(connection: Connection, enforced: bool) -> None:
    # Straight to the driver: the pragma has no effect within a transaction.
    with closing(connection.connection.cursor()) as cursor:
        cursor.execute(f"PRAGMA foreign_keys={'ON' if enforced else 'OFF'}")


def _migrate(connection: Connection, on_sqlite: bool) -> None:
    if not on_sqlite:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=_render_item,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    if on_sqlite:
        orphans = connection.execute(text("PRAGMA foreign_key_check")).all()
        if orphans:
            raise RuntimeError(f"this migration would leave rows without their parent: {orphans[:5]}")


def _render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    # A migration names plain types: it must go on running when our own types have changed.
    return "sa.DateTime()" if kind == "type" and isinstance(item, UtcDateTime) else False


run()
