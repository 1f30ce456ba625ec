"""Sealing the audit each minute, and telling an outside witness where the seal stands."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from dermavis.domain.audit_seal import Seal, leaf_hash, row_bytes, sealed
from dermavis.domain.audit_witness import witness_line
from dermavis.domain.permissions import Permission
from dermavis.domain.ports import DeliveryFailed, DeliveryRefused
from dermavis.models import AuditEvent, AuditSeal
from dermavis.models.queries.audit_rows import cells_of, rows_between
from dermavis.services.access import require
from dermavis.services.audit_horizon import PATIENCE, writers_have_ended
from dermavis.services.work import System, Work, reading, writing

log = logging.getLogger("dermavis.audit")

EVERY_S = 60.0
GRACE = timedelta(seconds=10)
"""Rows so young wait for the next round: their transactions may still be under way."""

MOST_ROWS = 20_000
"""Rows under one seal."""


@dataclass(frozen=True)
class Standing:
    """How far the audit is sealed: the instant of its last sealed row, the seal's number, when a witness knew it.

    ``witness``: whether there is one at all.
    """

    until: datetime | None
    number: int
    witnessed_at: datetime | None
    witness: bool


def seal_due(system: System) -> bool:
    """Seal what is due and tell the witness; return whether more waits than one seal may hold."""
    made = seal(system, system.clock.now() - GRACE)
    tell_witness(system)
    return made is not None and made.last_id - made.first_id + 1 >= MOST_ROWS


def seal(
    system: System, up_to: datetime | None = None, patience: timedelta = PATIENCE, most: int = MOST_ROWS
) -> Seal | None:
    """Seal the rows since the last seal, those after ``up_to`` left out, and return the new seal.

    None when there is nothing to seal, when rows may still appear among them after ``patience``, or when somebody else
    sealed meanwhile.
    """
    with reading(system) as work:
        before = newest_seal(work)
        last_id = _last_to_seal(work, before.last_id if before else 0, up_to, most)
    if last_id is None or not writers_have_ended(system, patience):
        return None
    first_id = before.last_id + 1 if before else 1
    with reading(system) as work:
        rows = work.session.execute(rows_between(first_id, last_id))
        leaves = [leaf_hash(row_bytes(cells_of(row))) for row in rows]
    made = sealed(before, first_id, last_id, leaves, system.clock.now())
    return made if _keep(system, before, made) else None


def seal_all(system: System) -> Seal | None:
    """Seal everything that is there now, and return the newest seal; None while there is none."""
    while seal(system) is not None:
        pass
    with reading(system) as work:
        return newest_seal(work)


def tell_witness(system: System, at_once: bool = False) -> bool:
    """Tell the witness the newest seal, which stands for all before; return whether it knows it now.

    ``at_once`` passes over the pause that the witness asks for between two lines.
    """
    if system.witness is None:
        return False
    with reading(system) as work:
        newest = newest_seal(work)
        told = work.session.scalar(
            select(func.max(AuditSeal.number)).where(AuditSeal.witnessed_at.is_not(None))
        )
        last_time = work.session.scalar(select(AuditSeal.witnessed_at).where(AuditSeal.number == told))
    if newest is None or newest.number == told:
        return newest is not None
    if not at_once and last_time is not None and system.clock.now() - last_time < system.witness.every:
        return False
    try:
        system.witness.remember(witness_line(newest))
    except (DeliveryFailed, DeliveryRefused) as failure:
        log.warning("the witness of the audit was not told: %s", failure)
        return False
    with writing(system) as work:
        work.session.execute(
            update(AuditSeal)
            .where(AuditSeal.number <= newest.number, AuditSeal.witnessed_at.is_(None))
            .values(witnessed_at=work.now)
        )
    return True


def standing(work: Work) -> Standing:
    """Return how far the audit is sealed. Raises Forbidden."""
    require(work, Permission.AUDIT_READ)
    row = work.session.scalar(select(AuditSeal).order_by(AuditSeal.number.desc()).limit(1))
    told = work.session.scalar(select(func.max(AuditSeal.witnessed_at)))
    if row is None:
        return Standing(None, 0, None, work.system.witness is not None)
    last_at = work.session.scalar(select(AuditEvent.at).where(AuditEvent.id == row.last_id))
    return Standing(last_at or row.sealed_at, row.number, told, work.system.witness is not None)


def newest_seal(work: Work) -> Seal | None:
    """Return the last seal made."""
    row = work.session.scalar(select(AuditSeal).order_by(AuditSeal.number.desc()).limit(1))
    return as_seal(row) if row else None


def as_seal(row: AuditSeal) -> Seal:
    """Return a row of the seals as the rules know it."""
    return Seal(row.number, row.first_id, row.last_id, row.root, row.sealed_at, row.head)


def _last_to_seal(work: Work, after_id: int, up_to: datetime | None, most: int) -> int | None:
    newest = select(func.max(AuditEvent.id)).where(AuditEvent.id > after_id)
    last_id = work.session.scalar(newest if up_to is None else newest.where(AuditEvent.at <= up_to))
    enough = work.session.scalar(
        select(AuditEvent.id)
        .where(AuditEvent.id > after_id)
        .order_by(AuditEvent.id)
        .offset(most - 1)
        .limit(1)
    )
    return last_id if last_id is None or enough is None else min(last_id, enough)


def _keep(system: System, before: Seal | None, made: Seal) -> bool:
    try:
        with writing(system) as work:
            if newest_seal(work) != before:
                return False
            work.session.add(
                AuditSeal(
                    id=uuid4(),
                    number=made.number,
                    first_id=made.first_id,
                    last_id=made.last_id,
                    root=made.root,
                    head=made.head,
                    sealed_at=made.sealed_at,
                )
            )
    except IntegrityError:
        # Another worker wrote the seal of that number at the same time.
        return False
    return True
