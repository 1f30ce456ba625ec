"""Rows that one worker takes at a time: a conditional UPDATE gives the lease, and one that ends returns by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, or_, select, update

from dermavis.models import DueRow, OutboxItem, PictureJob
from dermavis.services.work import System, writing

Leased = type[OutboxItem] | type[DueRow] | type[PictureJob]

NOW: BindParameter[Any] = bindparam("now")
"""Stands for the instant at which a queue is looked at."""


@dataclass(frozen=True)
class Queue:
    """Rows of a table that wait to be taken: which are ``due`` at ``NOW``, in which order, how many, for how long."""

    table: Leased
    due: ColumnElement[bool]
    order: tuple[Any, ...]
    at_most: int
    length: timedelta

    @cached_property
    def free(self) -> tuple[ColumnElement[bool], ...]:
        """What is due and nobody's."""
        leased_until = self.table.leased_until
        return (self.due, self.table.done_at.is_(None), or_(leased_until.is_(None), leased_until <= NOW))

    @cached_property
    def waiting(self) -> Select[Any]:
        """The rows that may be taken. Written once: an idle worker asks it several times a second, all its life."""
        columns = self.table.__table__.c
        return select(columns.id).where(*self.free).order_by(*self.order).limit(self.at_most)


def take(system: System, queue: Queue) -> list[tuple[UUID, UUID]]:
    """Lease rows that are due and return (row, lease) pairs, in order.

    Looks first without writing: a worker with nothing to do takes nobody's turn. Two workers that see the same row ask
    for it one after the other, and the second finds it taken.
    """
    table, now = queue.table, system.clock.now()
    with system.engine.connect() as connection:
        wanted = connection.execute(queue.waiting, {"now": now}).scalars().all()
    if not wanted:
        return []
    lease = uuid4()
    with writing(system) as work:
        taken = set(
            work.session.scalars(
                update(table)
                .where(table.id.in_(wanted), *queue.free)
                .values(lease=lease, leased_until=now + queue.length, tries=table.tries + 1)
                .returning(table.id)
                .execution_options(synchronize_session=False),
                {"now": now},
            ).all()
        )
    return [(row_id, lease) for row_id in wanted if row_id in taken]
