"""What the service holds of one person's requests, as the model wants to read it."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from dermavis.models import Case, CaseRevision, Notification, Photo, PhotoFile, Transition
from dermavis.services.photos import read_file
from dermavis.services.revisions import open_content
from dermavis.services.work import System, Work, reading
from tests import material
from tests.schedules.model import HeldCase, HeldPicture


def held_cases(system: System, person_id: UUID, since: datetime, chosen: dict[str, bytes]) -> list[HeldCase]:
    """Return the cases that a person began since an instant. ``chosen``: picture files by their SHA-256."""
    with reading(system) as work:
        cases = work.session.scalars(
            select(Case).where(Case.created_by == person_id, Case.created_at >= since)
        ).all()
        return [_held(work, case, chosen) for case in cases]


def arrived(system: System, case_id: str, pictures: int) -> bool:
    """Tell whether a request was submitted, and the full size of each of its pictures is there."""
    with reading(system) as work:
        case = work.session.get(Case, UUID(case_id))
        if case is None or case.number is None:
            return False
        rows = select(PhotoFile.id).join(Photo, Photo.id == PhotoFile.photo_id)
        whole = rows.where(Photo.case_id == case.id, PhotoFile.role == "original")
        return len(work.session.scalars(whole).all()) >= pictures


def number_of(system: System, case_id: str) -> str:
    """Return the number of a request, '' for one that was not sent."""
    with reading(system) as work:
        case = work.session.get(Case, UUID(case_id))
        return (case.number or "") if case else ""


def pictures_of(system: System, case_id: str) -> str:
    """Return in words how far the service is with the pictures of a request."""
    with reading(system) as work:
        rows = work.session.execute(
            select(Photo.view, Photo.state, PhotoFile.role)
            .join(PhotoFile, PhotoFile.photo_id == Photo.id, isouter=True)
            .where(Photo.case_id == UUID(case_id))
            .order_by(Photo.view, PhotoFile.role)
        )
        return "; ".join(" ".join(str(part) for part in row) for row in rows)


def _held(work: Work, case: Case, chosen: dict[str, bytes]) -> HeldCase:
    rows = work.session.scalars(
        select(CaseRevision).where(CaseRevision.case_id == case.id).order_by(CaseRevision.number)
    ).all()
    versions = [open_content(work, case, row) for row in rows]
    steps = work.session.scalars(
        select(Transition.id).where(Transition.case_id == case.id, Transition.name == "submit")
    ).all()
    told = work.session.scalars(
        select(Notification.person_id).where(
            Notification.case_id == case.id, Notification.event == "submitted"
        )
    )
    photos = work.session.scalars(
        select(Photo).where(Photo.case_id == case.id, Photo.withdrawn_at.is_(None))
    ).all()
    named = [photo["id"] for photo in (versions[-1]["photos"] if versions else []) if not photo["skipped"]]
    return HeldCase(
        id=str(case.id),
        state=case.state,
        number=case.number or "",
        submissions=len(steps),
        revisions=tuple(version["question"] for version in versions),
        named=tuple(named),
        pictures={str(photo.id): _picture(work, case, photo, chosen) for photo in photos},
        notices=Counter(str(person) for person in told),
        submitted_at=case.submitted_at,
        due_at=case.due_at,
    )


def _picture(work: Work, case: Case, photo: Photo, chosen: dict[str, bytes]) -> HeldPicture:
    files = work.session.scalars(select(PhotoFile).where(PhotoFile.photo_id == photo.id)).all()
    sent = {file.role: file.sent_sha256.hex() for file in files if file.sent_sha256}
    whole = True
    for file in files:
        content = read_file(work, case, photo.id, file.role).content
        whole = whole and hashlib.sha256(content).digest() == file.sha256
        if file.role == "original" and sent.get("original") in chosen:
            before = material.opened(chosen[sent["original"]])
            whole = whole and material.opened(content).tobytes() == before.tobytes()
            whole = whole and material.PLANTED not in content
    made_here = any(file.role == "diagnostic" and file.sent_sha256 is None for file in files)
    return HeldPicture(photo.view, sent.get("original", ""), sent.get("diagnostic", ""), whole, made_here)
