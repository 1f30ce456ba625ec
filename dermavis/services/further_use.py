"""A patient's opposition: their cases serve their care and nothing else.

No figure, teaching or research may use a case whose ``care_only`` is set. What stands in clear beside a case exists for
figures only (age band, sex, postcode): it is taken out, so that even a forgotten condition finds nothing to count.
"""

from __future__ import annotations

from sqlalchemy import select

from dermavis.models import Case, Patient
from dermavis.services.work import Work


def oppose(work: Work, patient: Patient) -> None:
    """Keep all of the patient's cases for care only, those to come included."""
    patient.opposed_at = patient.opposed_at or work.now
    cases = select(Case).where(Case.patient_id == patient.id).order_by(Case.id).with_for_update()
    for case in work.session.scalars(cases):
        keep_for_care(case)
    work.audit("patient.oppose", subject_kind="patient", subject_id=patient.id)


def respect_opposition(work: Work, case: Case) -> None:
    """Keep a new case for care only where its patient objects to more.

    The patient's row is held until the end: an opposition that is accepted meanwhile either finds this case or is
    found here.
    """
    patient = work.session.get_one(Patient, case.patient_id, with_for_update=True, populate_existing=True)
    if patient.opposed_at is not None:
        keep_for_care(case)


def keep_for_care(case: Case) -> None:
    """Mark a case as its patient's care only, and take out of it what figures are made of."""
    case.care_only = True
    case.age_band = case.sex = case.commune_code = ""
