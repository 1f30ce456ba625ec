"""What must happen by itself at a time: one row per thing, moved or taken back with the change that caused it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from dermavis.models import DueRow
from dermavis.services.work import Work


def schedule(
    work: Work,
    kind: str,
    due_at: datetime,
    *,
    case_id: UUID | None = None,
    subject_id: UUID | None = None,
    **payload: Any,
) -> None:
    """Have ``kind`` happen at ``due_at``; the same kind for the same case and subject moves, it never doubles."""
    key = _key(kind, case_id, subject_id)
    # Held: a row that runs meanwhile would end as done what is wanted anew.
    row = work.session.scalar(select(DueRow).where(DueRow.dedupe_key == key).with_for_update())
    if row is None:
        row = DueRow(id=uuid4(), kind=kind, case_id=case_id, subject_id=subject_id, dedupe_key=key)
        work.session.add(row)
    row.due_at = due_at
    row.payload = payload
    row.done_at = None
    row.outcome = ""
    row.tries = 0
    row.lease = None
    row.leased_until = None


def unschedule(work: Work, *kinds: str, case_id: UUID | None = None, subject_id: UUID | None = None) -> None:
    """Take back what has not happened yet."""
    for kind in kinds:
        key = _key(kind, case_id, subject_id)
        row = work.session.scalar(select(DueRow).where(DueRow.dedupe_key == key, DueRow.done_at.is_(None)))
        if row is not None:
            row.done_at = work.now
            row.outcome = "taken_back"


def _key(kind: str, case_id: UUID | None, subject_id: UUID | None) -> str:
    return f"{kind}:{case_id or '-'}:{subject_id or '-'}"
