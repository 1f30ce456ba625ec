"""The signed versions of a case's opinion: which one is in force, and for whom it is there yet."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from dermavis.domain.case_states import State
from dermavis.domain.errors import Conflict, NotFound
from dermavis.domain.opinions import OpinionContent
from dermavis.models import Case, Opinion
from dermavis.services.names import name_of
from dermavis.services.vault import Sealer
from dermavis.services.work import Work


def open_opinion(work: Work, case: Case, row: Opinion) -> OpinionContent:
    """Open the content of an opinion version."""
    return OpinionContent.model_validate(
        Sealer(work.system.cipher, case).open(row.content_sealed, "opinions", row.id, "content_sealed")
    )


def last_signed(work: Work, case: Case) -> Opinion | None:
    """Return the version that was signed last, even where its signature may still be taken back."""
    return work.session.scalar(
        select(Opinion)
        .where(Opinion.case_id == case.id, Opinion.signed_at.is_not(None))
        .order_by(Opinion.version.desc())
        .limit(1)
    )


def in_force(work: Work, case: Case) -> Opinion | None:
    """Return the version that the requester reads: the last one that has left."""
    return work.session.scalar(
        select(Opinion)
        .where(Opinion.case_id == case.id, Opinion.effective_at <= work.now)
        .order_by(Opinion.version.desc())
        .limit(1)
    )


def version_read(work: Work, case: Case, shown: UUID | None) -> Opinion:
    """Return the version in force for who says that they read it; ``shown`` was on their screen, if anything says so.

    Raises NotFound before there is one, and Conflict ``newer_opinion`` when a later one has left meanwhile.
    """
    opinion = in_force(work, case)
    if opinion is None:
        raise NotFound
    if shown is not None and shown != opinion.id:
        raise Conflict(
            "newer_opinion",
            "Un avis plus récent vient d’être signé\u00a0: lisez-le, puis confirmez.",
            holder=name_of(work, opinion.signed_by),
        )
    return opinion


def replaced_by(work: Work, row: Opinion) -> Opinion | None:
    """Return the version that has taken the place of this one; one that has not left yet takes no place."""
    later = work.session.get(Opinion, row.superseded_by) if row.superseded_by else None
    return later if later is not None and not is_leaving(work, later) else None


def is_replaced_soon(work: Work, row: Opinion) -> bool:
    """Whether a version is signed that takes the place of this one, and has not left."""
    return row.superseded_by is not None and replaced_by(work, row) is None


def replaced_of(work: Work, row: Opinion) -> Opinion | None:
    """Return the version whose place this one takes."""
    return work.session.scalar(
        select(Opinion).where(Opinion.case_id == row.case_id, Opinion.superseded_by == row.id)
    )


def is_leaving(work: Work, row: Opinion) -> bool:
    """Whether the version is signed and its signature may still be taken back."""
    return row.effective_at is not None and row.effective_at > work.now


def state_known(work: Work, case: Case) -> State:
    """Return the question's state as its requester knows it: before the signature, while no opinion has left."""
    leaving = case.answered_at is not None and case.answered_at > work.now
    row = last_signed(work, case) if leaving else None
    was = (row.before_signature or {}).get("state") if row is not None else None
    return State(was or case.state)


def sees_leaving(work: Work, case: Case) -> bool:
    """Whether the actor stands where the opinion is written, and sees a version before it leaves."""
    here = work.acting.organization_id
    return case.centre_id == here and case.site_id != here


def signed_by_of(work: Work, opinion_id: UUID) -> UUID | None:
    """Return who signed a version."""
    return work.session.scalar(select(Opinion.signed_by).where(Opinion.id == opinion_id))
