"""Rows that one worker takes at a time: a conditional UPDATE gives the lease, and one that ends returns by itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, or_, select, update

from dermavis.models import DueRow, OutboxItem, PictureJob
from dermavis.services.work import System, reading, writing

Leased = type[OutboxItem] | type[DueRow] | type[PictureJob]


def take(
    system: System,
    table: Leased,
    due: ColumnElement[bool],
    order: Any,
    now: datetime,
    at_most: int,
    length: timedelta,
) -> list[tuple[UUID, UUID]]:
    """Lease rows that are due and return (row, lease) pairs, in order.

    Looks first without writing: a worker with nothing to do takes nobody's turn. Two workers that see the same row ask
    for it one after the other, and the second finds it taken.
    """
    columns = order if isinstance(order, tuple) else (order,)
    free = (
        due,
        table.done_at.is_(None),
        or_(table.leased_until.is_(None), table.leased_until <= now),
    )
    with reading(system) as work:
        wanted = work.session.scalars(select(table.id).where(*free).order_by(*columns).limit(at_most)).all()
    if not wanted:
        return []
    lease = uuid4()
    with writing(system) as work:
        taken = set(
            work.session.scalars(
                update(table)
                .where(table.id.in_(wanted), *free)
                .values(lease=lease, leased_until=now + length, tries=table.tries + 1)
                .returning(table.id)
                .execution_options(synchronize_session=False)
            ).all()
        )
    return [(row_id, lease) for row_id in wanted if row_id in taken]
