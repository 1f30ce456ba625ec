"""A case and those that experts began about it, in both directions: second opinions and referrals."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select

from dermavis.domain.child_cases import BY_AN_EXPERT
from dermavis.models import Case
from dermavis.services.work import Work


def children_of(work: Work, case_ids: Sequence[UUID], *kinds: str) -> list[Case]:
    """Return what experts began about these cases, of these kinds (by default of each), the oldest first."""
    rows = work.session.scalars(
        select(Case)
        .where(Case.parent_id.in_(case_ids), Case.parent_kind.in_(_sorted(kinds or BY_AN_EXPERT)))
        .order_by(Case.created_at, Case.id)
    )
    return list(rows)


def hold_children(work: Work, case: Case, *kinds: str) -> list[Case]:
    """Lock what was begun about a case and return it as it stands now. The case is locked already."""
    rows = children_of(work, [case.id], *kinds)
    for row in rows:
        work.session.refresh(row, with_for_update=True)
    return rows


def parent_of(work: Work, case: Case, *kinds: str) -> Case | None:
    """Return the case about which an expert began this one, as one of these kinds; None for any other case."""
    return work.session.get(Case, case.parent_id) if case.parent_kind in (kinds or BY_AN_EXPERT) else None


def forebears_of(work: Work, case: Case) -> list[Case]:
    """Return the case about which an expert began this one, the one that that one is about, and so on."""
    found: list[Case] = []
    parent = parent_of(work, case)
    while parent is not None:
        found.append(parent)
        parent = parent_of(work, parent)
    return found


def _sorted(kinds: Collection[str]) -> list[str]:
    return sorted(kinds)
