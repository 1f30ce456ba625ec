"""Permission checks of the use cases: what may not be seen does not exist, what may not be done is refused in words."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from dermavis.domain.errors import Erased, Forbidden, NotFound
from dermavis.domain.permissions import CaseFacts, Permission, allowed
from dermavis.domain.second_opinions import SECOND_OPINION
from dermavis.models import Case, Transition
from dermavis.services.teams import preparers
from dermavis.services.work import Work


def require(work: Work, permission: Permission) -> None:
    """Check a permission that is about no case. Raises Forbidden."""
    if not allowed(work.acting.facts, permission):
        raise Forbidden


def may(work: Work, permission: Permission, case: Case | None = None) -> bool:
    """Tell whether the actor has the permission, on the case where one is given."""
    return allowed(work.acting.facts, permission, facts_of(work, case) if case is not None else None)


def find_case(
    work: Work, case_id: UUID, permission: Permission = Permission.CASE_READ, lock: bool = False
) -> Case:
    """Return the case when the actor has the permission on it.

    Raises NotFound when the actor may not even read it, Erased when there is nothing left to read, and Forbidden when
    they may read it but not do this. ``lock`` holds the row until the transaction ends (PostgreSQL; SQLite has one
    writer anyway).
    """
    case = work.session.get(Case, case_id, with_for_update=True if lock else None)
    if case is None:
        raise NotFound
    facts = facts_of(work, case)
    permitted = allowed(work.acting.facts, permission, facts)
    if not permitted and not allowed(work.acting.facts, Permission.CASE_READ, facts):
        raise NotFound
    if case.erased_at is not None:
        raise Erased(case.number or "")
    if not permitted:
        raise Forbidden
    return case


def facts_of(work: Work, case: Case) -> CaseFacts:
    """Return what the permission map needs to know of a case."""
    former = work.session.scalars(
        select(Transition.actor_id)
        .where(Transition.case_id == case.id, Transition.name == "claim", Transition.actor_id.is_not(None))
        .distinct()
    )
    return CaseFacts(
        network_id=case.network_id,
        state=case.state,
        site_id=case.site_id,
        requester_id=case.requester_id,
        created_by=case.created_by,
        centre_id=case.centre_id,
        team_id=case.team_id,
        expert_id=case.expert_id,
        claimed_by=case.claimed_by,
        pooled_by=case.pooled_by,
        former_experts=frozenset(person for person in former if person),
        numbered=case.number is not None,
        prepared=is_prepared(work, case),
        unsent=case.answered_at is not None and case.answered_at > work.now,
        second_opinion=case.parent_kind == SECOND_OPINION,
        asking_team=_asking_team(work, case),
    )


def _asking_team(work: Work, case: Case) -> UUID | None:
    """The team whose case a second opinion is about, wherever that case lies today."""
    parent = work.session.get(Case, case.parent_id) if case.parent_kind == SECOND_OPINION else None
    return parent.team_id if parent is not None and parent.centre_id == case.site_id else None


def is_prepared(work: Work, case: Case) -> bool:
    """Tell whether a draft was begun by the site's secretary and still waits for somebody who may send it."""
    if case.state != "draft" or case.requester_id != case.created_by:
        return False
    return case.created_by in preparers(work, case.site_id)
