"""Tables leave one database and come into another, through SQLAlchemy's types: SQLite and PostgreSQL alike.

What leaves is one instant of the database, whatever is written meanwhile; what comes in does so in one transaction.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from itertools import islice
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    String,
    Table,
    TypeDecorator,
    collate,
    insert,
    inspect,
    select,
    text,
)

from dermavis.adapters.backups.listings import line_of

AT_ONCE: Final = 200
"""Rows read or written at a time."""

_READ: Final[dict[type, Callable[[Any], Any]]] = {
    bytes: base64.b64decode,
    UUID: UUID,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
}


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """Give a connection that sees one instant of the database, and writes nothing."""
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        # SQLite's log keeps the instant of the first reading, PostgreSQL that of the first statement.
        connection.execute(text("SELECT count(*) FROM alembic_version")).scalar_one()
        yield connection


def rows_of(connection: Connection, table: Table) -> Iterator[list[Any]]:
    """Yield a table's rows as plain JSON values, in the order of its primary key: the same in every database."""
    ordered = select(table).order_by(*(_sorting(connection, column) for column in table.primary_key.columns))
    for row in connection.execute(ordered, execution_options={"yield_per": AT_ONCE}):
        yield [_written(value) for value in row]


@contextmanager
def loading(engine: Engine) -> Iterator[Connection]:
    """Give one writing transaction in which rows may come before those they refer to.

    All is checked before the commit: IntegrityError when a row refers to nothing. Nothing stays when the block fails.
    """
    with engine.execution_options(writes=True).begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
            yield connection
            return
        connection.execute(text("SET LOCAL lock_timeout = '10s'"))
        _alter_foreign_keys(connection, "DEFERRABLE INITIALLY DEFERRED")
        yield connection
        connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        _alter_foreign_keys(connection, "NOT DEFERRABLE")


def load_rows(
    connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Insert rows that ``rows_of`` gave, and let numbers given by the database go on after theirs."""
    readers = [_reader(table.c[name]) for name in columns]
    remaining = iter(rows)
    while batch := list(islice(remaining, AT_ONCE)):
        connection.execute(
            insert(table),
            [
                {
                    name: None if value is None else read(value)
                    for name, read, value in zip(columns, readers, row, strict=True)
                }
                for row in batch
            ],
        )
    if connection.dialect.name == "postgresql":
        _go_on_counting(connection, table)


def digest_of(connection: Connection, table: Table) -> tuple[int, str]:
    """Return how many rows a table holds, and the hash (hexadecimal) of its lines as a listing has it."""
    digest, count = hashlib.sha256(), 0
    for row in rows_of(connection, table):
        digest.update(line_of(row))
        count += 1
    return count, digest.hexdigest()


def _sorting(connection: Connection, column: Column[Any]) -> ColumnElement[Any]:
    if connection.dialect.name == "postgresql" and isinstance(column.type, String):
        return collate(column, "C")
    return column


def _written(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, date):
        return value.isoformat()
    return value


def _reader(column: Column[Any]) -> Callable[[Any], Any]:
    return _READ.get(_kind(column), lambda value: value)


def _kind(column: Column[Any]) -> type:
    plain = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    return plain.python_type


def _alter_foreign_keys(connection: Connection, how: str) -> None:
    quoted = connection.dialect.identifier_preparer.quote
    for (_, table), keys in inspect(connection).get_multi_foreign_keys().items():
        for key in keys:
            connection.execute(
                text(f"ALTER TABLE {quoted(table)} ALTER CONSTRAINT {quoted(str(key['name']))} {how}")
            )


def _go_on_counting(connection: Connection, table: Table) -> None:
    for column in table.primary_key.columns:
        if _kind(column) is int:
            sequence = connection.scalar(
                text("SELECT pg_get_serial_sequence(:table, :column)"),
                {"table": table.name, "column": column.name},
            )
            last = connection.scalar(select(column).order_by(column.desc()).limit(1))
            if sequence and last is not None:
                connection.execute(
                    text("SELECT setval(CAST(:sequence AS regclass), :last)"),
                    {"sequence": sequence, "last": last},
                )
