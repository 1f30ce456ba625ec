"""What statistics may read of a patient: kept in clear beside the case, so that they never open anything sealed."""

from __future__ import annotations

from dermavis.domain.requests import RequestContent
from dermavis.models import Case
from dermavis.services.drafts import local_today
from dermavis.services.work import Work


def copy_for_statistics(work: Work, case: Case, content: RequestContent) -> None:
    """Copy beside the case what statistics may read of the patient in clear; nothing where they object to it."""
    if case.care_only:
        return
    case.sex = content.patient.sex or "U"
    case.age_band = _age_band(content, local_today(work, work.acting.time_zone).year)
    case.commune_code = content.patient.postcode[:5]


def _age_band(content: RequestContent, year: int) -> str:
    born = content.patient.birth_date
    if born is None:
        return ""
    start = max(0, (year - born.year) // 10 * 10)
    return f"{start}-{start + 9}"
