"""The coordinator's lists of cases, by the columns of ``case_lists``."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, select

from dermavis.models.cases import Case
from dermavis.models.queries.case_lists import LIST_COLUMNS, NOT_IN_ERROR, WITH_EXPERTS


def pooled_now(coordination_id: UUID) -> Select[Any]:
    """Requests that wait with a coordination, the longest wait of a patient first."""
    return (
        select(*LIST_COLUMNS)
        .where(Case.pooled_by == coordination_id, Case.state == "pooled")
        .order_by(Case.sent_at, Case.id)
    )


def pooled_and_sent(coordination_id: UUID) -> Select[Any]:
    """Requests that went through a coordination, or skipped it as urgent, the latest first."""
    return (
        select(*LIST_COLUMNS)
        .where(and_(Case.pooled_by == coordination_id, Case.submitted_at.is_not(None)), NOT_IN_ERROR)
        .order_by(Case.submitted_at.desc(), Case.id)
    )


def skipped_pooling(coordination_id: UUID) -> Select[Any]:
    """Urgent requests that went past their coordination and still wait for an answer, the longest wait first."""
    return (
        select(*LIST_COLUMNS)
        .where(Case.pooled_by == coordination_id, WITH_EXPERTS, Case.asked_urgency == "urgent")
        .order_by(Case.sent_at, Case.id)
    )
