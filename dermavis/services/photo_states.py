"""Where each photo of a request stands, for the phone that sends it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from dermavis.services.photos import states
from dermavis.services.work import Work

TOLD = {"ready": "verified"}


@dataclass(frozen=True)
class PhotoState:
    """``state``: awaited, uploading, received, verified, refused (``message`` says why, in French).

    ``seen`` and ``whole`` tell whether a thumb can be shown and whether the original is there.
    """

    id: UUID
    view: str
    lesion_id: UUID | None
    state: str
    message: str
    seen: bool
    whole: bool


def photo_states(work: Work, case_id: UUID) -> list[PhotoState]:
    """Return the state of every photo of a case that the actor may read. Raises NotFound."""
    return [
        PhotoState(
            id=photo.id,
            view=photo.view,
            lesion_id=photo.lesion_id,
            state=TOLD.get(photo.state, photo.state),
            message=photo.refusal,
            seen="thumb" in photo.files,
            whole=not photo.original_awaited,
        )
        for photo in states(work, case_id)
    ]
