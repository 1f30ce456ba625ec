"""Which places a case was addressed to before: nothing is sent twice to the same place, nor back where it came from."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from dermavis.domain.second_opinions import SECOND_OPINION
from dermavis.models import Addressing, Case, Team
from dermavis.services.child_links import forebears_of
from dermavis.services.work import Work


def facts_of_asking(work: Work, case: Case) -> dict[str, Any]:
    """Return what the rules must know of a case beside its content: who had it, and whether a colleague asks.

    A case that was referred goes back to no centre that had the one it was referred from.
    """
    teams = _asked_before(work, case, Addressing.team_id)
    for forebear in forebears_of(work, case):
        teams |= _of_the_same_centres(work, _asked_before(work, forebear, Addressing.team_id))
    colleague = case.parent_kind == SECOND_OPINION
    return {
        "asked": teams | own_teams(work, case.site_id) if colleague else teams,
        "asked_persons": _asked_before(work, case, Addressing.person_id),
        "colleague": colleague,
    }


def own_teams(work: Work, organization_id: UUID) -> frozenset[UUID]:
    """Return the teams of a centre that asks: among colleagues of one team a case is confided, not sent."""
    return frozenset(work.session.scalars(select(Team.id).where(Team.organization_id == organization_id)))


def _asked_before(work: Work, case: Case, column: Any) -> frozenset[UUID]:
    """Places to which this case was addressed before: nothing is redirected twice to the same place."""
    rows = work.session.scalars(select(column).where(Addressing.case_id == case.id))
    return frozenset(value for value in rows if value is not None)


def _of_the_same_centres(work: Work, teams: frozenset[UUID]) -> frozenset[UUID]:
    centres = select(Team.organization_id).where(Team.id.in_(teams))
    return frozenset(work.session.scalars(select(Team.id).where(Team.organization_id.in_(centres))))
