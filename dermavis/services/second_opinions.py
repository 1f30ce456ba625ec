"""An expert asks another centre for a second opinion: a case of its own, sealed under its own key.

The first case stays with its expert, who answers the patient's doctor. What goes along is copied: chosen pictures,
the history, the identity; the second centre never reads the first case, nor the patient's doctor the second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from dermavis.domain.case_states import Who
from dermavis.domain.errors import Conflict, InvalidInput
from dermavis.domain.permissions import Permission
from dermavis.domain.requests import RequestContent, read_request
from dermavis.domain.second_opinions import AGREEMENTS, GOES_ALONG, SECOND_OPINION
from dermavis.models import Case, Consent, Person
from dermavis.services.access import find_case
from dermavis.services.addressing import Offers, offers_to_colleagues
from dermavis.services.copied_pictures import Copy, copy_pictures, keep_copies
from dermavis.services.drafts import local_today, summary_of
from dermavis.services.further_use import respect_opposition
from dermavis.services.notices import announce
from dermavis.services.photo_files import forget_files
from dermavis.services.photos import photos_of
from dermavis.services.request_records import keep_lesions, record_consent
from dermavis.services.revisions import add_revision, last_revision, open_content
from dermavis.services.second_opinion_links import check_none_awaited, watch_second_opinion
from dermavis.services.sending import submit, take_number
from dermavis.services.vault import Sealer, wrap_case_key
from dermavis.services.work import Actor, System, Work, reading, writing


@dataclass(frozen=True)
class Asked:
    """What the expert asks: whom, what, how pressing, with which pictures, and how the patient's agreement is known."""

    team_id: UUID | None
    question: str
    urgency: str
    photo_ids: Sequence[UUID]
    agreed: str


def colleagues_to_ask(work: Work, case_id: UUID) -> Offers:
    """Return the centres that may give a second opinion on a case that the actor answers, and who cannot."""
    case = find_case(work, case_id, Permission.SECOND_OPINION_ASK)
    content = open_content(work, case, last_revision(work, case))
    chosen = content | {"addressing": {"mode": "default"}}
    return offers_to_colleagues(work, RequestContent.model_validate(chosen), case)


def ask_second_opinion(system: System, actor: Actor, case_id: UUID, new_id: UUID, asked: Asked) -> UUID:
    """Ask; return ``new_id``, the second case's, which the form chose: sent twice, it is one case.

    Raises InvalidInput by field, NotAddressable, and Conflict ``second_opinion_awaited`` while another one is.
    """
    key = system.cipher.new_key()
    with reading(system, actor) as work:
        case = find_case(work, case_id, Permission.SECOND_OPINION_ASK)
        if _is_there(work, case, new_id):
            return new_id
        check_none_awaited(work, case)
        _check(work, case, asked)
        # Read and sealed anew outside the writing transaction: it waits for the disk.
        copies = copy_pictures(work, case, asked.photo_ids, Sealer.under(system.cipher, key))
    kept = False
    try:
        with writing(system, actor) as work:
            case = find_case(work, case_id, Permission.SECOND_OPINION_ASK, lock=True)
            if not _is_there(work, case, new_id):
                check_none_awaited(work, case)
                _begin(work, case, new_id, key, asked, copies)
                kept = True
    finally:
        if not kept:
            forget_files(system, [file.store_key for copy in copies for file in copy.files])
    return new_id


def _is_there(work: Work, case: Case, new_id: UUID) -> bool:
    second = work.session.get(Case, new_id)
    if second is not None and second.parent_id != case.id:
        raise Conflict("taken", "Rechargez la page, puis demandez de nouveau.")
    return second is not None


def _check(work: Work, case: Case, asked: Asked) -> None:
    errors: dict[str, str] = {}
    if not asked.question.strip():
        errors["question"] = "Écrivez ce que vous demandez à ce confrère."
    if asked.agreed not in AGREEMENTS:
        errors["agreed"] = "Le patient doit être d’accord qu’un autre centre voie sa demande."
    elif _withdrew(work, case):
        errors["agreed"] = "Le patient a retiré son accord\u00a0: rien ne peut partir."
    offers = colleagues_to_ask(work, case.id)
    places = [*([offers.chosen] if offers.chosen else []), *offers.others]
    if asked.team_id not in {place.team_id for place in places}:
        errors["team"] = "Choisissez un centre de cette liste."
    shown = {photo.id for photo in photos_of(work, case) if photo.confirmed and photo.state == "ready"}
    if not set(asked.photo_ids) <= shown:
        errors["photos"] = "Choisissez des photos de cette demande."
    if errors:
        raise InvalidInput(errors)


def _withdrew(work: Work, case: Case) -> bool:
    withdrawn = select(Consent.id).where(Consent.case_id == case.id, Consent.withdrawn_at.is_not(None))
    return work.session.scalar(withdrawn.limit(1)) is not None


def _begin(work: Work, case: Case, new_id: UUID, key: bytes, asked: Asked, copies: Sequence[Copy]) -> None:
    content = _content(work, case, asked, copies)
    stored = content.model_dump(mode="json")
    wrapped, me = wrap_case_key(work, new_id, key), work.acting
    second = Case(
        id=new_id,
        network_id=case.network_id,
        specialty_id=case.specialty_id,
        specialty_version=case.specialty_version,
        parent_id=case.id,
        parent_kind=SECOND_OPINION,
        patient_id=case.patient_id,
        site_id=me.organization_id,
        created_by=me.person_id,
        requester_id=me.person_id,
        motive=case.motive,
        urgency=asked.urgency,
        asked_urgency=asked.urgency,
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
    work.session.add(second)
    work.session.flush()
    work.audit("case.begin", case_id=new_id)
    respect_opposition(work, second)
    sealer = Sealer(work.system.cipher, second)
    second.summary_sealed = sealer.seal(summary_of(stored), "cases", new_id, "summary_sealed")
    keep_lesions(work, second, content)
    if second.patient_id is not None:
        record_consent(work, second, SECOND_OPINION, content.consent, work.now)
    keep_copies(work, second, copies)
    take_number(work, second)
    add_revision(work, second, content)
    submit(work, second, content, Who.REQUESTER)
    watch_second_opinion(work, second)
    work.audit(
        "case.second_opinion",
        case_id=case.id,
        subject_kind="case",
        subject_id=new_id,
        agreed=asked.agreed,
        photos=len(copies),
    )
    announce(work, "second_opinion", case, [case.requester_id])


def _content(work: Work, case: Case, asked: Asked, copies: Sequence[Copy]) -> RequestContent:
    before = open_content(work, case, last_revision(work, case))
    asker = work.session.get_one(Person, work.acting.person_id)
    told = {photo["id"]: photo for photo in before.get("photos") or []}
    return read_request(
        {name: before[name] for name in GOES_ALONG if name in before}
        | {
            "question": asked.question,
            "urgency": asked.urgency,
            "contact": {"phone": asker.phone},
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
