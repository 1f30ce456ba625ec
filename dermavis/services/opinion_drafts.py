"""The rows of opinions that are being written: begun, kept at every change, numbered when they are signed."""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy import func, select

from dermavis.domain.case_states import State
from dermavis.domain.opinions import OpinionContent
from dermavis.models import Case, Opinion
from dermavis.services.claiming import keep_claim
from dermavis.services.opinion_versions import last_signed
from dermavis.services.vault import Sealer
from dermavis.services.work import Work


def write_text_of(work: Work, case: Case, row: Opinion, content: OpinionContent) -> int:
    """Keep the content of an unsigned version and return its new revision: something was done on the case."""
    row.content_sealed = seal_opinion(work, case, row.id, content)
    row.draft_revision += 1
    row.updated_at = work.now
    if case.state == State.CLAIMED:
        keep_claim(work, case)
    return row.draft_revision


def give_number(work: Work, case: Case, row: Opinion) -> None:
    """Signed versions follow each other without a gap, whatever drafts lie beside them."""
    signed = last_signed(work, case)
    number = signed.version + 1 if signed else 1
    if row.version == number:
        return
    there = work.session.scalar(select(Opinion).where(Opinion.case_id == case.id, Opinion.version == number))
    if there is not None:
        there.version = _next_version(work, case)
        work.session.flush()
    row.version = number
    work.session.flush()


def _next_version(work: Work, case: Case) -> int:
    return (work.session.scalar(select(func.max(Opinion.version)).where(Opinion.case_id == case.id)) or 0) + 1


def new_draft(work: Work, case: Case) -> Opinion:
    """Begin an opinion of the actor, empty and unsigned."""
    row = Opinion(
        id=uuid4(),
        case_id=case.id,
        version=_next_version(work, case),
        content_sealed=b"",
        draft_revision=0,
        specialty_version=case.specialty_version,
        prepared_by=work.acting.person_id,
        organization_id=work.acting.organization_id,
        created_at=work.now,
        updated_at=work.now,
    )
    row.content_sealed = seal_opinion(work, case, row.id, OpinionContent())
    work.session.add(row)
    work.session.flush()
    return row


def seal_opinion(work: Work, case: Case, row_id: UUID, content: OpinionContent) -> bytes:
    """Seal the content of a version under the case's key."""
    return Sealer(work.system.cipher, case).seal(
        content.model_dump(mode="json"), "opinions", row_id, "content_sealed"
    )
