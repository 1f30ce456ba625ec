"""Records of a site that may be one patient, page by page, and two of them side by side."""

from __future__ import annotations

from collections.abc import Collection
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
    """One record: the patient's part of a request, how many requests it has, when it was last written.

    ``joined``: to another one.
    """

    id: UUID
    site_id: UUID
    joined: bool
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
    records = records_of(work, [id_ for row in shown for id_ in (row.one_id, row.other_id)])
    # An identity that changed a moment ago may have made two people of them.
    compared = [_compared(records[row.one_id], records[row.other_id]) for row in shown]
    pairs = [pair for pair in compared if pair is not None]
    note_compared(work, [record.id for pair in pairs for record in (pair.one, pair.other)])
    return Page(pairs, _place(shown[-1]) if len(rows) > PAGE else "")


def pair_of(work: Work, patient_id: UUID, other_id: UUID) -> Pair:
    """Return two records of the acting site side by side. Raises Forbidden, and NotFound where they are not alike."""
    require(work, Permission.PATIENT_MERGE_PROPOSE)
    pair = _standing_pair(work, patient_id, other_id)
    if pair is None or pair.one.site_id != work.acting.organization_id:
        raise NotFound("Ces deux fiches ne sont pas des doublons de votre site.")
    return pair


def are_alike(work: Work, one_id: UUID, other_id: UUID) -> bool:
    """Whether both records stand, and may still be one patient."""
    return _standing_pair(work, one_id, other_id) is not None


def records_of(work: Work, patient_ids: Collection[UUID]) -> dict[UUID, Record]:
    """Open the records of these ids; an erased one is left out."""
    patients = select(Patient).where(Patient.id.in_(patient_ids), Patient.erased_at.is_(None))
    sent = (
        select(Case.patient_id, func.count().label("sent"))
        .where(Case.patient_id.in_(patient_ids), Case.number.is_not(None))
        .group_by(Case.patient_id)
    )
    requests = {row.patient_id: row.sent for row in work.session.execute(sent)}
    return {
        row.id: Record(
            id=row.id,
            site_id=row.organization_id,
            joined=row.merged_into is not None,
            traits=read_identity(work, row),
            requests=requests.get(row.id, 0),
            written_at=row.updated_at,
        )
        for row in work.session.scalars(patients)
    }


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


def _standing_pair(work: Work, one_id: UUID, other_id: UUID) -> Pair | None:
    found = records_of(work, (one_id, other_id))
    one, other = found.get(one_id), found.get(other_id)
    if one is None or other is None or one.joined or other.joined:
        return None
    return _compared(one, other)


def _compared(one: Record, other: Record) -> Pair | None:
    why = likeness(*(Known(row.id, row.site_id, row.traits) for row in (one, other)))
    return Pair(one, other, why) if why is not None else None
