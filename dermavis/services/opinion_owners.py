"""Whose unsigned opinion stands in whose form: it belongs to who writes it, and to the centre it is written for.

Another expert never meets it, unless its writer confided the case to them. A junior cannot sign: what a junior writes
is written for whoever of the centre answers.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import or_, select

from dermavis.domain.case_states import Transition as Step
from dermavis.domain.roles import ANSWERING
from dermavis.models import Case, Membership, Opinion, Transition
from dermavis.services.work import Work


def own_draft(work: Work, case: Case) -> Opinion | None:
    """Return what the actor wrote on the case for the acting organisation and did not sign."""
    return work.session.scalar(
        select(Opinion)
        .where(
            Opinion.case_id == case.id,
            Opinion.signed_at.is_(None),
            Opinion.organization_id == work.acting.organization_id,
            Opinion.prepared_by == work.acting.person_id,
        )
        .order_by(Opinion.version.desc())
        .limit(1)
    )


def draft_for_actor(work: Work, case: Case) -> Opinion | None:
    """Return the latest text that somebody else here wrote for the actor: a junior, or who confided the case."""
    here = work.acting.organization_id
    # Of any day: who once signed here wrote for themselves.
    signers = select(Membership.person_id).where(
        Membership.organization_id == here, Membership.role.in_([role.value for role in ANSWERING])
    )
    return work.session.scalar(
        select(Opinion)
        .where(
            Opinion.case_id == case.id,
            Opinion.signed_at.is_(None),
            Opinion.organization_id == here,
            Opinion.prepared_by != work.acting.person_id,
            or_(Opinion.prepared_by.not_in(signers), Opinion.prepared_by.in_(_confided_by(work, case))),
        )
        .order_by(Opinion.updated_at.desc(), Opinion.version.desc())
        .limit(1)
    )


def _confided_by(work: Work, case: Case) -> list[UUID]:
    """Those through whose hands the case came to the actor since somebody last took it from the queue."""
    if case.claimed_by != work.acting.person_id:
        return []
    found: list[UUID] = []
    steps = (Step.CLAIM.value, Step.HAND_OVER.value)
    for name, actor_id in work.session.execute(
        select(Transition.name, Transition.actor_id)
        .where(Transition.case_id == case.id, Transition.name.in_(steps))
        .order_by(Transition.case_version.desc())
    ):
        if name == Step.CLAIM:
            break
        if actor_id is not None:
            found.append(actor_id)
    return found
