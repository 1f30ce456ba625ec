"""The rows of the audit as they are sealed: every column, read as the database holds it and not as the program would.

SQLite keeps any text in any column, and many texts read as one id or instant. Only the form that the program writes is
taken for one: an id in capitals, which no query would find any more, is another row than the one that was sealed. What
was detailed is taken letter by letter.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ColumnElement, Row, Select, String, Uuid, cast, select, type_coerce
from sqlalchemy.types import NullType

from dermavis.domain.audit_seal import Cell
from dermavis.models.audit import AuditEvent
from dermavis.models.base import UtcDateTime

TABLE = AuditEvent.__table__
WRITTEN_ID = re.compile(r"[0-9a-f]{32}")
WRITTEN_INSTANT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}")


def rows_between(first_id: int, last_id: int) -> Select[*tuple[Any, ...]]:
    """Select the rows of a range in their order, for ``cells_of``."""
    columns: list[ColumnElement[Any]] = [
        cast(column, String) if isinstance(column.type, JSON) else type_coerce(column, NullType())
        for column in TABLE.columns
    ]
    return (
        select(*columns)
        .select_from(TABLE)
        .where(AuditEvent.id >= first_id, AuditEvent.id <= last_id)
        .order_by(AuditEvent.id)
        .execution_options(yield_per=1000)
    )


def cells_of(row: Row[Any]) -> dict[str, Cell]:
    """Return a row's cells by the names of their columns."""
    return {column.name: _cell(column.type, value) for column, value in zip(TABLE.columns, row, strict=True)}


def _cell(kind: Any, value: Any) -> Cell:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC)
    if isinstance(value, str) and isinstance(kind, Uuid) and WRITTEN_ID.fullmatch(value):
        return UUID(value)
    if isinstance(value, str) and isinstance(kind, UtcDateTime) and WRITTEN_INSTANT.fullmatch(value):
        return _instant(value)
    known: Cell = value
    return known


def _instant(written: str) -> Cell:
    try:
        return datetime.strptime(written, "%Y-%m-%d %H:%M:%S.%f").replace(tzinfo=UTC)
    except ValueError:
        return written
