"""A request while it is being written: kept by the server at every change, under its revision number.

The id is the client's, and belongs to the person who began the draft. A save names the revision it was made from
(If-Match); a save from an older one is refused and tells who changed it and when, so that both texts are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from dermavis.domain.case_states import Machine, State, Transition, Who
from dermavis.domain.errors import Conflict, Discarded, Forbidden, InvalidInput, NotFound, TooMany
from dermavis.domain.permissions import Permission
from dermavis.domain.requests import RequestContent, read_request
from dermavis.domain.watches import OWNERS
from dermavis.domain.wording import at_words
from dermavis.models import Case
from dermavis.services.access import find_case, require
from dermavis.services.confirmed_pictures import withdraw_where_another
from dermavis.services.moves import move
from dermavis.services.names import name_of
from dermavis.services.schedule import schedule, unschedule
from dermavis.services.sent_back import SentBack, sent_back
from dermavis.services.vault import Sealer, new_case_key
from dermavis.services.work import Work

MOST_DRAFTS = 200
"""Open drafts of one person: far above any use, below what would fill a disk."""


@dataclass(frozen=True)
class Draft:
    """A draft as the server holds it. ``revision`` 0 means that nothing was saved yet.

    ``number`` is empty until it was sent once: one that the coordination sent back keeps its own, and ``sent_back``
    says why.
    """

    id: UUID
    number: str
    state: str
    revision: int
    content: dict[str, Any]
    changed_by: str
    changed_at: str
    sent_back: SentBack | None


def read(work: Work, case_id: UUID) -> Draft:
    """Return a draft of the actor. Raises NotFound, Discarded, and Conflict when it was sent meanwhile."""
    case = find_case(work, case_id)
    if case.state != "draft":
        raise _already_sent(case)
    return _as_draft(work, find_case(work, case_id, Permission.DRAFT_EDIT))


def save(work: Work, case_id: UUID, content: dict[str, Any], from_revision: int) -> Draft:
    """Keep the content of a draft, beginning it when the id is new.

    Raises InvalidInput (fields), Conflict ``draft_changed`` when the draft is no longer at ``from_revision``, Conflict
    ``already_sent``, Discarded, NotFound when the id is somebody else's.
    """
    require(work, Permission.CASE_CREATE)
    written = read_request(content, local_today(work, work.acting.time_zone))
    content = as_json(written.model_copy(update={"device": written.device.beside(work.now)}))
    case = work.session.get(Case, case_id, with_for_update=True)
    if case is None:
        case = _begin(work, case_id, content)
    elif case.state != "draft":
        find_case(work, case_id)
        raise _already_sent(case)
    else:
        find_case(work, case_id, Permission.DRAFT_EDIT)
    if content["specialty"]["id"] != case.specialty_id:
        raise InvalidInput({"specialty": "Une demande garde sa spécialité : commencez-en une autre."})
    if case.draft_revision != from_revision:
        if case.draft_revision > 0 and open_draft(work, case) == content:
            return _as_draft(work, case)
        raise changed_elsewhere(work, case)
    withdraw_where_another(
        work, case, open_draft(work, case).get("patient") or {}, content.get("patient") or {}
    )
    write_draft(work, case, content, by_phone=True)
    return _as_draft(work, case)


def discard(work: Work, case_id: UUID) -> None:
    """Throw a draft away: only the person can. Its content is destroyed, the row of its id stays.

    Raises Discarded where that was done already.
    """
    refuse_discarded(find_case(work, case_id))
    case = find_case(work, case_id, Permission.DRAFT_EDIT, lock=True)
    if case.number is not None:
        raise Forbidden("Cette demande a déjà été transmise : annulez-la plutôt.", "numbered")
    move(work, case, Transition.CANCEL, Who.REQUESTER)
    case.draft_sealed = None
    case.summary_sealed = None
    unschedule(work, "draft_reminder", case_id=case.id)
    schedule(work, "forget_photos", work.now, case_id=case.id)


def refuse_discarded(case: Case) -> None:
    """Raise Discarded for a draft that was thrown away: it was never sent, and is no draft any more."""
    if case.state == State.CANCELLED and case.number is None:
        raise Discarded


def changed_elsewhere(work: Work, case: Case) -> Conflict:
    """A draft is no longer at the revision that the actor wrote on: who changed it, and when."""
    holder = name_of(work, case.draft_by)
    when = at_words(case.updated_at, work.now, work.acting.time_zone)
    own = case.draft_by == work.acting.person_id
    words = (
        "Vous l’avez modifié sur un autre appareil" if own else f"Modifié sur un autre appareil par {holder}"
    )
    return Conflict(
        "draft_changed",
        f"{words} {when}. Vos deux textes sont gardés\u00a0: choisissez.",
        holder=holder,
        when=case.updated_at.isoformat(),
    )


def write_draft(work: Work, case: Case, content: dict[str, Any], *, by_phone: bool = False) -> None:
    """Seal the content of a draft and what lists show of it.

    What no phone wrote bears no phone's mark: it would take it for its own text, and write over it.
    """
    if not by_phone and content.get("device"):
        content = content | {"device": {**content["device"], "mark": None}}
    sealer = Sealer(work.system.cipher, case)
    case.draft_sealed = sealer.seal(content, "cases", case.id, "draft_sealed")
    case.draft_revision += 1
    case.draft_by = work.acting.person_id
    case.updated_at = work.now
    case.motive = content.get("motive") or ""
    case.urgency = case.asked_urgency = content.get("urgency") or "routine"
    case.summary_sealed = sealer.seal(summary_of(content), "cases", case.id, "summary_sealed")
    reminder = OWNERS[Machine.QUESTION][State.DRAFT].reminder.duration
    schedule(work, "draft_reminder", work.now + reminder, case_id=case.id)


def open_draft(work: Work, case: Case) -> dict[str, Any]:
    """Open the content of a draft; an empty one for a draft that was never saved."""
    if case.draft_sealed is None:
        return {}
    content: dict[str, Any] = Sealer(work.system.cipher, case).open(
        case.draft_sealed, "cases", case.id, "draft_sealed"
    )
    return content


def as_json(content: RequestContent) -> dict[str, Any]:
    """Return the content as it is stored and sent to the client."""
    return content.model_dump(mode="json")


def local_today(work: Work, time_zone: str) -> date:
    """Return the date in a time zone at the instant of this work."""
    return work.now.astimezone(ZoneInfo(time_zone)).date()


def summary_of(content: dict[str, Any]) -> dict[str, Any]:
    """Return what a list shows of a request: the patient's names and birth date, the question, the first lesion.

    Where there are several lesions their number stands beside it, as ``lesions``.
    """
    patient = content.get("patient") or {}
    lesions = content.get("lesions") or []
    return ({"lesions": len(lesions)} if len(lesions) > 1 else {}) | {
        "birth_name": patient.get("birth_name") or "",
        "used_name": patient.get("used_name") or "",
        "first_name": patient.get("first_name") or "",
        "birth_date": patient.get("birth_date") or "",
        "sex": patient.get("sex") or "",
        "question": content.get("question") or "",
        "lesion": lesions[0] if lesions else None,
        "photo": next(
            (photo["id"] for photo in content.get("photos") or [] if not photo.get("skipped")), None
        ),
    }


def _begin(work: Work, case_id: UUID, content: dict[str, Any]) -> Case:
    actor = work.acting
    count = work.session.scalar(
        select(func.count())
        .select_from(Case)
        .where(Case.created_by == actor.person_id, Case.state == "draft")
    )
    if (count or 0) >= MOST_DRAFTS:
        raise TooMany(
            "Trop de demandes commencées : terminez-en ou supprimez-en avant d’en ouvrir une autre.", 60
        )
    specialty_id = (content.get("specialty") or {}).get("id") or "dermatology"
    if specialty_id not in work.system.specialties:
        raise NotFound("Cette spécialité n’est pas proposée ici.")
    key = new_case_key(work, case_id)
    case = Case(
        id=case_id,
        network_id=actor.facts.network_id,
        specialty_id=specialty_id,
        specialty_version=work.system.specialty(specialty_id).version,
        site_id=actor.organization_id,
        created_by=actor.person_id,
        requester_id=actor.person_id,
        state="draft",
        downstream="none",
        version=1,
        data_key=key.wrapped,
        key_version=key.version,
        draft_revision=0,
        held_seconds=0,
        created_at=work.now,
        updated_at=work.now,
    )
    work.session.add(case)
    work.session.flush()
    work.audit("case.begin", case_id=case.id)
    return case


def _as_draft(work: Work, case: Case) -> Draft:
    return Draft(
        id=case.id,
        number=case.number or "",
        state=case.state,
        revision=case.draft_revision,
        content=open_draft(work, case),
        changed_by=name_of(work, case.draft_by) if case.draft_by else "",
        changed_at=case.updated_at.isoformat(),
        sent_back=sent_back(work, case),
    )


def _already_sent(case: Case) -> Conflict:
    refuse_discarded(case)
    return Conflict(
        "already_sent",
        f"Cette demande est déjà partie{f' ({case.number})' if case.number else ''}. Pour ajouter quelque chose, "
        "ouvrez-la et choisissez « Compléter ».",
        when=case.sent_at.isoformat() if case.sent_at else None,
    )
