"""A case that an expert begins about a case of theirs: what goes along is copied, and sealed under its own key.

Nothing is shared with the case that it is about: erasing the one takes nothing from the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from dermavis.domain.child_cases import AGREEMENTS, GOES_ALONG
from dermavis.domain.deadlines import URGENCY_WORDS
from dermavis.domain.errors import InvalidInput
from dermavis.domain.requests import RequestContent, read_request
from dermavis.models import Case, Consent
from dermavis.services.copied_pictures import Copy, keep_copies
from dermavis.services.drafts import local_today, summary_of
from dermavis.services.further_use import respect_opposition
from dermavis.services.offers import Offer, Offers, offers_to_colleagues
from dermavis.services.photos import photos_of
from dermavis.services.request_records import keep_lesions, record_consent
from dermavis.services.revisions import add_revision, last_revision, open_content
from dermavis.services.sending import take_number
from dermavis.services.vault import Sealer, wrap_case_key
from dermavis.services.work import Work


@dataclass(frozen=True)
class Asked:
    """What the expert asks: whom, what, how pressing, with which pictures, and how the patient's agreement is known."""

    team_id: UUID | None
    question: str
    urgency: str
    photo_ids: Sequence[UUID]
    agreed: str


@dataclass(frozen=True)
class Child:
    """The case to begin: of which kind, under which id and key, of which site, and who gets its answer."""

    kind: str
    id: UUID
    key: bytes
    site_id: UUID
    requester_id: UUID
    pooled_by: UUID | None = None


def centres_to_ask(work: Work, case: Case, urgency: str = "") -> Offers:
    """Return the centres that the actor's may ask about a case that it answers, and those that it may not.

    ``urgency`` in the place of the request's own.
    """
    content = open_content(work, case, last_revision(work, case)) | {"addressing": {"mode": "default"}}
    content |= {"urgency": urgency} if urgency else {}
    return offers_to_colleagues(work, RequestContent.model_validate(content), case)


def places_in(offers: Offers) -> dict[UUID, Offer]:
    """Return the places that are offered, by their team."""
    return {place.team_id: place for place in (*([offers.chosen] if offers.chosen else []), *offers.others)}


def check_asked(work: Work, case: Case, asked: Asked) -> None:
    """Raise InvalidInput by field for what an expert may not ask of another centre, or not of this one."""
    errors: dict[str, str] = {}
    if not asked.question.strip():
        errors["question"] = "Écrivez ce que vous demandez à ce confrère."
    if asked.agreed not in AGREEMENTS:
        errors["agreed"] = "Le patient doit être d’accord pour qu’un autre centre voie sa demande."
    elif _withdrew(work, case):
        errors["agreed"] = "Le patient a retiré son accord\u00a0: rien ne peut partir."
    if asked.urgency not in URGENCY_WORDS:
        errors["urgency"] = "Choisissez un délai."
    if asked.team_id not in places_in(centres_to_ask(work, case)):
        errors["team"] = "Choisissez un centre de cette liste."
    elif asked.urgency == "urgent" and asked.team_id not in places_in(centres_to_ask(work, case, "urgent")):
        errors["team"] = "Personne n’y est de garde\u00a0: en urgence, téléphonez, ou changez le délai."
    shown = {photo.id for photo in photos_of(work, case) if photo.confirmed and photo.state == "ready"}
    if not set(asked.photo_ids) <= shown:
        errors["photos"] = "Choisissez des photos de cette demande."
    if errors:
        raise InvalidInput(errors)


def begin_child(work: Work, case: Case, new: Child, content: RequestContent, copies: Sequence[Copy]) -> Case:
    """Write the new case with its first revision, its lesions, pictures and agreement; it is not sent yet."""
    wrapped, me = wrap_case_key(work, new.id, new.key), work.acting
    child = Case(
        id=new.id,
        network_id=case.network_id,
        specialty_id=case.specialty_id,
        specialty_version=case.specialty_version,
        parent_id=case.id,
        parent_kind=new.kind,
        patient_id=case.patient_id,
        site_id=new.site_id,
        created_by=me.person_id,
        requester_id=new.requester_id,
        pooled_by=new.pooled_by,
        motive=case.motive,
        urgency=content.urgency,
        asked_urgency=content.urgency,
        age_band=case.age_band,
        sex=case.sex,
        commune_code=case.commune_code,
        data_key=wrapped.wrapped,
        key_version=wrapped.version,
        state="draft",
        downstream="none",
        version=1,
        draft_revision=0,
        held_seconds=0,
        created_at=work.now,
        updated_at=work.now,
        sent_at=work.now,
    )
    work.session.add(child)
    work.session.flush()
    work.audit("case.begin", case_id=child.id)
    respect_opposition(work, child)
    summary = summary_of(content.model_dump(mode="json"))
    child.summary_sealed = Sealer(work.system.cipher, child).seal(
        summary, "cases", child.id, "summary_sealed"
    )
    keep_lesions(work, child, content)
    if child.patient_id is not None:
        record_consent(work, child, new.kind, content.consent, work.now, me.organization_id)
    keep_copies(work, child, copies)
    take_number(work, child)
    add_revision(work, child, content)
    return child


def content_for(
    work: Work, case: Case, asked: Asked, copies: Sequence[Copy], contact: dict[str, Any] | None = None
) -> RequestContent:
    """Return the request as the other centre reads it; ``contact`` in the place of the first requester's."""
    before = open_content(work, case, last_revision(work, case))
    told = {photo["id"]: photo for photo in before.get("photos") or []}
    return read_request(
        {name: before[name] for name in GOES_ALONG if name in before}
        | ({"contact": contact} if contact is not None else {})
        | {
            "question": asked.question,
            "urgency": asked.urgency,
            "addressing": {"mode": "named", "team": str(asked.team_id)},
            "photos": [
                *(_as_told(copy, told.get(str(copy.of), {})) for copy in copies),
                *(photo | {"id": str(uuid4())} for photo in told.values() if photo.get("skipped")),
            ],
        },
        local_today(work, work.acting.time_zone),
    )


def _as_told(copy: Copy, before: dict[str, Any]) -> dict[str, Any]:
    """The picture as the new request names it; one that answered a question stood in no request before."""
    seen = {"lesion": copy.facts["lesion_id"], "view": copy.facts["view"], "skipped": None, "sha256": None}
    return seen | before | {"id": copy.photo_id}


def _withdrew(work: Work, case: Case) -> bool:
    withdrawn = select(Consent.id).where(Consent.case_id == case.id, Consent.withdrawn_at.is_not(None))
    return work.session.scalar(withdrawn.limit(1)) is not None
