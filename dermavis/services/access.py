"""Permission checks of the use cases: what may not be seen does not exist, what may not be done is refused in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from sqlalchemy import func, select

from dermavis.domain.errors import Conflict, Erased, Forbidden, NotFound
from dermavis.domain.permission_facts import CaseFacts
from dermavis.domain.permission_map import IN_ERROR, allowed
from dermavis.domain.permissions import Permission
from dermavis.domain.second_opinions import SECOND_OPINION
from dermavis.domain.treating_doctor import COPY
from dermavis.models import Case, Delivery, Notification, Patient, Transition
from dermavis.models.opinions import TOLD_ON
from dermavis.services.teams import preparers
from dermavis.services.work import Work

T = TypeVar("T")

ENTERED_IN_ERROR = (
    "Cette demande a été marquée «\u00a0saisie par erreur\u00a0»\u00a0: rien ne s’y ajoute plus."
)


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

    Raises NotFound when the actor may not even read it, Erased when there is nothing left to read, Forbidden when they
    may read it but not do this, and Conflict ``entered_in_error`` when nobody may any more. ``lock`` holds the row
    until the transaction ends (PostgreSQL; SQLite has one writer anyway).
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
    if not permitted and case.state == "entered_in_error" and permission not in IN_ERROR:
        raise Conflict("entered_in_error", ENTERED_IN_ERROR)
    if not permitted:
        raise Forbidden
    return case


def hold(work: Work, case_id: UUID | None) -> None:
    """Lock a case, where there is one, before whatever hangs on it.

    Everybody in that order: nobody waits for somebody who waits for them (PostgreSQL; SQLite has one writer anyway).
    """
    if case_id is not None:
        work.session.get(Case, case_id, with_for_update=True)


def hold_patients(work: Work, *patient_ids: UUID | None) -> None:
    """Lock all cases of patients, then the patients, each by id: the order of ``hold``, where many hang together."""
    held = [patient_id for patient_id in patient_ids if patient_id is not None]
    for rows in (
        select(Case).where(Case.patient_id.in_(held)).order_by(Case.id),
        select(Patient).where(Patient.id.in_(held)).order_by(Patient.id),
    ):
        # Read anew: what was known before the wait may have changed during it.
        work.session.flush()
        work.session.scalars(rows.with_for_update().execution_options(populate_existing=True)).all()


def facts_of(work: Work, case: Case) -> CaseFacts:
    """Return what the permission map needs to know of a case."""
    told, told_on, treating = _once(work, case, _told)
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
        former_experts=_once(work, case, _former_experts),
        numbered=case.number is not None,
        prepared=is_prepared(work, case),
        unsent=case.answered_at is not None and case.answered_at > work.now,
        told=told,
        told_on=told_on,
        treating=treating,
        submitted=case.submitted_at is not None,
        answered=case.answered_at is not None,
        error_told=_once(work, case, _told_of_error),
        second_opinion=case.parent_kind == SECOND_OPINION,
        asking_team=_asking_team(work, case),
    )


def _told_of_error(work: Work, case: Case) -> frozenset[UUID]:
    if case.state != "entered_in_error":
        return frozenset()
    return frozenset(
        work.session.scalars(
            select(Notification.person_id).where(
                Notification.case_id == case.id, Notification.event == "entered_in_error"
            )
        )
    )


def _once(work: Work, case: Case, find: Callable[[Work, Case], T]) -> T:
    # A page asks a dozen permissions of one case, and reads it as it stood when it began.
    if not work.session.info.get("only_reads"):
        return find(work, case)
    place = (find, case.id)
    if place not in work.session.info:
        work.session.info[place] = find(work, case)
    found: T = work.session.info[place]
    return found


def _former_experts(work: Work, case: Case) -> frozenset[UUID]:
    """Who took the case where it lies now: the team that a request has left reads it no more."""
    came = select(func.coalesce(func.max(Transition.case_version), 0)).where(
        Transition.case_id == case.id, Transition.name == "redirect"
    )
    claims = select(Transition.actor_id).where(
        Transition.case_id == case.id,
        Transition.name == "claim",
        Transition.actor_id.is_not(None),
        Transition.case_version > came.scalar_subquery(),
    )
    return frozenset(person for person in work.session.scalars(claims.distinct()) if person)


def _told(work: Work, case: Case) -> tuple[frozenset[UUID], bool, frozenset[UUID]]:
    """Whom an unread critical opinion reached on call, whether one is unread beyond its time, and who had a copy."""
    if case.answered_at is None:
        return frozenset(), False, frozenset()
    rows = work.session.execute(
        select(Delivery.kind, Delivery.recipient_id).where(
            Delivery.case_id == case.id,
            Delivery.kind.in_(("on_call", COPY)),
            Delivery.recipient_id.is_not(None),
            (Delivery.kind == "on_call") | (Delivery.sent_at <= work.now),
        )
    ).all()
    unread = select(Delivery.id).where(Delivery.case_id == case.id, TOLD_ON).limit(1)
    on_call = frozenset(row.recipient_id for row in rows if row.kind == "on_call")
    treating = frozenset(row.recipient_id for row in rows if row.kind == COPY)
    return on_call, work.session.scalar(unread) is not None, treating


def _asking_team(work: Work, case: Case) -> UUID | None:
    """The team that reads the case a second opinion is about today; none where that was sent to one expert by name."""
    parent = work.session.get(Case, case.parent_id) if case.parent_kind == SECOND_OPINION else None
    if parent is None or parent.centre_id != case.site_id or parent.expert_id is not None:
        return None
    return parent.team_id


def is_prepared(work: Work, case: Case) -> bool:
    """Tell whether a draft was begun by the site's secretary and still waits for somebody who may send it."""
    if case.state != "draft" or case.requester_id != case.created_by:
        return False
    return case.created_by in preparers(work, case.site_id)
