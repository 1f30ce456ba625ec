"""Whose a demand is today: records are joined and taken apart while it waits for its answer."""

from __future__ import annotations

from dermavis.domain.errors import Conflict
from dermavis.models import Case, DataDemand, Patient
from dermavis.services.patients import kept_record
from dermavis.services.work import Work

OF_ANOTHER = (
    "Cette demande a été enregistrée quand les fiches étaient fusionnées\u00a0: on ne sait plus de quel patient elle "
    "parle. Classez-la comme retirée, et enregistrez-la de nouveau avec le numéro d’une demande du patient."
)


def is_of_erased(work: Work, demand: DataDemand) -> bool:
    """Whether the patient of a demand was erased: no word about them can be kept any more."""
    return work.session.get_one(Patient, demand.patient_id).erased_at is not None


def patient_of_demand(work: Work, demand: DataDemand) -> Patient:
    """Return the patient of a demand, under the record that was kept where theirs was joined to another.

    Raises Conflict ``of_another`` where records have been taken apart since, and its case is not that patient's.
    """
    patient = kept_record(work, demand.patient_id)
    case = work.session.get(Case, demand.case_id) if demand.case_id else None
    if patient is None or (case is not None and case.patient_id != patient.id):
        raise Conflict("of_another", OF_ANOTHER)
    return patient
