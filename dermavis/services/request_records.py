"""What a sent request records of its own, beside its sealed content: the lesions observed and the agreements given."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select

from dermavis.domain.phone_clocks import righted
from dermavis.domain.requests import Consent as GivenConsent
from dermavis.domain.requests import RequestContent
from dermavis.models import Case, CaseLesion, Consent, Lesion
from dermavis.services.vault import Sealer
from dermavis.services.work import Work


def keep_lesions(work: Work, case: Case, content: RequestContent) -> None:
    """Note which lesions the case shows, in their order; one that was taken out since an earlier sending goes."""
    observed = select(CaseLesion).where(CaseLesion.case_id == case.id)
    known = {row.lesion_id: row for row in work.session.scalars(observed)}
    for position, lesion in enumerate(content.lesions):
        if work.session.get(Lesion, lesion.id) is None:
            work.session.add(Lesion(id=lesion.id, patient_id=case.patient_id, created_at=work.now))
            work.session.flush()
        row = known.pop(lesion.id, None)
        if row is None:
            row = CaseLesion(id=uuid4(), case_id=case.id, lesion_id=lesion.id)
            work.session.add(row)
        row.position = position
    for row in known.values():
        work.session.delete(row)


def record_consents(work: Work, case: Case, content: RequestContent) -> None:
    """Record each kind of agreement that the content holds, once for the case."""
    kinds = ["tele_expertise"] + (["sensitive_pictures"] if content.consent.sensitive_pictures else [])
    for kind in kinds:
        if work.session.scalar(select(Consent.id).where(Consent.case_id == case.id, Consent.kind == kind)):
            continue
        at = righted(content.consent.at or work.now, content.device.ahead_s, work.now)
        record_consent(work, case, kind, content.consent, at)


def record_consent(
    work: Work,
    case: Case,
    kind: str,
    given: GivenConsent,
    at: datetime,
    organization_id: UUID | None = None,
) -> None:
    """Record one agreement, given at this instant to whoever began the case, for their organisation (else its site)."""
    consent_id, name = uuid4(), given.representative_name
    sealer = Sealer(work.system.cipher, case)
    work.session.add(
        Consent(
            id=consent_id,
            patient_id=case.patient_id,
            case_id=case.id,
            kind=kind,
            given=True,
            given_by=given.by,
            representative_sealed=sealer.seal(name, "consents", consent_id, "representative_sealed")
            if name
            else None,
            recorded_by=case.created_by,
            organization_id=organization_id or case.site_id,
            recorded_at=at,
        )
    )
