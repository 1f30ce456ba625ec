"""Resumable uploads: a photo's file arrives piece by piece, belongs to one case, and is lost by nobody's fault.

What ``append`` returned from survives ``kill -9``: the sealed pieces are on the disk before the row that counts them.
Creating again what is already there returns it, so that a lost answer makes no second copy.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select

from dermavis.domain.errors import Conflict, NotFound, Refusal
from dermavis.domain.pictures import LARGEST_FILE_BYTES, UPLOAD_LIFETIME, refusal
from dermavis.models import Case, DueRow, Photo, PictureJob, Upload, UploadPiece
from dermavis.services.access import hold
from dermavis.services.photo_intake import NewUpload, photo_to_fill
from dermavis.services.schedule import schedule
from dermavis.services.upload_pieces import destroy_pieces, forget_pieces, store_pieces
from dermavis.services.vault import Sealer
from dermavis.services.work import Actor, System, Work, reading, writing

PRIORITY = {"diagnostic": 0, "original": 1}
_LOST = "Cet envoi n’existe plus sur le serveur\u00a0: recommencez-le."


@dataclass(frozen=True)
class UploadState:
    """How far an upload has come, in bytes."""

    id: UUID
    offset: int
    length: int
    expires_at: datetime


class UploadBusy(Refusal):
    """Another request is appending to this upload at this very moment."""

    status = 423

    def __init__(self) -> None:
        super().__init__(
            "upload_busy", "Un autre envoi de cette photo est en cours\u00a0: réessayez dans un instant."
        )


class OffsetDisagrees(Conflict):
    """The client and the server do not stand at the same byte; ``offset`` is the server's."""

    def __init__(self, offset: int) -> None:
        super().__init__("offset_disagrees", "La reprise de l’envoi ne part pas du bon endroit.")
        self.offset = offset


def create(work: Work, new: NewUpload) -> UploadState:
    """Begin an upload, or return the one that already carries this very file.

    Raises NotFound, Forbidden, InvalidInput, PictureRefused (too large, empty), Conflict.
    """
    if new.length > LARGEST_FILE_BYTES:
        raise refusal("too_large")
    if new.length < 1:
        raise refusal("empty")
    photo = photo_to_fill(work, new)
    for upload in _uploads_of(work, photo, new.role):
        if (upload.expected_sha256, upload.length) == (new.sha256, new.length) and new.sha256 is not None:
            return _state(upload)
        if upload.state == "open":
            _end(work, upload)
    upload = Upload(
        id=uuid4(),
        owner_id=work.acting.person_id,
        case_id=photo.case_id,
        photo_id=photo.id,
        role=new.role,
        length=new.length,
        offset=0,
        expected_sha256=new.sha256,
        state="open",
        created_at=work.now,
        touched_at=work.now,
        expires_at=work.now + UPLOAD_LIFETIME,
    )
    work.session.add(upload)
    if photo.state != "ready":
        photo.state, photo.refusal = "uploading", ""
    schedule(work, "upload_expiry", upload.expires_at, subject_id=upload.id)
    work.session.flush()
    return _state(upload)


def find(work: Work, upload_id: UUID) -> UploadState:
    """Return how far an upload of the actor has come. Raises NotFound when it is lost, ended or another person's."""
    return _state(_own_upload(work, upload_id))


def append(system: System, actor: Actor, upload_id: UUID, offset: int, content: bytes) -> UploadState:
    """Keep more bytes of an upload, durably, and queue the picture when it is whole.

    Raises NotFound, OffsetDisagrees, UploadBusy, PictureRefused when more comes than was announced.
    """
    with _alone(upload_id):
        with reading(system, actor) as work:
            upload = _own_upload(work, upload_id)
            _check_fits(upload, offset, content)
            case = work.session.get_one(Case, upload.case_id)
            sealer = Sealer(system.cipher, case)
        stored = store_pieces(system, sealer, offset, content)
        try:
            with writing(system, actor) as work:
                if offset + len(content) == upload.length:
                    hold(work, upload.case_id)
                upload = _own_upload(work, upload_id, lock=True)
                _check_fits(upload, offset, content)
                for piece in stored:
                    work.session.add(UploadPiece(upload_id=upload.id, **asdict(piece)))
                upload.offset += len(content)
                upload.touched_at = work.now
                upload.expires_at = work.now + UPLOAD_LIFETIME
                if upload.offset == upload.length:
                    _complete(work, upload)
                return _state(upload)
        except Refusal:
            # After any other failure nobody knows whether the row was written: the pieces stay.
            forget_pieces(system, stored)
            raise


def end_uploads(work: Work, photo: Photo) -> None:
    """End what is still on its way for a photo that is no longer wanted."""
    for upload in work.session.scalars(
        select(Upload).where(Upload.photo_id == photo.id, Upload.state == "open")
    ):
        _end(work, upload)


def expire(work: Work, row: DueRow) -> None:
    """Timer: end an upload whose time is over, and destroy whatever is left of any upload's pieces."""
    hold(work, work.session.scalar(select(Upload.case_id).where(Upload.id == row.subject_id)))
    upload = work.session.get(Upload, row.subject_id, with_for_update=True)
    if upload is None:
        return
    if upload.state == "open":
        if upload.expires_at > work.now:
            schedule(work, "upload_expiry", upload.expires_at, subject_id=upload.id)
            return
        # Its pieces go in the next round, when nobody can add to it any more.
        _end(work, upload)
        photo = work.session.get_one(Photo, upload.photo_id)
        if photo.state == "uploading":
            photo.state = "awaited"
    elif _waits_for_imaging(work, upload):
        schedule(work, "upload_expiry", work.now + UPLOAD_LIFETIME, subject_id=upload.id)
    else:
        destroy_pieces(work, upload.id)


def _uploads_of(work: Work, photo: Photo, role: str) -> list[Upload]:
    rows = select(Upload).where(
        Upload.photo_id == photo.id,
        Upload.role == role,
        Upload.owner_id == work.acting.person_id,
        Upload.state.in_(("open", "complete")),
    )
    return list(work.session.scalars(rows.order_by(Upload.created_at)))


def _own_upload(work: Work, upload_id: UUID, lock: bool = False) -> Upload:
    upload = work.session.get(Upload, upload_id, with_for_update=True if lock else None)
    if upload is None or upload.owner_id != work.acting.person_id or upload.state == "failed":
        raise NotFound(_LOST)
    if upload.state == "open" and upload.expires_at <= work.now:
        raise NotFound(_LOST)
    return upload


def _check_fits(upload: Upload, offset: int, content: bytes) -> None:
    if offset != upload.offset:
        raise OffsetDisagrees(upload.offset)
    if offset + len(content) > upload.length:
        raise refusal("mismatch")


def _complete(work: Work, upload: Upload) -> None:
    upload.state = "complete"
    work.session.add(
        PictureJob(
            id=uuid4(), upload_id=upload.id, priority=PRIORITY[upload.role], not_before=work.now, tries=0
        )
    )
    photo = work.session.get_one(Photo, upload.photo_id)
    if photo.state != "ready":
        photo.state = "received"


def _end(work: Work, upload: Upload) -> None:
    upload.state = "failed"
    schedule(work, "upload_expiry", work.now, subject_id=upload.id)


def _waits_for_imaging(work: Work, upload: Upload) -> bool:
    job = work.session.scalar(select(PictureJob).where(PictureJob.upload_id == upload.id))
    return upload.state == "complete" and job is not None and job.done_at is None


def _state(upload: Upload) -> UploadState:
    return UploadState(upload.id, upload.offset, upload.length, upload.expires_at)


_busy: set[UUID] = set()
_busy_guard = threading.Lock()


@contextmanager
def _alone(upload_id: UUID) -> Iterator[None]:
    """Let one request of this process append to an upload at a time; between processes the row decides."""
    with _busy_guard:
        if upload_id in _busy:
            raise UploadBusy
        _busy.add(upload_id)
    try:
        yield
    finally:
        with _busy_guard:
            _busy.discard(upload_id)
