"""Pictures that go along into another case: opened with the one's key, sealed anew under the other's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from dermavis.models import Case, Photo, PhotoFile, PhotoMeasure
from dermavis.services.vault import DATA_KEY_VERSION, Sealer
from dermavis.services.work import Work

_SAME_FILE = ("role", "sha256", "sent_sha256", "size", "media_type", "width", "height", "orientation")
_SAME_PHOTO = ("lesion_id", "view", "state", "flagged", "device_time", "device_offset_minutes", "verified_at")


@dataclass(frozen=True)
class CopiedFile:
    """A sealed file that the store holds for the new case, and the clear facts of its row."""

    id: UUID
    store_key: str
    capture_sealed: bytes | None
    facts: dict[str, Any]


@dataclass(frozen=True)
class Copy:
    """A picture of one case (``of``) as it will stand in the other."""

    of: UUID
    photo_id: UUID
    facts: dict[str, Any]
    files: tuple[CopiedFile, ...]
    measures: tuple[dict[str, Any], ...]


def copy_pictures(work: Work, case: Case, photo_ids: Sequence[UUID], sealer: Sealer) -> list[Copy]:
    """Seal these pictures of a case anew and store them; ``keep_copies`` writes their rows.

    Of a picture that is withdrawn or not verified there is nothing to copy.
    """
    photos = work.session.scalars(
        select(Photo)
        .where(
            Photo.id.in_(photo_ids),
            Photo.case_id == case.id,
            Photo.state == "ready",
            Photo.withdrawn_at.is_(None),
        )
        .order_by(Photo.position, Photo.created_at, Photo.id)
    ).all()
    return [_copy(work, case, photo, sealer) for photo in photos]


def keep_copies(work: Work, case: Case, copies: Sequence[Copy]) -> None:
    """Write the rows of pictures that were copied for a case."""
    for position, copy in enumerate(copies):
        keep_copy(work, case, copy, position)


def keep_copy(work: Work, case: Case, copy: Copy, position: int, **other: Any) -> Photo:
    """Write the rows of one picture that was copied for a case; ``other`` facts in the place of the first one's."""
    photo = Photo(
        id=copy.photo_id,
        case_id=case.id,
        position=position,
        added_by=work.acting.person_id,
        organization_id=work.acting.organization_id,
        created_at=work.now,
        **copy.facts | other,
    )
    work.session.add(photo)
    work.session.flush()
    for file in copy.files:
        work.session.add(
            PhotoFile(
                id=file.id,
                photo_id=copy.photo_id,
                store_key=file.store_key,
                capture_sealed=file.capture_sealed,
                key_version=DATA_KEY_VERSION,
                created_at=work.now,
                **file.facts,
            )
        )
    for measure in copy.measures:
        work.session.add(PhotoMeasure(id=uuid4(), photo_id=copy.photo_id, **measure))
    return photo


def _copy(work: Work, case: Case, photo: Photo, sealer: Sealer) -> Copy:
    files = work.session.scalars(select(PhotoFile).where(PhotoFile.photo_id == photo.id)).all()
    measures = work.session.scalars(select(PhotoMeasure).where(PhotoMeasure.photo_id == photo.id)).all()
    before = Sealer(work.system.cipher, case)
    return Copy(
        of=photo.id,
        photo_id=uuid4(),
        facts={name: getattr(photo, name) for name in _SAME_PHOTO},
        files=tuple(_copy_file(work, file, before, sealer) for file in files),
        measures=tuple(
            {
                "version": row.version,
                "source": row.source,
                "values": row.values,
                "measured_at": row.measured_at,
            }
            for row in measures
        ),
    )


def _copy_file(work: Work, file: PhotoFile, before: Sealer, after: Sealer) -> CopiedFile:
    file_id, store = uuid4(), work.system.photo_store
    key = f"photos/{file_id.hex[:2]}/{file_id.hex}"
    clear = before.open_bytes(store.get(file.store_key), "photo_files", file.id, "content")
    store.put(key, after.seal_bytes(clear, "photo_files", file_id, "content"))
    capture = file.capture_sealed
    if capture is not None:
        told = before.open(capture, "photo_files", file.id, "capture_sealed")
        capture = after.seal(told, "photo_files", file_id, "capture_sealed")
    return CopiedFile(file_id, key, capture, {name: getattr(file, name) for name in _SAME_FILE})
