"""What broke while somebody was served, kept by the reference that they were shown: places in the code, no values."""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from dermavis.models import Breakdown
from dermavis.services.failures import kinds_of, trace_of
from dermavis.services.work import System, reading, writing

log = logging.getLogger("dermavis.breakdowns")

MOST_A_MINUTE = 60
"""A service that breaks at every step must not fill its database as well: the rest is in the log."""

LONGEST_TRACE = 8_000
KEPT = timedelta(days=90)


def note_breakdown(
    system: System,
    error: BaseException,
    *,
    reference: str,
    route: str,
    method: str,
    status: int,
    case_id: object,
) -> None:
    """Keep where a request broke. Never raises: what is already broken must still be answered."""
    try:
        with reading(system) as work:
            lately = select(func.count()).where(Breakdown.at > work.now - timedelta(minutes=1))
            if (work.session.scalar(lately) or 0) >= MOST_A_MINUTE:
                return
        with writing(system) as work:
            work.session.add(
                Breakdown(
                    reference=reference,
                    at=work.now,
                    route=route[:60],
                    method=method[:10],
                    status=status,
                    kinds=kinds_of(error)[:200],
                    trace=trace_of(error)[-LONGEST_TRACE:],
                    case_id=case_id if isinstance(case_id, UUID) else None,
                )
            )
    except SQLAlchemyError as failure:
        log.warning("the breakdown is in the log only: %s", type(failure).__name__)
