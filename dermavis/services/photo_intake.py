"""Which photo a new file belongs to, and whether the actor may add it to the case now."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from dermavis.domain.errors import Conflict, Forbidden, InvalidInput, TooMany
from dermavis.domain.permissions import Permission
from dermavis.domain.pictures import MOST_PHOTOS
from dermavis.models import Case, Message, Photo, PhotoFile
from dermavis.services.access import find_case
from dermavis.services.drafts import open_draft
from dermavis.services.work import Work


@dataclass(frozen=True)
class NewUpload:
    """What a client says of a file before it sends the first byte. ``sha256`` is of the bytes as they will be sent."""

    case_id: UUID
    photo_id: UUID
    role: str
    view: str
    length: int
    lesion_id: UUID | None = None
    sha256: bytes | None = None
    answers: UUID | None = None


def photo_to_fill(work: Work, new: NewUpload) -> Photo:
    """Return the photo that the file belongs to, adding it to its case when it is new.

    Raises NotFound, Forbidden (no permission, or no consent yet), InvalidInput, Conflict, TooMany.
    """
    case = _case_to_add_to(work, new)
    photo = work.session.get(Photo, new.photo_id)
    if photo is None:
        return _add_photo(work, case, new)
    if photo.case_id != case.id:
        raise Conflict("photo_elsewhere", "Cette photo appartient déjà à une autre demande.")
    if photo.withdrawn_at is not None:
        raise Conflict("photo_withdrawn", "Cette photo a été retirée de la demande.")
    if case.state != "draft" and photo.state == "ready" and _is_fixed(work, photo, new):
        raise Conflict("photo_fixed", "Cette photo est déjà partie\u00a0: ajoutez-en une autre.")
    return photo


def _case_to_add_to(work: Work, new: NewUpload) -> Case:
    """Return the case, when the actor may add this file to it now."""
    case = find_case(work, new.case_id, lock=True)
    known = work.session.get(Photo, new.photo_id)
    if case.state == "draft":
        find_case(work, case.id, Permission.DRAFT_EDIT)
        consent = open_draft(work, case).get("consent") or {}
        if not consent.get("given"):
            raise Forbidden(
                "Notez d’abord l’accord du patient\u00a0: aucune photo ne part avant lui.", "consent_first"
            )
    elif known is not None and new.role == "original":
        # A secretary's full-size pictures may still be on their way when a doctor of the site sends the request.
        if known.added_by != work.acting.person_id:
            find_case(work, case.id, Permission.CASE_SEND)
    else:
        find_case(work, case.id, Permission.CASE_COMPLETE)
    if new.view not in {
        view.id for view in work.system.specialty(case.specialty_id, case.specialty_version).views
    }:
        raise InvalidInput({"view": "Cette vue n’existe pas dans cette spécialité."})
    return case


def _add_photo(work: Work, case: Case, new: NewUpload) -> Photo:
    count = work.session.scalar(
        select(func.count()).select_from(Photo).where(Photo.case_id == case.id, Photo.withdrawn_at.is_(None))
    )
    if (count or 0) >= MOST_PHOTOS:
        raise TooMany(f"Une demande compte {MOST_PHOTOS} photos au plus\u00a0: retirez-en une d’abord.", 60)
    if new.answers is not None:
        message = work.session.get(Message, new.answers)
        if message is None or message.case_id != case.id:
            raise InvalidInput({"answers": "Ce message n’appartient pas à cette demande."})
    photo = Photo(
        id=new.photo_id,
        case_id=case.id,
        lesion_id=new.lesion_id,
        view=new.view,
        position=count or 0,
        state="awaited",
        refusal="",
        flagged="",
        answers_request=new.answers,
        added_by=work.acting.person_id,
        organization_id=work.acting.organization_id,
        created_at=work.now,
    )
    work.session.add(photo)
    work.session.flush()
    work.audit("photo.add", case_id=case.id, subject_kind="photo", subject_id=photo.id, view=new.view)
    return photo


def _is_fixed(work: Work, photo: Photo, new: NewUpload) -> bool:
    """Whether a sent photo already has its file of that role; only the same bytes may come again."""
    kept = work.session.scalar(
        select(PhotoFile).where(PhotoFile.photo_id == photo.id, PhotoFile.role == new.role)
    )
    return kept is not None and (kept.sent_sha256 is None or kept.sent_sha256 != new.sha256)
