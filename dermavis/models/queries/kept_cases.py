"""The cases that a person's device keeps to be read without network, and what tells that one of them changed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select

from dermavis.models.cases import Case, CaseRevision, Message
from dermavis.models.opinions import Delivery, Opinion
from dermavis.models.photos import Photo

ANSWERED = ("answered", "closed")
OPEN = ("claimed", "on_hold")


def last_opinions(
    site_id: UUID, person_id: UUID, people: Collection[UUID], now: datetime, most: int
) -> Select[UUID]:
    """Cases of a site with an answer, the latest first: what one of ``people`` asked, or the person began."""
    mine = or_(Case.requester_id.in_(people), Case.created_by == person_id)
    given = Case.state.in_(ANSWERED) & (Case.answered_at <= now)
    return _kept(mine & (Case.site_id == site_id) & given, Case.answered_at.desc(), most)


def taken_cases(centre_id: UUID, person_id: UUID, most: int) -> Select[UUID]:
    """Cases of a centre that a person has taken and not answered, by their time."""
    mine = (Case.claimed_by == person_id) & (Case.centre_id == centre_id)
    return _kept(mine & Case.state.in_(OPEN), Case.due_at, most)


def counts_of(case_ids: Collection[UUID], now: datetime) -> list[Select[UUID, int]]:
    """Queries of (case, count): when none of the counts has changed, nothing was added to it or done about it."""
    ready = Photo.state == "ready", Photo.withdrawn_at.is_(None)
    return [
        select(Case.id, Case.version).where(Case.id.in_(case_ids)),
        _counted(CaseRevision.case_id, case_ids),
        _counted(Message.case_id, case_ids),
        _counted(Photo.case_id, case_ids, *ready),
        _counted(Opinion.case_id, case_ids, Opinion.effective_at <= now),
        _counted(Delivery.case_id, case_ids, Delivery.acknowledged_at.is_not(None)),
    ]


def _kept(condition: ColumnElement[bool], order: Any, most: int) -> Select[UUID]:
    return select(Case.id).where(condition, Case.erased_at.is_(None)).order_by(order, Case.id).limit(most)


def _counted(of_case: Any, case_ids: Collection[UUID], *conditions: ColumnElement[bool]) -> Select[UUID, int]:
    return select(of_case, func.count()).where(of_case.in_(case_ids), *conditions).group_by(of_case)
