"""Questions that every request asks: compiled once for each kind of database, then asked of its driver.

To write a statement, to find its compiled form and to dress its answer costs several times what SQLite needs to answer
it. Here the text and the order of its values are kept, and a row turns what it holds into ids and instants only when
somebody looks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Connection, Dialect, Select, Uuid, bindparam
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

Process = Callable[[Any], Any]
_Slot = tuple[str, bool, Process | None, Any]


class Question:
    """A statement of columns whose values are named by ``bindparam``.

    A row is the tuple of what the database gave, so that rows are compared and hashed as they came; its columns are
    attributes, with the values that Python knows.
    """

    def __init__(self, statement: Select[Any]) -> None:
        self.statement = statement
        self._written: dict[str, _Written] = {}

    def all(self, session: Session, **values: Any) -> list[Any]:
        """Return the rows. Raises KeyError for a value that is missing, DBAPIError."""
        connection = _connection(session)
        written = self._written.get(connection.dialect.name) or self._write(connection.dialect)
        return written.ask(connection, values)

    def first(self, session: Session, **values: Any) -> Any:
        """Return the first row, or None."""
        return next(iter(self.all(session, **values)), None)

    def column(self, session: Session, **values: Any) -> list[Any]:
        """Return the values of a single column."""
        (name,) = self.statement.selected_columns.keys()
        return [getattr(row, name) for row in self.all(session, **values)]

    def _write(self, dialect: Dialect) -> _Written:
        written = self._written[dialect.name] = _written_for(self.statement, dialect)
        return written


def several(name: str, count: int) -> list[BindParameter[UUID]]:
    """Return as many bound ids as asked for, ``name_0`` and on: a list of another length is another statement."""
    return [bindparam(f"{name}_{number}", type_=Uuid()) for number in range(count)]


def numbered(name: str, ids: Iterable[UUID], count: int = 0) -> dict[str, UUID]:
    """Return the values of ``several``; with a ``count`` the last one is repeated up to it."""
    wanted = list(ids)
    wanted += wanted[-1:] * (count - len(wanted))
    return {f"{name}_{number}": one for number, one in enumerate(wanted)}


def rounded(count: int) -> int:
    """Return the power of two that holds a list of this length: few lengths are few statements."""
    return 1 << max(0, count - 1).bit_length()


@dataclass(frozen=True)
class _Written:
    """A statement as one kind of database reads it.

    ``slots`` are its values in their order: name, or none for a constant; how to write it; the constant.
    """

    text: str
    slots: list[_Slot]
    positional: bool
    row: type[tuple[Any, ...]]

    def ask(self, connection: Connection, values: dict[str, Any]) -> list[Any]:
        given = [
            constant if fixed else process(values[name]) if process else values[name]
            for name, fixed, process, constant in self.slots
        ]
        driver: Any = connection.connection.driver_connection
        named = given if self.positional else dict(zip([slot[0] for slot in self.slots], given, strict=True))
        errors = connection.dialect.loaded_dbapi.Error
        try:
            found = driver.execute(self.text, named).fetchall()
        except errors as error:
            raise DBAPIError.instance(
                self.text, None, error, errors, hide_parameters=True, dialect=connection.dialect
            ) from error
        return [self.row(row) for row in found]


def _connection(session: Session) -> Connection:
    """The session's connection; one that only reads has the same all along, and nothing to write first."""
    held: Connection | None = session.info.get("connection")
    if held is not None:
        return held
    session.flush()
    return session.connection()


def _written_for(statement: Select[Any], dialect: Dialect) -> _Written:
    compiled: Any = statement.compile(dialect=dialect)
    slots: list[_Slot] = []
    for name in compiled.positiontup if compiled.positional else compiled.params:
        bind = compiled.binds[name]
        process = _own(bind.type, dialect).bind_processor(dialect)
        constant = None if bind.required else compiled.params[name]
        if not bind.required and process:
            constant = process(constant)
        slots.append((name, not bind.required, process, constant))
    columns: dict[str, Any] = {
        str(column.key): _reader(at, _own(column.type, dialect), dialect)
        for at, column in enumerate(statement.selected_columns)
    }
    row = type("Row", (tuple,), {"__slots__": ()} | columns)
    return _Written(str(compiled), slots, bool(compiled.positional), row)


def _reader(at: int, kind: TypeEngine[Any], dialect: Dialect) -> property:
    process: Process | None = kind.result_processor(dialect, None)
    if process is None:
        return property(itemgetter(at))
    if isinstance(kind, Uuid):
        return property(lambda row: _id(row[at]))
    return property(lambda row: process(row[at]))


@lru_cache(maxsize=20_000)
def _id(text: str | None) -> UUID | None:
    """An id as SQLite keeps it: the same few come again and again."""
    return UUID(text) if text else None


def _own(kind: TypeEngine[Any], dialect: Dialect) -> TypeEngine[Any]:
    return kind.dialect_impl(dialect)
