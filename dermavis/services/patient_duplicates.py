"""Records of a site that may be one patient: found through the search hashes, compared by the domain's rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from dermavis.domain.duplicates import Known, Likeness, likeness
from dermavis.domain.errors import NotFound
from dermavis.domain.permissions import Permission
from dermavis.models import Case, Patient, PatientMerge, PatientSearchKey
from dermavis.services.access import require
from dermavis.services.patients import read_identity
from dermavis.services.work import Work

COMPARED_BY = ("ins", "birth_date", "birth_name")
"""Kinds of search hash of which duplicates share one: a typing error spoils the name or the date, not both."""

MOST_GROUPS, LARGEST_GROUP, MOST_PAIRS = 300, 40, 50
DECIDED = ("proposed", "done", "refused")


@dataclass(frozen=True)
class Record:
    """One record: the patient's part of a request, how many requests it has, when it was last written."""

    id: UUID
    traits: dict[str, Any]
    requests: int
    written_at: datetime


@dataclass(frozen=True)
class Pair:
    """Two records of one site that may be one patient."""

    one: Record
    other: Record
    likeness: Likeness


def possible_duplicates(work: Work) -> list[Pair]:
    """Return the pairs of the acting site that nobody has decided about, the surest first; at most 50.

    One audit row notes which records it showed. Raises Forbidden.
    """
    require(work, Permission.PATIENT_MERGE_PROPOSE)
    decided = _decided(work)
    known: dict[UUID, Patient | None] = {}
    found: dict[frozenset[UUID], Pair] = {}
    for group in _groups(work):
        for ids in combinations(group[:LARGEST_GROUP], 2):
            key = frozenset(ids)
            if key in found or key in decided:
                continue
            pair = _compared(work, *(_alive(work, patient_id, known) for patient_id in ids))
            if pair is not None:
                found[key] = pair
    order = list(Likeness)
    pairs = sorted(found.values(), key=lambda pair: (order.index(pair.likeness), str(pair.one.id)))
    note_compared(work, [record.id for pair in pairs[:MOST_PAIRS] for record in (pair.one, pair.other)])
    return pairs[:MOST_PAIRS]


def pair_of(work: Work, patient_id: UUID, other_id: UUID) -> Pair:
    """Return two records of the acting site side by side. Raises Forbidden, and NotFound where they are not alike."""
    require(work, Permission.PATIENT_MERGE_PROPOSE)
    known: dict[UUID, Patient | None] = {}
    pair = _compared(work, _alive(work, patient_id, known), _alive(work, other_id, known))
    if pair is None:
        raise NotFound("Ces deux fiches ne sont pas des doublons de votre site.")
    return pair


def record_of(work: Work, patient: Patient) -> Record:
    """Open one record."""
    count = (
        select(func.count()).select_from(Case).where(Case.patient_id == patient.id, Case.number.is_not(None))
    )
    return Record(
        patient.id, read_identity(work, patient), work.session.scalar(count) or 0, patient.updated_at
    )


def note_compared(work: Work, patient_ids: list[UUID]) -> None:
    """Audit which records were shown side by side."""
    if patient_ids:
        found = [str(patient_id) for patient_id in dict.fromkeys(patient_ids)]
        work.audit("patient.compare", subject_kind="patients", found=found)


def _groups(work: Work) -> list[list[UUID]]:
    """Records that share a search hash."""
    shared = (
        select(PatientSearchKey.kind, PatientSearchKey.value_hash)
        .where(
            PatientSearchKey.organization_id == work.acting.organization_id,
            PatientSearchKey.kind.in_(COMPARED_BY),
        )
        .group_by(PatientSearchKey.kind, PatientSearchKey.value_hash)
        .having(func.count(PatientSearchKey.patient_id.distinct()) > 1)
        .order_by(PatientSearchKey.kind.desc(), PatientSearchKey.value_hash)
        .limit(MOST_GROUPS)
    )
    groups = []
    for kind, value_hash in work.session.execute(shared).all():
        rows = select(PatientSearchKey.patient_id).where(
            PatientSearchKey.organization_id == work.acting.organization_id,
            PatientSearchKey.kind == kind,
            PatientSearchKey.value_hash == value_hash,
        )
        groups.append(sorted(set(work.session.scalars(rows)), key=str))
    return groups


def _decided(work: Work) -> set[frozenset[UUID]]:
    rows = work.session.execute(
        select(PatientMerge.kept_id, PatientMerge.merged_id).where(
            PatientMerge.organization_id == work.acting.organization_id, PatientMerge.state.in_(DECIDED)
        )
    )
    return {frozenset((row.kept_id, row.merged_id)) for row in rows}


def _alive(work: Work, patient_id: UUID, known: dict[UUID, Patient | None]) -> Patient | None:
    if patient_id not in known:
        patient = work.session.get(Patient, patient_id)
        here = patient is not None and patient.organization_id == work.acting.organization_id
        alive = here and patient is not None and patient.erased_at is None and patient.merged_into is None
        known[patient_id] = patient if alive else None
    return known[patient_id]


def _compared(work: Work, one: Patient | None, other: Patient | None) -> Pair | None:
    if one is None or other is None:
        return None
    left, right = record_of(work, one), record_of(work, other)
    why = likeness(
        Known(one.id, one.organization_id, left.traits), Known(other.id, other.organization_id, right.traits)
    )
    return Pair(left, right, why) if why is not None else None
