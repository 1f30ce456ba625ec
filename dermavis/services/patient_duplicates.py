"""Records of a site that may be one patient, page by page, and two of them side by side."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, literal, select, tuple_
from sqlalchemy.orm import aliased

from dermavis.domain.duplicates import Known, Likeness, likeness
from dermavis.domain.errors import InvalidInput, NotFound
from dermavis.domain.permissions import Permission
from dermavis.models import Case, Patient, PatientMerge, PatientPair
from dermavis.services.access import require
from dermavis.services.patients import read_identity
from dermavis.services.work import Work

PAGE = 25
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


@dataclass(frozen=True)
class Page:
    """Some pairs in their order. ``after`` continues behind them; empty when these are the last."""

    pairs: list[Pair]
    after: str


def possible_duplicates(work: Work, after: str = "") -> Page:
    """Return the pairs of the acting site that nobody has decided about, the surest first, 25 from ``after`` on.

    One audit row notes which records it showed. Raises Forbidden, and InvalidInput for a place that is none.
    """
    require(work, Permission.PATIENT_MERGE_PROPOSE)
    chosen = _questions(work)
    if after:
        chosen = chosen.where(_behind(after))
    rows = work.session.execute(chosen.limit(PAGE + 1)).all()
    shown = rows[:PAGE]
    pairs = []
    for row in shown:
        # An identity that changed a moment ago may have made two people of them.
        pair = _compared(work, _alive(work, row.one_id), _alive(work, row.other_id))
        if pair is not None:
            pairs.append(pair)
    note_compared(work, [record.id for pair in pairs for record in (pair.one, pair.other)])
    return Page(pairs, _place(shown[-1]) if len(rows) > PAGE else "")


def pair_of(work: Work, patient_id: UUID, other_id: UUID) -> Pair:
    """Return two records of the acting site side by side. Raises Forbidden, and NotFound where they are not alike."""
    require(work, Permission.PATIENT_MERGE_PROPOSE)
    pair = _compared(work, _alive(work, patient_id), _alive(work, other_id))
    if pair is None:
        raise NotFound("Ces deux fiches ne sont pas des doublons de votre site.")
    return pair


def are_alike(work: Work, one_id: UUID, other_id: UUID) -> bool:
    """Whether both records stand, and may still be one patient."""
    one, other = work.session.get_one(Patient, one_id), work.session.get_one(Patient, other_id)
    stand = all(row.erased_at is None and row.merged_into is None for row in (one, other))
    return stand and _compared(work, one, other) is not None


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


def _questions(work: Work) -> Select[int, UUID, UUID]:
    """The pairs of the site of which both records stand, and that nobody has decided about, the surest first."""
    one, other = aliased(Patient), aliased(Patient)
    decided = exists().where(PatientMerge.state.in_(DECIDED))
    return (
        select(PatientPair.strength, PatientPair.one_id, PatientPair.other_id)
        .join(one, one.id == PatientPair.one_id)
        .join(other, other.id == PatientPair.other_id)
        .where(
            PatientPair.organization_id == work.acting.organization_id,
            *(row.erased_at.is_(None) for row in (one, other)),
            *(row.merged_into.is_(None) for row in (one, other)),
            ~decided.where(
                PatientMerge.kept_id == PatientPair.one_id, PatientMerge.merged_id == PatientPair.other_id
            ),
            ~decided.where(
                PatientMerge.kept_id == PatientPair.other_id, PatientMerge.merged_id == PatientPair.one_id
            ),
        )
        .order_by(PatientPair.strength, PatientPair.one_id, PatientPair.other_id)
    )


def _behind(place: str) -> ColumnElement[bool]:
    strength, _, ids = place.partition("~")
    one, _, other = ids.partition("~")
    try:
        values = (int(strength), UUID(one), UUID(other))
    except ValueError:
        raise InvalidInput({"after": "Cette page de la liste n’existe pas."}) from None
    columns = (PatientPair.strength, PatientPair.one_id, PatientPair.other_id)
    typed = (literal(value, column.type) for value, column in zip(values, columns, strict=True))
    return tuple_(*columns) > tuple_(*typed)


def _place(row: Any) -> str:
    return f"{row.strength}~{row.one_id}~{row.other_id}"


def _alive(work: Work, patient_id: UUID) -> Patient | None:
    patient = work.session.get(Patient, patient_id)
    if patient is None or patient.organization_id != work.acting.organization_id:
        return None
    return patient if patient.erased_at is None and patient.merged_into is None else None


def _compared(work: Work, one: Patient | None, other: Patient | None) -> Pair | None:
    if one is None or other is None:
        return None
    left, right = record_of(work, one), record_of(work, other)
    why = likeness(
        Known(one.id, one.organization_id, left.traits), Known(other.id, other.organization_id, right.traits)
    )
    return Pair(left, right, why) if why is not None else None
