"""Erasing a case for good: its data key is destroyed, and with it whatever was sealed, wherever a copy of that lies.

What stays is what never told who it was about: number, instants, codes, and the audit. With a patient's last case the
patient goes too, and can no longer be found.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, select, update

from dermavis.domain.case_states import Transition, Who
from dermavis.domain.erasure import ERASURE_REASONS, erasure_refusal
from dermavis.domain.errors import Conflict, InvalidInput
from dermavis.domain.permissions import Permission
from dermavis.models import (
    Case,
    DataDemand,
    DataDemandStep,
    Document,
    DueRow,
    Network,
    Notification,
    OutboxItem,
    Patient,
    PatientIdentityVersion,
    PatientSearchKey,
    Photo,
    PhotoFile,
    PictureJob,
    Upload,
)
from dermavis.models.sealed import OF_CONTENT, UNDER_CASE_KEY
from dermavis.services.access import hold, require
from dermavis.services.child_links import hold_children, parent_of
from dermavis.services.identity_versions import joined_records
from dermavis.services.moves import move
from dermavis.services.numbered_cases import case_numbered
from dermavis.services.patient_pairs import forget_pairs
from dermavis.services.retention import write_term
from dermavis.services.upload_pieces import destroy_pieces
from dermavis.services.work import Work

DESTROYED = b""
"""In place of a key or of sealed bytes."""


@dataclass(frozen=True)
class Erasure:
    """What was erased. ``keys`` are the wrapped keys that no file may hold any more: the case's, then the patient's.

    ``again``: the case had been erased before, and its keys are not known any more.
    """

    number: str
    keys: list[bytes] = field(default_factory=list)
    files: int = 0
    with_patient: bool = False
    again: bool = False


def erase_case(work: Work, number: str, reason: str) -> Erasure:
    """Destroy the content of a case of the actor's network; once it is, nothing brings it back.

    Raises Forbidden, NotFound, InvalidInput for an unknown reason, and Conflict when the case must be kept or is not
    over.
    """
    require(work, Permission.CASE_ERASE)
    if reason not in ERASURE_REASONS:
        raise InvalidInput({"reason": f"Quelle raison\u00a0? {', '.join(ERASURE_REASONS)}."})
    case = case_numbered(work, number)
    hold(work, case.parent_id)
    work.session.refresh(case, with_for_update=True)
    if case.erased_at is not None:
        return Erasure(number, again=True)
    write_term(work, case)
    refusal = erasure_refusal(
        reason=reason,
        state=case.state,
        closed_at=case.closed_at,
        legal_hold=case.legal_hold,
        held_with=_held_with(work, case),
        keep_until=case.keep_until,
        is_trial=_is_trial(work, case),
        now=work.now,
    )
    if refusal:
        raise Conflict("kept", refusal)
    return _erase(work, case, reason)


def _held_with(work: Work, case: Case) -> str:
    """The number of a held case that shares its content: what it is about, or what an expert began about it."""
    parent = parent_of(work, case)
    near = [*([parent] if parent is not None else []), *hold_children(work, case)]
    return next((row.number or "" for row in near if row.legal_hold), "")


def erase_lapsed_draft(work: Work, case: Case) -> None:
    """Destroy what was never sent, at its term; its writer was warned. A draft under legal hold stays."""
    if case.legal_hold or case.number is not None:
        return
    move(work, case, Transition.LAPSE, Who.SYSTEM)
    _erase(work, case, "draft_over")


def _is_trial(work: Work, case: Case) -> bool:
    patient = work.session.get(Patient, case.patient_id) if case.patient_id else None
    fictitious = patient is not None and patient.fictitious
    return fictitious or work.session.get_one(Network, case.network_id).kind != "real"


def _erase(work: Work, case: Case, reason: str) -> Erasure:
    files = _destroy_files(work, case)
    _end_what_waits(work, case)
    _empty_sealed(work, case)
    keys = [case.data_key]
    case.data_key = DESTROYED
    case.erased_at = case.updated_at = work.now
    case.anew_awaited = False
    work.audit("case.erase", case_id=case.id, reason=reason, files=files)
    work.session.flush()
    patient = _patient_without_case(work, case)
    for record in [patient, *joined_records(work, patient)] if patient is not None else []:
        keys.append(record.data_key)
        _erase_patient(work, record)
    return Erasure(case.number or "", keys, files, with_patient=patient is not None)


def _destroy_files(work: Work, case: Case) -> int:
    """Remove the bytes, then the rows that name them: killed in between, the next attempt finds the rows again."""
    for upload in work.session.scalars(select(Upload).where(Upload.case_id == case.id)):
        upload.state = "failed"
        destroy_pieces(work, upload.id)
        waiting = update(PictureJob).where(PictureJob.upload_id == upload.id, PictureJob.done_at.is_(None))
        work.session.execute(waiting.values(done_at=work.now))
    files: list[PhotoFile | Document] = [
        *work.session.scalars(select(PhotoFile).where(PhotoFile.photo_id.in_(_photos(case)))),
        *work.session.scalars(select(Document).where(Document.case_id == case.id)),
    ]
    for file in files:
        work.system.photo_store.delete(file.store_key)
        work.session.delete(file)
    work.session.flush()
    return len(files)


def _end_what_waits(work: Work, case: Case) -> None:
    for table in (DueRow, OutboxItem):
        rows = update(table).where(table.case_id == case.id, table.done_at.is_(None))
        work.session.execute(rows.values(done_at=work.now, outcome="erased"))
    unread = update(Notification).where(Notification.case_id == case.id, Notification.read_at.is_(None))
    work.session.execute(unread.values(read_at=work.now))


def _empty_sealed(work: Work, case: Case) -> None:
    """Without the key it says nothing; not to be there is better still, and cannot be taken for a fault."""
    for column in (*UNDER_CASE_KEY, *OF_CONTENT):
        table = column.class_
        emptied = None if column.property.columns[0].nullable else DESTROYED
        work.session.execute(update(table).where(_belongs(table, case)).values({column.key: emptied}))


def _belongs(table: Any, case: Case) -> Any:
    if table is Case:
        return Case.id == case.id
    if hasattr(table, "photo_id") and not hasattr(table, "case_id"):
        return table.photo_id.in_(_photos(case))
    return table.case_id == case.id


def _photos(case: Case) -> Any:
    return select(Photo.id).where(Photo.case_id == case.id)


def _patient_without_case(work: Work, case: Case) -> Patient | None:
    """Return the case's patient when no case of theirs is left."""
    if case.patient_id is None:
        return None
    patient = work.session.get_one(Patient, case.patient_id, with_for_update=True)
    left = select(Case.id).where(Case.patient_id == patient.id, Case.erased_at.is_(None)).limit(1)
    return patient if patient.erased_at is None and work.session.scalar(left) is None else None


def _erase_patient(work: Work, patient: Patient) -> None:
    for table in (PatientSearchKey, PatientIdentityVersion):
        work.session.execute(delete(table).where(table.patient_id == patient.id))
    forget_pairs(work, patient)
    _empty_demands(work, patient)
    patient.data_key = patient.identity_sealed = DESTROYED
    patient.erased_at = patient.updated_at = work.now
    work.audit("patient.erase", subject_kind="patient", subject_id=patient.id)


def _empty_demands(work: Work, patient: Patient) -> None:
    """What was asked stays in the register as codes and days: the proof that it was answered."""
    demands = select(DataDemand.id).where(DataDemand.patient_id == patient.id)
    work.session.execute(
        update(DataDemandStep).where(DataDemandStep.demand_id.in_(demands)).values(sealed=None)
    )
    work.session.execute(
        update(DataDemand).where(DataDemand.patient_id == patient.id).values(content_sealed=DESTROYED)
    )
