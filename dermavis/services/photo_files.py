"""The sealed files of a photo: stored first, named by a row afterwards, replaced only while the request is a draft."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select, update

from dermavis.domain.ports import Picture, PictureFile
from dermavis.models import Case, DueRow, Photo, PhotoFile, PhotoMeasure, PictureJob, Upload
from dermavis.models.photos import CARD
from dermavis.services.upload_pieces import destroy_pieces
from dermavis.services.vault import DATA_KEY_VERSION, Sealer
from dermavis.services.work import System, Work


@dataclass(frozen=True)
class Sent:
    """Which file of which photo was sent; ``sha256`` is of the bytes as they came."""

    photo_id: UUID
    role: str
    sha256: bytes


@dataclass(frozen=True)
class StoredFile:
    """A sealed file that the store holds, and its clear facts."""

    id: UUID
    role: str
    store_key: str
    file: PictureFile


def store_files(system: System, sealer: Sealer, sent: Sent, picture: Picture) -> list[StoredFile]:
    """Seal and store the files that a sent file gives. Outside any transaction: it waits for the disk."""
    files = {"diagnostic": picture.diagnostic, "thumb": picture.thumb}
    if sent.role == "original":
        files["original"] = picture.original
    stored = []
    for role, file in files.items():
        file_id = uuid4()
        key = f"photos/{file_id.hex[:2]}/{file_id.hex}"
        system.photo_store.put(key, sealer.seal_bytes(file.content, "photo_files", file_id, "content"))
        stored.append(StoredFile(file_id, role, key, file))
    return stored


def keep_files(
    work: Work, photo: Photo, sealer: Sealer, sent: Sent, picture: Picture, stored: Sequence[StoredFile]
) -> list[str]:
    """Write the rows of stored files and of what was measured; return the store keys that are not needed any more.

    A diagnostic picture stays when the original follows, and when it was made from an original that came first.
    """
    present = {
        row.role: row for row in work.session.scalars(select(PhotoFile).where(PhotoFile.photo_id == photo.id))
    }
    diagnostic = present.get("diagnostic")
    stays = diagnostic is not None and (sent.role == "original" or diagnostic.sent_sha256 is None)
    unneeded = []
    for new in stored:
        if stays and new.role != "original":
            unneeded.append(new.store_key)
            continue
        if new.role in present:
            unneeded.append(present[new.role].store_key)
            work.session.delete(present[new.role])
            work.session.flush()
        work.session.add(_row(work, photo, sealer, sent, picture, new))
    _note_measures(work, photo, sent.role, picture.measures)
    _note_card(work, photo, picture, kept=stays)
    return unneeded


def forget_files(system: System, keys: Iterable[str]) -> None:
    """Remove stored files that no row names."""
    for key in keys:
        system.photo_store.delete(key)


def forget_photos(work: Work, row: DueRow) -> None:
    """Timer: destroy the pictures of a draft that its writer threw away."""
    case = work.session.get_one(Case, row.case_id, with_for_update=True)
    if case.state != "cancelled" or case.number is not None:
        return
    for upload in work.session.scalars(select(Upload).where(Upload.case_id == case.id)):
        upload.state = "failed"
        destroy_pieces(work, upload.id)
        waiting = update(PictureJob).where(PictureJob.upload_id == upload.id, PictureJob.done_at.is_(None))
        work.session.execute(waiting.values(done_at=work.now))
    photos = select(Photo.id).where(Photo.case_id == case.id)
    for file in work.session.scalars(select(PhotoFile).where(PhotoFile.photo_id.in_(photos))):
        work.system.photo_store.delete(file.store_key)
        work.session.delete(file)
    for photo in work.session.scalars(select(Photo).where(Photo.case_id == case.id)):
        photo.state = "withdrawn"
        photo.withdrawn_at = photo.withdrawn_at or work.now


def _row(
    work: Work, photo: Photo, sealer: Sealer, sent: Sent, picture: Picture, new: StoredFile
) -> PhotoFile:
    capture = {
        "taken_at": picture.taken_at,
        "lens": picture.lens,
        "focal_length_mm": picture.focal_length_mm,
        "focal_length_35mm": picture.focal_length_35mm,
    }
    told = new.role == sent.role and any(value is not None for value in capture.values())
    return PhotoFile(
        id=new.id,
        photo_id=photo.id,
        role=new.role,
        store_key=new.store_key,
        sha256=hashlib.sha256(new.file.content).digest(),
        sent_sha256=sent.sha256 if new.role == sent.role else None,
        size=len(new.file.content),
        media_type=new.file.media_type,
        width=new.file.width,
        height=new.file.height,
        orientation=picture.orientation if new.role == "original" else 1,
        capture_sealed=sealer.seal(capture, "photo_files", new.id, "capture_sealed") if told else None,
        key_version=DATA_KEY_VERSION,
        created_at=work.now,
    )


def _note_card(work: Work, photo: Photo, picture: Picture, *, kept: bool) -> None:
    """Note what was read of a card; where the diagnostic picture was ``kept``, a card that was found on it stays."""
    values = picture.card
    if kept and not values.get("found"):
        known = _measure_row(work, photo, values.get("version"), CARD)
        if known is not None and known.values.get("found"):
            return
    _note_measures(work, photo, CARD, values)


def _note_measures(work: Work, photo: Photo, source: str, values: dict[str, Any]) -> None:
    version = values.get("version")
    if version is None:
        return
    row = _measure_row(work, photo, version, source)
    if row is None:
        row = PhotoMeasure(id=uuid4(), photo_id=photo.id, version=version, source=source)
        work.session.add(row)
    row.values = {name: value for name, value in values.items() if name != "version"}
    row.measured_at = work.now


def _measure_row(work: Work, photo: Photo, version: int | None, source: str) -> PhotoMeasure | None:
    return work.session.scalar(
        select(PhotoMeasure).where(
            PhotoMeasure.photo_id == photo.id,
            PhotoMeasure.version == version,
            PhotoMeasure.source == source,
        )
    )
