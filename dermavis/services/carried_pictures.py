"""The pictures of a case entered in error, confirmed one by one for the right patient and sealed anew under their key.

Nothing of a picture is shared: its bytes are opened with the one case's key and sealed with the other's, in files of
their own. Until it is confirmed, a picture is no part of the new request, nor anywhere near it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from dermavis.domain.errors import NotFound
from dermavis.domain.permissions import Permission
from dermavis.models import Case, Photo, PhotoFile, PhotoMeasure
from dermavis.services.access import find_case
from dermavis.services.case_photos import CasePhoto, photos_shown
from dermavis.services.drafts import open_draft, write_draft
from dermavis.services.lists import patient_name
from dermavis.services.photo_files import forget_files
from dermavis.services.photos import read_file
from dermavis.services.revisions import last_revision, open_content
from dermavis.services.sending_anew import carried_lesion, parent_of
from dermavis.services.vault import DATA_KEY_VERSION, Sealer
from dermavis.services.work import Actor, System, Work, reading, writing


@dataclass(frozen=True)
class ToConfirm:
    """One picture to be confirmed for the patient of the new request; ``rank`` counts from 1 of ``total``."""

    photo: CasePhoto
    rank: int
    total: int
    parent_id: UUID
    name: str
    birth_date: str
    sex: str


@dataclass(frozen=True)
class Copied:
    """A file sealed anew and stored, and the row that it is a copy of."""

    id: UUID
    store_key: str
    of: PhotoFile
    capture: bytes | None


def next_to_confirm(work: Work, draft_id: UUID, after: UUID | None = None) -> ToConfirm | None:
    """Return the first picture behind ``after`` that is not part of the draft yet; None when there is none left.

    Raises NotFound for a draft that takes nobody's place.
    """
    draft = find_case(work, draft_id, Permission.DRAFT_EDIT)
    parent = parent_of(work, draft)
    pictures = _pictures(work, parent)
    ids = [picture.id for picture in pictures]
    start = ids.index(after) + 1 if after in ids else 0
    carried = _carried(work, draft)
    patient = open_draft(work, draft).get("patient") or {}
    for rank, picture in enumerate(pictures[start:], start=start + 1):
        if picture.id not in carried:
            name, born = patient_name(patient), patient.get("birth_date") or ""
            return ToConfirm(picture, rank, len(pictures), parent.id, name, born, patient.get("sex") or "")
    return None


def carry_picture(system: System, actor: Actor, draft_id: UUID, photo_id: UUID) -> None:
    """Make a confirmed picture part of the draft; confirming it twice changes nothing. Raises NotFound.

    The bytes are stored before any row names them; where the rows cannot be written they go again.
    """
    with reading(system, actor) as work:
        draft = find_case(work, draft_id, Permission.DRAFT_EDIT)
        parent = parent_of(work, draft)
        if photo_id not in {picture.id for picture in _pictures(work, parent)}:
            raise NotFound("Cette photo n’est pas de la demande marquée par erreur.")
        if photo_id in _carried(work, draft):
            return
        copied = _copy_files(work, parent, draft, photo_id)
    try:
        with writing(system, actor) as work:
            kept = _keep(work, draft_id, photo_id, copied)
    except BaseException:
        forget_files(system, [file.store_key for file in copied])
        raise
    if not kept:
        forget_files(system, [file.store_key for file in copied])


def _pictures(work: Work, parent: Case) -> list[CasePhoto]:
    specialty = work.system.specialty(parent.specialty_id, parent.specialty_version)
    shown, _ = photos_shown(work, parent, specialty, open_content(work, parent, last_revision(work, parent)))
    return shown


def _carried(work: Work, draft: Case) -> set[UUID | None]:
    """The pictures of the other case that are part of the draft already."""
    rows = select(Photo.replaces_id).where(Photo.case_id == draft.id, Photo.withdrawn_at.is_(None))
    named = {photo["id"] for photo in open_draft(work, draft).get("photos") or []}
    ids = rows.where(Photo.id.in_([UUID(photo_id) for photo_id in named]))
    return set(work.session.scalars(ids))


def _copy_files(work: Work, parent: Case, draft: Case, photo_id: UUID) -> list[Copied]:
    before, after = Sealer(work.system.cipher, parent), Sealer(work.system.cipher, draft)
    copied = []
    for row in work.session.scalars(select(PhotoFile).where(PhotoFile.photo_id == photo_id)):
        file_id = uuid4()
        key = f"photos/{file_id.hex[:2]}/{file_id.hex}"
        content = read_file(work, parent, photo_id, row.role).content
        work.system.photo_store.put(key, after.seal_bytes(content, "photo_files", file_id, "content"))
        capture = None
        if row.capture_sealed is not None:
            told = before.open(row.capture_sealed, "photo_files", row.id, "capture_sealed")
            capture = after.seal(told, "photo_files", file_id, "capture_sealed")
        copied.append(Copied(file_id, key, row, capture))
    return copied


def _keep(work: Work, draft_id: UUID, photo_id: UUID, copied: list[Copied]) -> bool:
    """Write the rows; False where another tab confirmed the picture meanwhile."""
    draft = find_case(work, draft_id, Permission.DRAFT_EDIT, lock=True)
    if photo_id in _carried(work, draft):
        return False
    old = work.session.get_one(Photo, photo_id)
    content = open_draft(work, draft)
    photo = _photo(work, draft, old, content)
    work.session.add(photo)
    work.session.flush()
    for file in copied:
        work.session.add(_file(work, photo, file))
    for measure in work.session.scalars(select(PhotoMeasure).where(PhotoMeasure.photo_id == old.id)):
        work.session.add(
            PhotoMeasure(
                id=uuid4(),
                photo_id=photo.id,
                version=measure.version,
                source=measure.source,
                values=measure.values,
                measured_at=measure.measured_at,
            )
        )
    lesion = str(photo.lesion_id) if photo.lesion_id else None
    sent = next((file.of.sent_sha256 for file in copied if file.of.sent_sha256 is not None), None)
    sha256 = sent.hex() if sent else None
    entry = {"id": str(photo.id), "lesion": lesion, "view": photo.view, "skipped": None, "sha256": sha256}
    write_draft(work, draft, content | {"photos": [*_still_there(work, draft, content), entry]})
    work.audit("photo.carry", case_id=draft.id, subject_kind="photo", subject_id=photo.id)
    return True


def _still_there(work: Work, draft: Case, content: dict[str, Any]) -> list[dict[str, Any]]:
    """The views of the draft without those that were withdrawn: the same picture, confirmed anew, takes their place."""
    gone = select(Photo.id).where(Photo.case_id == draft.id, Photo.withdrawn_at.is_not(None))
    withdrawn = {str(photo_id) for photo_id in work.session.scalars(gone)}
    return [photo for photo in content["photos"] if photo["id"] not in withdrawn]


def _photo(work: Work, draft: Case, old: Photo, content: dict[str, Any]) -> Photo:
    lesion = carried_lesion(draft.id, old.lesion_id) if old.lesion_id else None
    known = {row["id"] for row in content["lesions"]}
    return Photo(
        id=uuid4(),
        case_id=draft.id,
        lesion_id=lesion if str(lesion) in known else None,
        view=old.view,
        position=len(content["photos"]),
        state="ready",
        flagged=old.flagged,
        replaces_id=old.id,
        added_by=work.acting.person_id,
        organization_id=work.acting.organization_id,
        created_at=work.now,
        device_time=old.device_time,
        device_offset_minutes=old.device_offset_minutes,
        verified_at=work.now,
    )


def _file(work: Work, photo: Photo, file: Copied) -> PhotoFile:
    return PhotoFile(
        id=file.id,
        photo_id=photo.id,
        role=file.of.role,
        store_key=file.store_key,
        sha256=file.of.sha256,
        sent_sha256=file.of.sent_sha256,
        size=file.of.size,
        media_type=file.of.media_type,
        width=file.of.width,
        height=file.of.height,
        orientation=file.of.orientation,
        capture_sealed=file.capture,
        key_version=DATA_KEY_VERSION,
        created_at=work.now,
    )
