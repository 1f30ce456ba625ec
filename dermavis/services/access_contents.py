"""All that is kept about a patient, gathered for them: plain values, ready to be read by people and by programs.

What is in it and what is not follows docs/data-protection.md, "The file that is handed over". Left out, and counted:
administrative notes (about how the work is organised, and often about third persons), pictures that were withdrawn
(often of somebody else), requests entered in error (another patient's), opinions that nobody signed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import aliased

from dermavis.domain.case_states import State
from dermavis.domain.child_cases import BY_AN_EXPERT
from dermavis.models import (
    AdministrativeNote,
    Case,
    Organization,
    Patient,
    PatientIdentityVersion,
    Photo,
)
from dermavis.services.access_case import CaseContents, case_contents, iso
from dermavis.services.names import name_of
from dermavis.services.patients import read_identity
from dermavis.services.vault import Sealer
from dermavis.services.work import Work

FORMAT = "dermavis-patient-1"
HANDED_OVER = frozenset(State) - {State.DRAFT, State.ENTERED_IN_ERROR}

_First, _Before = aliased(Case), aliased(Case)
_KINDS = sorted(BY_AN_EXPERT)
_OF_AN_ERROR = exists().where(
    Case.parent_kind.in_(_KINDS),
    _First.id == Case.parent_id,
    or_(
        _First.state == State.ENTERED_IN_ERROR,
        exists().where(
            _First.parent_kind.in_(_KINDS),
            _Before.id == _First.parent_id,
            _Before.state == State.ENTERED_IN_ERROR,
        ),
    ),
)
"""Begun by an expert about a request that was entered in error: it is another patient's as well.

An error marks all that was begun about it but what was cancelled; of a cancelled one, what was begun about it.
"""


@dataclass(frozen=True)
class Contents:
    """All of one patient. ``left_out`` says how much of what is not in it."""

    patient: dict[str, Any]
    cases: tuple[CaseContents, ...]
    left_out: dict[str, int] = field(default_factory=dict)

    def for_programs(self, made_at: datetime) -> dict[str, Any]:
        """Return the whole as one JSON value; instants are ISO 8601 in UTC."""
        return {
            "format": FORMAT,
            "made_at": made_at.isoformat(),
            "patient": self.patient,
            "cases": [case.told for case in self.cases],
            "left_out": self.left_out,
        }


def cases_of(work: Work, patient: Patient) -> list[Case]:
    """Return the cases of a patient that are handed over, the oldest first."""
    return list(
        work.session.scalars(
            select(Case)
            .where(
                Case.patient_id == patient.id,
                Case.erased_at.is_(None),
                Case.number.is_not(None),
                Case.state.in_(sorted(HANDED_OVER)),
                ~_OF_AN_ERROR,
            )
            .order_by(Case.sent_at, Case.id)
        )
    )


def contents_of(work: Work, patient: Patient) -> Contents:
    """Gather all of a patient. The caller has checked who asks, and notes the reading of each case."""
    cases = cases_of(work, patient)
    ids = [case.id for case in cases]
    in_error = select(func.count()).where(
        Case.patient_id == patient.id, or_(Case.state == State.ENTERED_IN_ERROR, _OF_AN_ERROR)
    )
    notes = select(func.count()).where(AdministrativeNote.case_id.in_(ids))
    withdrawn = select(func.count()).where(Photo.case_id.in_(ids), Photo.withdrawn_at.is_not(None))
    return Contents(
        patient=_patient(work, patient),
        cases=tuple(case_contents(work, case) for case in cases),
        left_out={
            "administrative_notes": work.session.scalar(notes) or 0,
            "withdrawn_pictures": work.session.scalar(withdrawn) or 0,
            "entered_in_error": work.session.scalar(in_error) or 0,
        },
    )


def _patient(work: Work, patient: Patient) -> dict[str, Any]:
    sealer = Sealer(work.system.cipher, patient)
    versions = work.session.scalars(
        select(PatientIdentityVersion)
        .where(PatientIdentityVersion.patient_id == patient.id)
        .order_by(PatientIdentityVersion.version)
    )
    return {
        "identity": read_identity(work, patient),
        "site": work.session.get_one(Organization, patient.organization_id).name,
        "opposed_to_other_uses_since": iso(patient.opposed_at),
        "versions": [
            {
                "version": row.version,
                "identity": sealer.open(
                    row.identity_sealed, "patient_identity_versions", row.id, "identity_sealed"
                ),
                "changed_by": name_of(work, row.changed_by),
                "changed_at": iso(row.changed_at),
            }
            for row in versions
        ],
    }
