"""The worker's lane that makes received files into pictures: assembled, checked, stripped, rendered, sealed.

The phone's diagnostic picture comes first and is rendered anew, so that nothing but pixels is kept of it; the original
adds to it and replaces nothing. Where only an original came, the diagnostic picture is made from it.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from dermavis.domain.errors import PictureRefused
from dermavis.domain.notices import backoff
from dermavis.domain.pictures import refusal
from dermavis.domain.ports import Picture
from dermavis.models import Case, Photo, PictureJob, Upload
from dermavis.services.access import hold
from dermavis.services.actors import actor_of
from dermavis.services.conversation import resume_after_picture
from dermavis.services.failures import trace_of
from dermavis.services.leases import NOW, Queue, take
from dermavis.services.notices import announce
from dermavis.services.photo_files import Sent, forget_files, keep_files, store_files
from dermavis.services.upload_pieces import assemble, destroy_pieces
from dermavis.services.vault import Sealer
from dermavis.services.work import Actor, System, Work, reading, writing

log = logging.getLogger("dermavis.pictures")

QUEUE = Queue(
    PictureJob,
    PictureJob.not_before <= NOW,
    (PictureJob.priority, PictureJob.not_before),
    at_most=1,
    length=timedelta(minutes=3),
)
MOST_TRIES = 5


@dataclass(frozen=True)
class _Received:
    """A whole file as it was sent, and what is needed to make pictures of it."""

    job_id: UUID
    lease: UUID
    upload_id: UUID
    sent: Sent
    content: bytes
    expected_sha256: bytes | None
    close_up: bool
    sealer: Sealer
    actor: Actor | None


def process_next_picture(system: System) -> bool:
    """Make the next received file into pictures; tell whether there was one. Diagnostic pictures go first."""
    taken = take(system, QUEUE)
    for job_id, lease in taken:
        try:
            received = _load(system, job_id, lease)
            if received is not None:
                _make(system, received)
        except Exception as error:  # noqa: BLE001 - whatever it was, the next picture must not wait for it
            log.error("picture job %s failed: %s", job_id, trace_of(error))
            _try_again(system, job_id, lease)
    return bool(taken)


def _load(system: System, job_id: UUID, lease: UUID) -> _Received | None:
    with reading(system) as work:
        job = work.session.get(PictureJob, job_id)
        if job is None or job.lease != lease or job.done_at is not None:
            return None
        upload = work.session.get_one(Upload, job.upload_id)
        photo = work.session.get_one(Photo, upload.photo_id)
        case = work.session.get_one(Case, upload.case_id)
        sealer = Sealer(system.cipher, case)
        views = {view.id: view for view in system.specialty(case.specialty_id, case.specialty_version).views}
        content = assemble(work, upload, sealer)
        return _Received(
            job_id=job_id,
            lease=lease,
            upload_id=upload.id,
            sent=Sent(photo.id, upload.role, hashlib.sha256(content).digest()),
            content=content,
            expected_sha256=upload.expected_sha256,
            close_up=photo.view in views and views[photo.view].close_up,
            sealer=sealer,
            actor=actor_of(work.session, photo.added_by, work.now, photo.organization_id),
        )


def _make(system: System, received: _Received) -> None:
    try:
        if received.expected_sha256 not in {None, received.sent.sha256}:
            raise refusal("mismatch")
        picture = system.imaging.process(received.content, received.close_up)
    except PictureRefused as refused:
        _refuse(system, received.job_id, received.lease, refused)
    else:
        _keep(system, received, picture)
    with writing(system) as work:
        destroy_pieces(work, received.upload_id)


def _keep(system: System, received: _Received, picture: Picture) -> None:
    stored = store_files(system, received.sealer, received.sent, picture)
    with writing(system, received.actor) as work:
        job = _still_ours(work, received.job_id, received.lease)
        unneeded = [file.store_key for file in stored]
        if job is not None:
            photo = work.session.get_one(Photo, received.sent.photo_id, with_for_update=True)
            unneeded = keep_files(work, photo, received.sealer, received.sent, picture, stored)
            _finish(work, job)
            _photo_is_ready(work, photo)
    forget_files(system, unneeded)


def _photo_is_ready(work: Work, photo: Photo) -> None:
    """Mark the photo ready; where it answers a question of the expert they are told, and a wait for it is over.

    Another one is told once it is made part of the request.
    """
    if photo.state in {"ready", "withdrawn"}:
        return
    photo.state, photo.refusal = "ready", ""
    photo.verified_at = work.now
    work.audit("photo.ready", case_id=photo.case_id, subject_kind="photo", subject_id=photo.id)
    case = work.session.get_one(Case, photo.case_id, with_for_update=True)
    if case.state == "on_hold":
        resume_after_picture(work, case)
    elif case.state == "claimed" and photo.answers_request is not None:
        announce(work, "picture_added", case, [case.claimed_by], once=str(photo.id))


def _refuse(system: System, job_id: UUID, lease: UUID, refused: PictureRefused) -> None:
    """Keep why the file is refused; a photo that is ready without it stays so."""
    with writing(system) as work:
        job = _still_ours(work, job_id, lease)
        if job is None:
            return
        _finish(work, job)
        upload = work.session.get_one(Upload, job.upload_id)
        upload.state = "failed"
        photo = work.session.get_one(Photo, upload.photo_id, with_for_update=True)
        if photo.state not in {"ready", "withdrawn"}:
            photo.state, photo.refusal = "refused", refused.message
        work.audit(
            "photo.refused",
            case_id=photo.case_id,
            subject_kind="photo",
            subject_id=photo.id,
            role=upload.role,
            reason=refused.code,
        )


def _try_again(system: System, job_id: UUID, lease: UUID) -> None:
    with writing(system) as work:
        job = _still_ours(work, job_id, lease)
        if job is None:
            return
        last = job.tries >= MOST_TRIES
        if not last:
            job.lease = job.leased_until = None
            job.not_before = work.now + backoff(job.tries, 0)
    if last:
        _refuse(system, job_id, lease, refusal("not_prepared"))


def _finish(work: Work, job: PictureJob) -> None:
    job.done_at = work.now
    job.lease = job.leased_until = None


def _still_ours(work: Work, job_id: UUID, lease: UUID) -> PictureJob | None:
    hold(work, work.session.scalar(select(Upload.case_id).join(PictureJob).where(PictureJob.id == job_id)))
    job = work.session.get(PictureJob, job_id, with_for_update=True)
    return job if job is not None and job.lease == lease and job.done_at is None else None
