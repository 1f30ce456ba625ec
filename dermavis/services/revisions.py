"""A sent request as it stood: numbered, sealed, never changed."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select

from dermavis.domain.errors import NotFound
from dermavis.domain.requests import RequestContent, fingerprint
from dermavis.models import Case, CaseRevision
from dermavis.services.vault import Sealer
from dermavis.services.work import Work


def add_revision(work: Work, case: Case, content: RequestContent, reason: str = "") -> CaseRevision:
    """Keep the content as the next revision of the case, with the identity as it stands now beside it."""
    number = (
        work.session.scalar(select(func.max(CaseRevision.number)).where(CaseRevision.case_id == case.id)) or 0
    ) + 1
    sealer = Sealer(work.system.cipher, case)
    row_id: UUID = uuid4()
    stored = content.model_dump(mode="json")
    row = CaseRevision(
        id=row_id,
        case_id=case.id,
        number=number,
        content_sealed=sealer.seal(stored, "case_revisions", row_id, "content_sealed"),
        identity_sealed=sealer.seal(stored["patient"], "case_revisions", row_id, "identity_sealed"),
        fingerprint=bytes.fromhex(fingerprint(content)),
        specialty_version=case.specialty_version,
        reason=reason,
        made_by=work.acting.person_id,
        organization_id=work.acting.organization_id,
        made_at=work.now,
        device_time=content.device.time,
        device_offset_minutes=content.device.offset_minutes,
    )
    work.session.add(row)
    work.session.flush()
    work.audit(
        "case.revision",
        case_id=case.id,
        subject_kind="revision",
        subject_id=row_id,
        number=number,
        reason=reason,
    )
    return row


def last_revision(work: Work, case: Case) -> CaseRevision:
    """Return the revision in force. Raises NotFound for a case that was never sent."""
    row = work.session.scalar(
        select(CaseRevision)
        .where(CaseRevision.case_id == case.id)
        .order_by(CaseRevision.number.desc())
        .limit(1)
    )
    if row is None:
        raise NotFound
    return row


def revision_numbered(work: Work, case: Case, number: int) -> CaseRevision | None:
    """Return a revision by its number; None for a number that is none."""
    return work.session.scalar(
        select(CaseRevision).where(CaseRevision.case_id == case.id, CaseRevision.number == number)
    )


def open_content(work: Work, case: Case, row: CaseRevision) -> dict[str, Any]:
    """Open the content of a revision."""
    content: dict[str, Any] = Sealer(work.system.cipher, case).open(
        row.content_sealed, "case_revisions", row.id, "content_sealed"
    )
    return content
