"""What the worker gave up is taken up again: timers, and pictures whose pieces are still there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from dermavis.domain.errors import InvalidInput
from dermavis.domain.permissions import Permission
from dermavis.domain.repairs import check_repair_reason
from dermavis.models import Case, DueRow, Photo, PictureJob, Upload, UploadPiece
from dermavis.services import pictures
from dermavis.services.access import require
from dermavis.services.numbered_cases import case_numbered
from dermavis.services.timers import HANDLERS
from dermavis.services.work import Work

DEAD_TIMER = ("given_up", "unknown_kind")
PICTURES = "pictures"


@dataclass(frozen=True)
class DeadRow:
    """A row that the worker gave up: its kind, its case's number or nothing, when; and why it cannot be replayed."""

    kind: str
    number: str
    ended_at: datetime | None
    why_not: str


def replay(
    work: Work, reason: str, *, number: str = "", kind: str = "", apply: bool = False
) -> list[DeadRow]:
    """Return what the worker gave up, of one case or of all, and have it done anew when ``apply`` says so.

    Each handler looks at its case again: what has no sense any more does nothing. Raises Forbidden, NotFound,
    InvalidInput.
    """
    require(work, Permission.SERVICE_REPAIR)
    check_repair_reason(reason)
    if kind and kind not in {*HANDLERS, PICTURES}:
        raise InvalidInput({"kind": f"Quelle sorte\u00a0? {', '.join((PICTURES, *HANDLERS))}."})
    case = case_numbered(work, number, lock=True) if number else None
    found = []
    if kind != PICTURES:
        found += _timers(work, case, kind, apply)
    if kind in {"", PICTURES}:
        found += _pictures(work, case, apply)
    again = sum(not row.why_not for row in found)
    if apply and again:
        work.audit("worker.replay", case_id=case.id if case else None, reason=reason, count=again, kind=kind)
    return found


def _timers(work: Work, case: Case | None, kind: str, apply: bool) -> list[DeadRow]:
    rows = (
        select(DueRow, Case.number)
        .outerjoin(Case, Case.id == DueRow.case_id)
        .where(
            DueRow.done_at.is_not(None),
            DueRow.outcome.in_(DEAD_TIMER),
            or_(DueRow.case_id.is_(None), Case.network_id == work.acting.facts.network_id),
        )
        .order_by(DueRow.done_at, DueRow.id)
    )
    if case is not None:
        rows = rows.where(DueRow.case_id == case.id)
    if kind:
        rows = rows.where(DueRow.kind == kind)
    found = []
    for row, number in work.session.execute(rows):
        why_not = "" if row.kind in HANDLERS else "cette version ne connaît pas cette sorte"
        found.append(DeadRow(row.kind, number or "", row.done_at, why_not))
        if apply and not why_not:
            row.done_at, row.outcome, row.tries, row.due_at = None, "", 0, work.now
            row.lease = row.leased_until = None
    return found


def _pictures(work: Work, case: Case | None, apply: bool) -> list[DeadRow]:
    rows = (
        select(PictureJob, Upload, Photo, Case)
        .join(Upload, Upload.id == PictureJob.upload_id)
        .join(Photo, Photo.id == Upload.photo_id)
        .join(Case, Case.id == Upload.case_id)
        .where(
            PictureJob.done_at.is_not(None),
            PictureJob.tries >= pictures.MOST_TRIES,
            Upload.state == "failed",
            Case.network_id == work.acting.facts.network_id,
        )
        .order_by(PictureJob.done_at, PictureJob.id)
    )
    if case is not None:
        rows = rows.where(Case.id == case.id)
    found = []
    for job, upload, photo, of in work.session.execute(rows):
        why_not = _why_not(work, upload, photo)
        found.append(DeadRow(PICTURES, of.number or "", job.done_at, why_not))
        if apply and not why_not:
            job.done_at, job.tries, job.not_before = None, 0, work.now
            job.lease = job.leased_until = None
            upload.state = "complete"
            if photo.state == "refused":
                photo.state, photo.refusal = "received", ""
    return found


def _why_not(work: Work, upload: Upload, photo: Photo) -> str:
    if photo.state == "withdrawn":
        return "cette photo a été retirée"
    held = select(func.sum(UploadPiece.size)).where(UploadPiece.upload_id == upload.id)
    if (work.session.scalar(held) or 0) < upload.length:
        return "les octets reçus ne sont plus là\u00a0: la photo est à reprendre"
    return ""
