"""The pictures of a case entered in error, confirmed one by one for the right patient and sealed anew under their key.

Nothing of a picture is shared: its bytes are opened with the one case's key and sealed with the other's, in files of
their own. Until it is confirmed, a picture is no part of the new request, nor anywhere near it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from dermavis.domain.errors import NotFound
from dermavis.domain.permissions import Permission
from dermavis.models import Case, Photo
from dermavis.services.access import find_case
from dermavis.services.case_photos import CasePhoto, photos_shown
from dermavis.services.copied_pictures import Copy, copy_pictures, keep_copy
from dermavis.services.drafts import open_draft, write_draft
from dermavis.services.lists import patient_name
from dermavis.services.photo_files import forget_files
from dermavis.services.revisions import last_revision, open_content
from dermavis.services.sending_anew import carried_lesion, parent_of
from dermavis.services.vault import Sealer
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
        shown = [picture.id for picture in _pictures(work, parent) if picture.id == photo_id]
        if photo_id in _carried(work, draft):
            return
        copies = copy_pictures(work, parent, shown, Sealer(work.system.cipher, draft))
        if not copies:
            raise NotFound("Cette photo n’est pas de la demande marquée par erreur.")
        [copy] = copies
    stored = [file.store_key for file in copy.files]
    try:
        with writing(system, actor) as work:
            kept = _keep(work, draft_id, copy)
    except BaseException:
        forget_files(system, stored)
        raise
    if not kept:
        forget_files(system, stored)


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


def _keep(work: Work, draft_id: UUID, copy: Copy) -> bool:
    """Write the rows; False where another tab confirmed the picture meanwhile."""
    draft = find_case(work, draft_id, Permission.DRAFT_EDIT, lock=True)
    if copy.of in _carried(work, draft):
        return False
    content = open_draft(work, draft)
    old = copy.facts["lesion_id"]
    lesion = carried_lesion(draft.id, old) if old else None
    if str(lesion) not in {row["id"] for row in content["lesions"]}:
        lesion = None
    at = len(content["photos"])
    keep_copy(work, draft, copy, at, lesion_id=lesion, replaces_id=copy.of, verified_at=work.now)
    sent = next((file.facts["sent_sha256"] for file in copy.files if file.facts["sent_sha256"]), None)
    entry = {
        "id": str(copy.photo_id),
        "lesion": str(lesion) if lesion else None,
        "view": copy.facts["view"],
        "skipped": None,
        "sha256": sent.hex() if sent else None,
        **_told_beside(work, parent_of(work, draft), copy.of),
    }
    write_draft(work, draft, content | {"photos": [*_still_there(work, draft, content), entry]})
    work.audit("photo.carry", case_id=draft.id, subject_kind="photo", subject_id=copy.photo_id)
    return True


def _told_beside(work: Work, parent: Case, photo_id: UUID) -> dict[str, Any]:
    """What the request marked by error said of the picture: what was drawn beside it, what the phone measured."""
    content = open_content(work, parent, last_revision(work, parent))
    told: dict[str, Any] = next((row for row in content["photos"] if row["id"] == str(photo_id)), {})
    return {name: told[name] for name in ("marks", "quality") if told.get(name)}


def _still_there(work: Work, draft: Case, content: dict[str, Any]) -> list[dict[str, Any]]:
    """The views of the draft without those that were withdrawn: the same picture, confirmed anew, takes their place."""
    gone = select(Photo.id).where(Photo.case_id == draft.id, Photo.withdrawn_at.is_not(None))
    withdrawn = {str(photo_id) for photo_id in work.session.scalars(gone)}
    return [photo for photo in content["photos"] if photo["id"] not in withdrawn]
