"""What keeps a request from being sent: answers that are missing or wrong, pictures that are not held yet."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from dermavis.domain.completeness import Missing
from dermavis.domain.errors import InvalidInput, Refusal
from dermavis.domain.pictures import REFUSALS
from dermavis.domain.request_faults import faults
from dermavis.domain.requests import RequestContent
from dermavis.domain.specialty import missing
from dermavis.models import Case, Organization, Photo
from dermavis.services.drafts import local_today
from dermavis.services.photos import manifest_agrees
from dermavis.services.treating_doctors import fault_of_doctor
from dermavis.services.work import Work

FREE_TO_COMPLETE_IN_POOL = frozenset({"photos", "history", "lesions", "question", "addressing"})
"""Parts that may be missing when a request goes to its coordination first, which completes it or sends it back."""


class PicturesPending(Refusal):
    """Pictures that the server does not hold and verify yet: wait, then send again. ``photos`` are their ids."""

    status = 409

    def __init__(self, photos: list[UUID]) -> None:
        super().__init__(
            "pictures_pending", "Des photos arrivent encore. L’envoi partira dès qu’elles sont vérifiées."
        )
        self.photos = photos


def incomplete(work: Work, case: Case, content: RequestContent) -> dict[str, str]:
    """Return field → sentence for all that whoever fills the request in has to mend; empty when complete.

    What holds it up, and a chosen treating doctor who could not be given the opinion: later on a doctor who left holds
    nothing up, the opinion goes without a copy.
    """
    doctor = fault_of_doctor(work, content.patient.model_dump(), case.network_id)
    return holds_up(work, case, content) | doctor


def holds_up(work: Work, case: Case, content: RequestContent) -> dict[str, str]:
    """Return field → sentence for all that keeps the request from reaching an expert; empty when nothing does."""
    site = work.session.get_one(Organization, case.site_id)
    found = faults(content, local_today(work, site.time_zone))
    return {row.field: row.message for row in _lacking(work, case, content)} | found


def missing_labels(work: Work, case: Case, content: RequestContent) -> list[str]:
    """Return short labels of what is missing, for the coordination's board ("Échelle", "Allergies")."""
    return [row.label for row in _lacking(work, case, content)]


def _lacking(work: Work, case: Case, content: RequestContent) -> list[Missing]:
    site = work.session.get_one(Organization, case.site_id)
    specialty = work.system.specialty(case.specialty_id, case.specialty_version)
    return missing(specialty, content.model_dump(mode="json"), site_has_dermatoscope=site.has_dermatoscope)


def check_complete(work: Work, case: Case, content: RequestContent, pooled: bool) -> None:
    """Raise InvalidInput, by field, unless the request is complete; what a coordination may add is noted for it."""
    found = incomplete(work, case, content)
    if pooled and content.urgency != "urgent":
        case.to_complete = missing_labels(work, case, content)
        found = {
            path: words for path, words in found.items() if path.split(".")[0] not in FREE_TO_COMPLETE_IN_POOL
        }
    if found:
        raise InvalidInput(found, "Il manque encore quelque chose avant l’envoi.")


def check_pictures(work: Work, case: Case, content: RequestContent) -> None:
    """Withdraw the pictures that the request does not name. Raises InvalidInput by picture, and PicturesPending."""
    rows = {row.id: row for row in work.session.scalars(select(Photo).where(Photo.case_id == case.id))}
    refused: dict[str, str] = {}
    pending: list[UUID] = []
    for place, photo in enumerate(content.photos):
        if photo.skipped:
            continue
        row = rows.get(photo.id)
        if row is None or row.state in {"awaited", "uploading", "received"}:
            pending.append(photo.id)
        elif row.state != "ready":
            refused[f"photos.{place}"] = row.refusal or "Cette photo n’a pas pu être gardée : reprenez-la."
        elif photo.sha256 and not manifest_agrees(work, row.id, photo.sha256):
            refused[f"photos.{place}"] = REFUSALS["mismatch"]
    if refused:
        raise InvalidInput(refused, "Une photo est à reprendre.")
    if pending:
        raise PicturesPending(pending)
    wanted = {photo.id: place for place, photo in enumerate(content.photos) if not photo.skipped}
    for row in rows.values():
        if row.id in wanted:
            row.position = wanted[row.id]
            row.view = content.photos[wanted[row.id]].view
            row.lesion_id = content.photos[wanted[row.id]].lesion
        elif row.withdrawn_at is None:
            row.withdrawn_at = work.now
            row.state = "withdrawn"
            work.audit("photo.withdraw", case_id=case.id, subject_kind="photo", subject_id=row.id)
