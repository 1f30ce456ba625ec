"""The photos of a case as their readers see them, and the reading of one picture, which is always noted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from dermavis.domain.card_reading import CardReading, reading_of
from dermavis.domain.errors import NotFound
from dermavis.models import Case, Photo, PhotoFile, PhotoMeasure, Upload
from dermavis.models.photos import CARD
from dermavis.services.access import find_case
from dermavis.services.added_photos import sees_unconfirmed, unconfirmed
from dermavis.services.photo_verdicts import measures_of
from dermavis.services.readings import record_reading
from dermavis.services.vault import Sealer
from dermavis.services.work import Actor, System, Work, reading

ROLES = ("original", "diagnostic", "thumb")


@dataclass(frozen=True)
class ShownFile:
    """One file of a photo: its sides in pixels as stored, and the turn (1 to 8) that the original still needs."""

    role: str
    media_type: str
    size: int
    width: int
    height: int
    orientation: int


@dataclass(frozen=True)
class ShownPhoto:
    """A photo and where it stands. ``received`` and ``expected`` are bytes of the file on its way, 0 when none is.

    ``state``: awaited, uploading, received (being prepared), ready, refused (``refusal`` says why, in French).
    ``confirmed`` is false for one added to a sent request that is not part of it yet: only its own side gets it here.
    """

    id: UUID
    view: str
    lesion_id: UUID | None
    position: int
    state: str
    refusal: str
    flagged: str
    added_at: datetime
    answers: UUID | None
    confirmed: bool
    files: dict[str, ShownFile]
    capture: dict[str, Any]
    measures: dict[str, Any]
    card: CardReading | None
    received: int
    expected: int

    @property
    def original_awaited(self) -> bool:
        """Whether the full format is still on its way."""
        return "original" not in self.files


@dataclass(frozen=True)
class OpenedPicture:
    """A picture in clear, to be sent to a reader at once and kept nowhere."""

    content: bytes
    media_type: str
    width: int
    height: int
    orientation: int


def states(work: Work, case_id: UUID) -> list[ShownPhoto]:
    """Return the photos of a case that the actor may read. Raises NotFound."""
    return photos_of(work, find_case(work, case_id))


def photos_of(work: Work, case: Case) -> list[ShownPhoto]:
    """Return the photos of a case in their order, without the withdrawn ones and those not yet shown to the actor."""
    pending = unconfirmed(work, case)
    hidden = frozenset[UUID]() if sees_unconfirmed(work, case) else pending
    photos = work.session.scalars(
        select(Photo)
        .where(Photo.case_id == case.id, Photo.withdrawn_at.is_(None), Photo.id.not_in(hidden))
        .order_by(Photo.position, Photo.created_at, Photo.id)
    ).all()
    ids = [photo.id for photo in photos]
    files: dict[UUID, dict[str, PhotoFile]] = {photo_id: {} for photo_id in ids}
    for file in work.session.scalars(select(PhotoFile).where(PhotoFile.photo_id.in_(ids))):
        files[file.photo_id][file.role] = file
    measured: dict[UUID, list[PhotoMeasure]] = {photo_id: [] for photo_id in ids}
    cards: dict[UUID, CardReading | None] = {}
    for row in work.session.scalars(
        select(PhotoMeasure).where(PhotoMeasure.photo_id.in_(ids)).order_by(PhotoMeasure.version)
    ):
        if row.source == CARD:
            cards[row.photo_id] = reading_of(row.values)
        else:
            measured[row.photo_id].append(row)
    uploads = {
        row.photo_id: row
        for row in work.session.scalars(
            select(Upload)
            .where(Upload.photo_id.in_(ids), Upload.state != "failed")
            .order_by(Upload.role.desc(), Upload.created_at)
        )
    }
    sealer = Sealer(work.system.cipher, case)
    return [
        _shown(
            photo,
            files[photo.id],
            measures_of(measured[photo.id]),
            uploads.get(photo.id),
            sealer,
            card=cards.get(photo.id),
            confirmed=photo.id not in pending,
        )
        for photo in photos
    ]


def show_picture(system: System, actor: Actor, case_id: UUID, photo_id: UUID, role: str) -> OpenedPicture:
    """Open a picture for the actor and note who read it; a thumb counts with the page that shows it.

    Raises NotFound: no such case, photo or file for this person.
    """
    with reading(system, actor) as work:
        case = find_case(work, case_id)
        if photo_id in unconfirmed(work, case) and not sees_unconfirmed(work, case):
            raise NotFound("Cette photo n’existe pas, ou n’est pas encore prête.")
        picture = read_file(work, case, photo_id, role)
    if role != "thumb":
        record_reading(
            system, actor, "photo.read", case_id=case_id, subject_kind="photo", subject_id=photo_id, role=role
        )
    return picture


def read_file(work: Work, case: Case, photo_id: UUID, role: str) -> OpenedPicture:
    """Open a file of a case's photo without asking or noting who reads: for a caller that did (the report).

    Raises NotFound when the photo is another case's, withdrawn, or has no such file yet.
    """
    file = work.session.scalar(
        select(PhotoFile)
        .join(Photo, Photo.id == PhotoFile.photo_id)
        .where(
            Photo.id == photo_id,
            Photo.case_id == case.id,
            Photo.withdrawn_at.is_(None),
            PhotoFile.role == role,
        )
    )
    if file is None:
        raise NotFound("Cette photo n’existe pas, ou n’est pas encore prête.")
    sealed = work.system.photo_store.get(file.store_key)
    content = Sealer(work.system.cipher, case).open_bytes(sealed, "photo_files", file.id, "content")
    return OpenedPicture(content, file.media_type, file.width, file.height, file.orientation)


def manifest_agrees(work: Work, photo_id: UUID, sha256: str) -> bool:
    """Tell whether the hash that the request names is that of a file which came for this photo and was verified."""
    kept = select(PhotoFile.sent_sha256).where(PhotoFile.photo_id == photo_id)
    came = select(Upload.expected_sha256).where(Upload.photo_id == photo_id, Upload.state == "complete")
    known = {*work.session.scalars(kept), *work.session.scalars(came)}
    return any(digest is not None and digest.hex() == sha256.lower() for digest in known)


def _shown(
    photo: Photo,
    files: dict[str, PhotoFile],
    measures: dict[str, Any],
    upload: Upload | None,
    sealer: Sealer,
    *,
    card: CardReading | None,
    confirmed: bool,
) -> ShownPhoto:
    noted = next((file for file in files.values() if file.capture_sealed is not None), None)
    capture = (
        sealer.open(noted.capture_sealed, "photo_files", noted.id, "capture_sealed")
        if noted is not None and noted.capture_sealed is not None
        else {}
    )
    return ShownPhoto(
        id=photo.id,
        view=photo.view,
        lesion_id=photo.lesion_id,
        position=photo.position,
        state=photo.state,
        refusal=photo.refusal,
        flagged=photo.flagged,
        added_at=photo.created_at,
        answers=photo.answers_request,
        confirmed=confirmed,
        files={
            role: ShownFile(role, file.media_type, file.size, file.width, file.height, file.orientation)
            for role, file in files.items()
        },
        capture=capture,
        measures=measures,
        card=card,
        received=upload.offset if upload else 0,
        expected=upload.length if upload else 0,
    )
