"""The content of the demonstration's requests, and their drawn pictures."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from dermavis.demonstration.cases import PATIENTS, Episode, Subject
from dermavis.demonstration.pictures import draw
from dermavis.domain.specialty import required_views
from dermavis.models import Case, Photo
from dermavis.services.photo_files import Sent, keep_files, store_files
from dermavis.services.vault import Sealer
from dermavis.services.work import System, Work

WITH_DERMATOSCOPE = "arenes"
LOOK_FOR_VIEW = {
    "oblique": "close_up",
    "dermoscopy": "close_up",
    "fresh_element": "close_up",
    "region": "overview",
    "distribution": "overview",
}
SKIN_OF = ("light", "light", "medium", "light", "dark")
LACKS = {
    "pooled_incomplete": ("allergies", "current_drugs"),
    "incomplete_draft": ("allergies", "past_history", "course"),
}


def request_for(system: System, episode: Episode, subject: Subject, at: datetime) -> dict[str, Any]:
    """Return a complete request, or one that lacks what its episode says."""
    specialty = system.specialty("dermatology")
    birth_name, first_name, birth_date, sex = PATIENTS[episode.patient]
    lesion = {
        "id": str(uuid4()),
        "site": subject.site,
        "side": _side(specialty, subject),
        "count": "single" if subject.size < 40 else "few",
        "size_mm": subject.size,
        "palpation": "raised" if subject.elementary in {"papule", "nodule"} else "",
        "elementary": [subject.elementary],
        "pigmented": subject.pigmented,
    }
    views = required_views(
        specialty, subject.motive, lesion, site_has_dermatoscope=episode.requester == WITH_DERMATOSCOPE
    )
    photos = [
        {
            "id": str(uuid4()),
            "lesion": lesion["id"],
            "view": view.id,
            "sha256": _hash(subject.look, view.id, episode),
        }
        for view in views
    ]
    if episode.end in {"pooled_incomplete", "incomplete_draft"}:
        photos.pop()
    minor = birth_date > f"{at.year - 18}"
    return {
        "format": 1,
        "specialty": {"id": "dermatology", "version": specialty.version},
        "red_flags": {"answered": True, "flags": [episode.flag] if episode.flag else [], "called": None},
        "patient": {
            "birth_name": birth_name,
            "first_name": first_name,
            "birth_date": birth_date,
            "sex": sex,
            "phone": f"06399801{episode.patient:02d}",
            "identity_status": "provisional" if episode.patient % 4 == 3 else "validated",
            "document": "" if episode.patient % 4 == 3 else "Carte d’identité",
            "place_of_stay": "ehpad" if episode.requester == "tilleuls" else "home",
            "representative": {"name": f"Mme {birth_name}", "relation": "Mère"} if minor else None,
        },
        "consent": {"given": True, "by": "representative" if minor else "patient", "at": at.isoformat(),
                    "representative_name": f"Mme {birth_name}" if minor else ""},
        "motive": subject.motive,
        "lesions": [lesion],
        "photos": photos,
        "history": _history(episode, subject),
        "hypothesis": {"text": subject.hypothesis, "confidence": ("low", "medium", "high")[episode.patient % 3]},
        "question": subject.question,
        "without_opinion": ("refer", "wait", "treat")[episode.patient % 3],
        "contact": {"phone": "0639980011", "substitute": ""},
        "urgency": episode.urgency,
        "addressing": {"mode": "default"},
    }  # fmt: skip


def attach_pictures(work: Work, case_id: UUID, content: dict[str, Any], look: str, patient: int) -> None:
    """Give a draft its drawn pictures, received and verified."""
    case = work.session.get_one(Case, case_id)
    sealer = Sealer(work.system.cipher, case)
    for position, wanted in enumerate(content["photos"]):
        picture = draw(
            look, LOOK_FOR_VIEW.get(wanted["view"], wanted["view"]), SKIN_OF[patient % len(SKIN_OF)]
        )
        photo = Photo(
            id=UUID(wanted["id"]),
            case_id=case_id,
            lesion_id=UUID(wanted["lesion"]),
            view=wanted["view"],
            position=position,
            state="ready",
            added_by=work.acting.person_id,
            organization_id=work.acting.organization_id,
            created_at=work.now,
            verified_at=work.now,
        )
        work.session.add(photo)
        work.session.flush()
        sent = Sent(photo.id, "original", hashlib.sha256(picture.original.content).digest())
        keep_files(work, photo, sealer, sent, picture, store_files(work.system, sealer, sent, picture))


def _hash(look: str, view: str, episode: Episode) -> str:
    picture = draw(look, LOOK_FOR_VIEW.get(view, view), SKIN_OF[episode.patient % len(SKIN_OF)])
    return hashlib.sha256(picture.original.content).hexdigest()


def _side(specialty: Any, subject: Subject) -> str:
    site = next(row for row in specialty.body_sites if row.id == subject.site)
    if not site.sides:
        return "none"
    return subject.side if subject.side in site.sides else site.sides[0]


def _history(episode: Episode, subject: Subject) -> dict[str, Any]:
    def answer(value: Any) -> dict[str, Any]:
        return {"status": "answered", "value": value}

    none = {"status": "none", "value": None}
    unit, count = subject.duration
    answers = {
        "duration": answer({"unit": unit, "count": count}),
        "course": answer(subject.course),
        "itch": answer(subject.motive == "inflammatory"),
        "pain": answer(subject.motive == "wound"),
        "bleeding": answer(subject.look in {"wound", "carcinoma"}),
        "treatments_tried": answer(subject.treatment) if subject.treatment else none,
        "current_drugs": answer("Amlodipine 5 mg") if episode.patient % 2 else none,
        "allergies": answer("Pénicilline") if episode.patient % 7 == 0 else none,
        "past_history": answer("Hypertension artérielle") if episode.patient % 2 else none,
    }
    if subject.treatment:
        answers["treatments_effect"] = none
    lacking = LACKS.get(episode.end, ())
    return {name: value for name, value in answers.items() if name not in lacking}
