"""A case and the one to which it was referred: what the one centre is told of the other's, and reads of it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from dermavis.domain.case_states import State
from dermavis.domain.referrals import FIRST_OPINION, REFERRAL
from dermavis.models import Case, CaseText
from dermavis.services.child_links import children_of, parent_of
from dermavis.services.moves import read_text
from dermavis.services.notices import announce
from dermavis.services.work import Work


def referral_of(work: Work, case: Case) -> Case | None:
    """Return the case that a case was referred to; None where it was not."""
    return next(iter(children_of(work, [case.id], REFERRAL)), None)


def tell_referring(work: Work, case: Case) -> None:
    """Tell who referred a case that it is declined; who asked chooses what next."""
    first = parent_of(work, case, REFERRAL)
    if first is not None and first.erased_at is None and first.state != State.ENTERED_IN_ERROR:
        announce(work, "referral_declined", first, [first.claimed_by])


def opinions_brought(work: Work, child: Case) -> set[UUID]:
    """Return the versions of the first opinion that a referred case holds."""
    brought = select(CaseText.subject_id).where(CaseText.case_id == child.id, CaseText.kind == FIRST_OPINION)
    return {opinion_id for opinion_id in work.session.scalars(brought) if opinion_id is not None}


def first_opinion_text(work: Work, case: Case) -> str:
    """Return the opinion with which a case was referred, for the centre that it went to; empty for any other reader."""
    if case.parent_kind != REFERRAL or case.centre_id != work.acting.organization_id:
        return ""
    row = work.session.scalar(
        select(CaseText)
        .where(CaseText.case_id == case.id, CaseText.kind == FIRST_OPINION)
        .order_by(CaseText.made_at.desc(), CaseText.id)
        .limit(1)
    )
    return read_text(work, case, row) if row is not None else ""
