"""Pictures added to a sent request: the requester's alone until « Terminer » makes them part of it.

A picture that answers a question of the expert is shown as soon as it is verified, because its arrival ends the wait.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from dermavis.domain.errors import Conflict, NotFound
from dermavis.domain.permissions import Permission
from dermavis.models import Case, Photo
from dermavis.services.access import find_case, may
from dermavis.services.revisions import last_revision, open_content
from dermavis.services.uploads import end_uploads
from dermavis.services.work import Work


def unconfirmed(work: Work, case: Case) -> frozenset[UUID]:
    """Return the pictures of a sent request that are not part of it yet, and answer no question."""
    if case.number is None or case.state == "draft":
        return frozenset()
    added = work.session.scalars(
        select(Photo.id).where(
            Photo.case_id == case.id, Photo.withdrawn_at.is_(None), Photo.answers_request.is_(None)
        )
    ).all()
    sent = _sent(work, case) if added else frozenset()
    return frozenset(photo_id for photo_id in added if str(photo_id) not in sent)


def sees_unconfirmed(work: Work, case: Case) -> bool:
    """Tell whether the actor is on the side that adds pictures, whatever has become of the request."""
    return may(work, Permission.CASE_SEND, case)


def withdraw(work: Work, case_id: UUID, photo_id: UUID) -> None:
    """Take back a picture that is not part of the sent request yet; twice changes nothing.

    Raises NotFound, Forbidden, and Conflict ``photo_confirmed`` when it is part of it.
    """
    case = find_case(work, case_id, Permission.CASE_COMPLETE, lock=True)
    photo = work.session.get(Photo, photo_id, with_for_update=True)
    if photo is None or photo.case_id != case.id:
        raise NotFound("Cette photo n’existe pas.")
    if photo.withdrawn_at is not None:
        return
    if str(photo.id) in _sent(work, case):
        raise Conflict("photo_confirmed", "Cette photo est déjà transmise : ajoutez-en une autre.")
    photo.state = "withdrawn"
    photo.withdrawn_at = work.now
    end_uploads(work, photo)
    work.audit("photo.withdraw", case_id=case.id, subject_kind="photo", subject_id=photo.id)


def _sent(work: Work, case: Case) -> frozenset[str]:
    content = open_content(work, case, last_revision(work, case))
    return frozenset(photo["id"] for photo in content.get("photos") or [])
