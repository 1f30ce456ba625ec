"""What a patient's identity was before, in this record and in those that were joined to it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, select

from dermavis.models import Patient, PatientIdentityVersion
from dermavis.services.vault import Sealer
from dermavis.services.work import Work


def earlier_identities(work: Work, patient: Patient) -> list[dict[str, Any]]:
    """Open what a patient's identity was before, version by version, and what joined records said."""
    own = _versions(work, patient, PatientIdentityVersion.version < patient.version)
    for joined in joined_records(work, patient):
        own += _versions(work, joined, PatientIdentityVersion.version <= joined.version)
    return own


def joined_records(work: Work, patient: Patient) -> list[Patient]:
    """Return the records that were joined to a patient's, and to those in turn."""
    found: list[Patient] = []
    for row in work.session.scalars(select(Patient).where(Patient.merged_into == patient.id)):
        found += [row, *joined_records(work, row)]
    return found


def _versions(work: Work, patient: Patient, which: ColumnElement[bool]) -> list[dict[str, Any]]:
    sealer = Sealer(work.system.cipher, patient)
    rows = work.session.scalars(
        select(PatientIdentityVersion)
        .where(PatientIdentityVersion.patient_id == patient.id, which)
        .order_by(PatientIdentityVersion.version)
    )
    return [
        sealer.open(row.identity_sealed, "patient_identity_versions", row.id, "identity_sealed")
        for row in rows
    ]
