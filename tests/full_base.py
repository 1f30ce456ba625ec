"""A database in which every table has rows: what people do leaves most of them, the rest are filled here."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    Table,
    Uuid,
    func,
    inspect,
    select,
    text,
)

from dermavis.models import Base
from dermavis.models.base import UtcDateTime
from dermavis.services.work import System, writing

Row = tuple[tuple[str, str], ...]


def fill_empty_tables(system: System) -> set[str]:
    """Put one row into each table that has none, its parents first; return the names of the tables filled."""
    filled = set()
    with writing(system) as work:
        connection = work.session.connection()
        for table in Base.metadata.sorted_tables:
            if not connection.scalar(select(func.count()).select_from(table)):
                connection.execute(table.insert().values(_some_row(connection, table, work.now)))
                filled.add(table.name)
    return filled


def _some_row(connection: Connection, table: Table, now: datetime) -> dict[str, Any]:
    return {column.name: _some_value(connection, column, now) for column in table.columns}


def _some_value(connection: Connection, column: Column[Any], now: datetime) -> Any:
    for key in column.foreign_keys:
        return connection.scalar(select(key.column).limit(1))
    kinds = (
        (Uuid, uuid4()),
        (UtcDateTime, now),
        (Boolean, True),
        (Integer, 7),
        (LargeBinary, b"\x00sealed\xff"),
        (JSON, {"gardé": [1, None]}),
    )
    for kind, value in kinds:
        if isinstance(column.type, kind):
            return value
    return now.date() if column.type.python_type is date else f"œuvre {column.name}"


def everything(engine: Engine, tables: dict[str, list[str]]) -> dict[str, list[Row]]:
    """Return every row of these tables, by these columns, as the database holds it."""
    with engine.connect() as connection:
        return {
            name: sorted(
                tuple((column, _written(row[column])) for column in columns)
                for row in connection.execute(text(f'SELECT * FROM "{name}"')).mappings()  # noqa: S608
            )
            for name, columns in tables.items()
        }


def narrowed(rows: dict[str, list[Row]], columns: dict[str, list[str]]) -> dict[str, list[Row]]:
    """Return the same rows of these tables, by these columns only."""
    return {
        name: sorted(tuple(cell for cell in row if cell[0] in kept) for row in rows[name])
        for name, kept in columns.items()
    }


def _written(value: Any) -> str:
    return (
        value.hex
        if isinstance(value, UUID)
        else repr(bytes(value) if isinstance(value, memoryview) else value)
    )


def columns_of(engine: Engine) -> dict[str, list[str]]:
    """Return the names of the columns of each table, the revision's own table apart."""
    found = inspect(engine)
    return {
        name: sorted(column["name"] for column in found.get_columns(name))
        for name in found.get_table_names()
        if name != "alembic_version"
    }
