"""A request that was entered in error is sent anew under the right identity: a new draft takes over its answers.

The patient is picked or written anew, and so is the consent; lesions are the new patient's own. No picture comes along
by itself: each is confirmed first (``carried_pictures``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4, uuid5

from sqlalchemy import select

from dermavis.domain.case_states import State, Transition
from dermavis.domain.errors import Conflict, InvalidInput, NotFound
from dermavis.domain.permissions import Permission
from dermavis.models import Case
from dermavis.services.access import find_case, require
from dermavis.services.awaiting_anew import KIND, WRONG_PATIENT
from dermavis.services.drafts import save
from dermavis.services.moves import last_step
from dermavis.services.patients import find_patient, read_identity
from dermavis.services.revisions import last_revision, open_content
from dermavis.services.work import Work

CARRIED = (
    "specialty", "red_flags", "motive", "history", "hypothesis", "question", "without_opinion", "contact", "urgency",
    "addressing",
)  # fmt: skip
"""Answers that the new request takes over. Patient, consent and pictures are given anew."""
NEEDED = {
    "birth_name": "Écrivez le nom de naissance.",
    "first_name": "Écrivez le prénom.",
    "birth_date": "Écrivez la date de naissance.",
    "sex": "Choisissez le sexe.",
}


@dataclass(frozen=True)
class Anew:
    """The request that takes the place of one entered in error; ``number`` is empty while it is a draft."""

    id: UUID
    number: str


def anew_of(work: Work, case: Case) -> Anew | None:
    """Return the request made anew from a case entered in error, the last one begun; None where there is none."""
    row = work.session.execute(
        select(Case.id, Case.number)
        .where(
            Case.parent_id == case.id,
            Case.parent_kind == KIND,
            Case.state.not_in([State.CANCELLED.value, State.ENTERED_IN_ERROR.value]),
        )
        .order_by(Case.created_at.desc())
        .limit(1)
    ).first()
    return Anew(row.id, row.number or "") if row else None


def remade_from(work: Work, case: Case) -> str:
    """Return the number of the case entered in error in whose place this one was made; empty for any other."""
    parent = work.session.get(Case, case.parent_id) if case.parent_kind == KIND else None
    return (parent.number or "") if parent else ""


def begin_anew(
    work: Work, case_id: UUID, traits: dict[str, Any], consent: dict[str, Any], patient_id: UUID | None = None
) -> UUID:
    """Begin the new request for a patient of the site (``patient_id``), or for the one whose traits are written.

    Returns its id; the one already begun is taken up again. Raises InvalidInput by field, and Conflict ``sent_anew``.
    """
    parent = find_case(work, case_id, Permission.CASE_SEND_ANEW, lock=True)
    require(work, Permission.CASE_CREATE)
    begun = anew_of(work, parent)
    if begun is not None and begun.number:
        raise Conflict("sent_anew", f"Cette demande est déjà renvoyée\u00a0: {begun.number}.")
    if begun is not None:
        return begun.id
    before = open_content(work, parent, last_revision(work, parent))
    new_id = uuid4()
    content: dict[str, Any] = {name: before[name] for name in CARRIED if name in before}
    content["patient"] = _patient(work, parent, traits, patient_id)
    content["consent"] = _consent(work, consent)
    content["lesions"] = [
        lesion | {"id": str(carried_lesion(new_id, UUID(lesion["id"])))} for lesion in before["lesions"]
    ]
    content["photos"] = [
        photo | {"id": str(uuid4()), "lesion": _lesion_of(new_id, photo)}
        for photo in before["photos"]
        if photo.get("skipped")
    ]
    save(work, new_id, content, 0)
    child = work.session.get_one(Case, new_id)
    child.parent_id, child.parent_kind = parent.id, KIND
    work.audit("case.send_anew", case_id=parent.id, subject_kind="case", subject_id=new_id)
    return new_id


def carried_lesion(new_id: UUID, lesion_id: UUID) -> UUID:
    """Return the id that a lesion has in the new request: it is another patient's, hence another lesion."""
    return uuid5(new_id, str(lesion_id))


def parent_of(work: Work, case: Case) -> Case:
    """Return the case entered in error from which a draft was made. Raises NotFound for any other draft."""
    if case.parent_kind != KIND or case.parent_id is None:
        raise NotFound
    return find_case(work, case.parent_id, Permission.CASE_SEND_ANEW)


def _patient(work: Work, parent: Case, traits: dict[str, Any], patient_id: UUID | None) -> dict[str, Any]:
    if patient_id is not None:
        if patient_id == parent.patient_id and _is_wrong_patient(work, parent):
            raise InvalidInput(
                {"patient": "C’est le patient de la demande marquée par erreur\u00a0: choisissez l’autre."}
            )
        return read_identity(work, find_patient(work, patient_id, parent.site_id)) | {"id": str(patient_id)}
    errors = {name: words for name, words in NEEDED.items() if not str(traits.get(name) or "").strip()}
    if errors:
        raise InvalidInput(errors)
    return traits


def _is_wrong_patient(work: Work, parent: Case) -> bool:
    step = last_step(work, parent, Transition.MARK_ERROR)
    return step is not None and step.reason == WRONG_PATIENT


def _consent(work: Work, consent: dict[str, Any]) -> dict[str, Any]:
    if not consent.get("given"):
        raise InvalidInput({"given": "Cochez l’accord\u00a0: rien ne se prépare sans lui."})
    if consent.get("by") == "representative" and not str(consent.get("representative_name") or "").strip():
        raise InvalidInput({"representative_name": "Écrivez le nom du représentant."})
    return consent | {"at": work.now.isoformat()}


def _lesion_of(new_id: UUID, photo: dict[str, Any]) -> str | None:
    return str(carried_lesion(new_id, UUID(photo["lesion"]))) if photo.get("lesion") else None
