"""The pictures that the report of an opinion shows, and the views that were never taken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from dermavis.domain.lesion_wording import lesion_label
from dermavis.domain.report import pictures_to_show
from dermavis.domain.specialty import Specialty
from dermavis.domain.specialty_wording import still_skipped
from dermavis.domain.takes import takes
from dermavis.models import Case, Opinion, Photo
from dermavis.services.photos import read_file
from dermavis.services.work import Work

MARK_NAMES: Final = {"arrow": "une flèche", "circle": "un cercle"}


def report_pictures(work: Work, case: Case, specialty: Specialty, request: dict[str, Any]) -> Any:
    """Return the pictures of the report, each with its view and, of several lesions, which of them it shows.

    Where there is not room for all, a former picture gives way to the later one of its view, and to the other views.
    """
    labels = {view.id: view.label for view in specialty.views}
    lesions = [UUID(lesion["id"]) for lesion in request.get("lesions") or []]
    photos = work.session.scalars(
        select(Photo)
        .where(Photo.case_id == case.id, Photo.state == "ready")
        .order_by(Photo.position, Photo.created_at)
    ).all()
    marks = {photo.get("id"): photo.get("marks") or [] for photo in request.get("photos") or []}
    ranks = [lesions.index(row.lesion_id) if row.lesion_id in lesions else -1 for row in photos]
    order = takes([((row.view, row.lesion_id), row.created_at) for row in photos], case.sent_at, ranks)
    wanted = sorted(order, key=lambda take: not take.is_last)
    chosen = pictures_to_show([ranks[take.place] for take in wanted], len(lesions) > 1)
    return [
        {
            "content": read_file(work, case, photo.id, "diagnostic").content,
            "legend": " · ".join(
                part
                for part in (_lesion(photo, lesions), labels.get(photo.view, "Photo"), take.words)
                if part
            ),
            "alternative": _alternative(labels.get(photo.view, "vue libre"), marks.get(str(photo.id), [])),
            "marks": marks.get(str(photo.id), []),
        }
        for take in sorted((wanted[place] for place in chosen), key=order.index)
        for photo in [photos[take.place]]
    ]


def _alternative(view: str, marks: Sequence[dict[str, Any]]) -> str:
    names = [MARK_NAMES[mark["shape"]] for mark in marks]
    drawn = f", avec {' et '.join(names)} du demandeur" if names else ""
    return f"Photographie transmise : {view}{drawn}"


def _lesion(photo: Photo, lesions: list[UUID]) -> str:
    if len(lesions) < 2 or photo.lesion_id not in lesions:
        return ""
    return lesion_label(lesions.index(photo.lesion_id), len(lesions))


def never_taken(work: Work, case: Case, request: dict[str, Any], opinion: Opinion) -> list[Any]:
    """The views not taken: a picture that answers a question is none of the revision's, but was there to be seen."""
    answers = work.session.scalars(
        select(Photo).where(
            Photo.case_id == case.id,
            Photo.state == "ready",
            Photo.answers_request.is_not(None),
            Photo.created_at <= (opinion.signed_at or work.now),
        )
    )
    return list(still_skipped(request, [(str(row.lesion_id or ""), row.view) for row in answers]))
