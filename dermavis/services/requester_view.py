"""What the requester's page of a case adds to what everybody sees: where it stands, what is asked, what may be done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from dermavis.domain.case_states import State
from dermavis.domain.closing import OPEN_THING_WORDS, what_is_open
from dermavis.domain.opinions import Level
from dermavis.domain.permissions import Permission
from dermavis.domain.phones import normalise_phone, phone_link, show_phone
from dermavis.domain.precisions import views_asked
from dermavis.domain.report import Report
from dermavis.domain.report_text import plain_text
from dermavis.domain.second_opinions import SECOND_OPINION
from dermavis.domain.specialty_answer_schema import Outcome
from dermavis.domain.specialty_schema import View
from dermavis.domain.wording import ago_words, promise
from dermavis.models import Aftermath, Case, Delivery, Opinion, Organization, Person
from dermavis.services.access import may
from dermavis.services.appointments import ShownAppointment, appointment_of
from dermavis.services.case_photos import CasePhoto
from dermavis.services.case_view import CaseView, view_of
from dermavis.services.charters import charter_of
from dermavis.services.escalation import reminder_words
from dermavis.services.following import DONE, HELPED, deliveries_of, delivery_read, open_things
from dermavis.services.names import full_name, short_name
from dermavis.services.notices import has_unread
from dermavis.services.opinion_versions import is_replaced_soon, open_opinion
from dermavis.services.reports import report_of
from dermavis.services.sending_anew import Anew, anew_of
from dermavis.services.standing import Standing, standing_of
from dermavis.services.treating_copies import opening_changes, waiting_copies
from dermavis.services.unread_opinions import Unread, read_words, unread_of
from dermavis.services.vault import Sealer
from dermavis.services.work import Work

ACTS = {
    "write": Permission.MESSAGE_WRITE,
    "complete": Permission.CASE_COMPLETE,
    "cancel": Permission.CASE_CANCEL,
    "redirect": Permission.CASE_REDIRECT,
    "read": Permission.OPINION_READ,
    "acknowledge": Permission.OPINION_ACKNOWLEDGE,
    "aftermath": Permission.AFTERMATH_WRITE,
    "close": Permission.CASE_CLOSE,
    "appoint": Permission.APPOINTMENT_WRITE,
    "identify": Permission.IDENTITY_CORRECT,
    "mark_error": Permission.ENTERED_IN_ERROR,
    "send_anew": Permission.CASE_SEND_ANEW,
}


@dataclass(frozen=True)
class Asked:
    """What the expert waits for, in the words written last.

    ``views`` with whether a picture answers each; ``questions`` are labels.
    """

    message_id: UUID
    text: str
    author: str
    views: tuple[tuple[View, bool], ...]
    questions: tuple[str, ...]


@dataclass(frozen=True)
class OpinionShown:
    """The opinion in words. ``title`` says the outcome to its reader, ``outcome`` gives icon and tone.

    ``levels``: each lesion's certainty, 1 to 3, 0 without.
    ``to_confirm``: only an explicit confirmation is enough and none was given; ``before``: until when, in words;
    ``reminds``: whom the reminder reaches then, besides the requester. ``read``: who read it, where it was another.
    """

    id: UUID
    report: Report
    text: str
    title: str
    outcome: Outcome
    levels: tuple[int, ...]
    given: str
    level: str
    to_confirm: bool
    before: str
    reminds: str
    read: str
    quality: str
    quality_tone: str
    expert_name: str
    expert_phone: str
    expert_link: str


@dataclass(frozen=True)
class Told:
    """What was said last of what was done."""

    done: str
    helped: str
    note: str
    when: str


@dataclass(frozen=True)
class RequesterView:
    """The requester's page. ``acts``: what the actor may do now. ``to_record``: opening it changes something.

    ``unread``: a critical opinion that nobody acknowledged, for who may not read it themselves.
    ``anew``: the request that was made in the place of one entered in error, ``anew_awaited`` while one is still due.
    ``copy_waits``: a copy of the opinion that was given to the actor as treating doctor waits for their confirmation.
    ``home`` is where it leads back: the list, or the case that a second opinion is about.
    """

    case: CaseView
    standing: Standing
    acts: frozenset[str]
    asked: Asked | None
    photos: list[CasePhoto]
    opinion: OpinionShown | None
    appointment: ShownAppointment | None
    told: Told | None
    still_open: tuple[str, ...]
    centre: str
    centre_phone: str
    centre_link: str
    to_record: bool
    unread: Unread | None
    copy_waits: bool
    anew: Anew | None
    anew_awaited: bool
    home: str


def requester_view(work: Work, case_id: UUID) -> RequesterView:
    """Open a sent case for its requester's side. Raises NotFound."""
    view = view_of(work, case_id)
    case = work.session.get_one(Case, case_id)
    acts = frozenset(name for name, permission in ACTS.items() if may(work, permission, case))
    signed = work.session.get_one(Opinion, view.opinion.id) if view.opinion else None
    copies = waiting_copies(work, case, signed) if signed is not None else []
    answered = view.state in {State.ANSWERED, State.CLOSED}
    # While the next version may still be taken back, what it asks for is not said.
    settled = signed is not None and not is_replaced_soon(work, signed)
    still = what_is_open(open_things(work, case)) if answered and settled and "read" in acts else ()
    charter = charter_of(work, case.centre_id, case.specialty_id) if case.centre_id else None
    phone = normalise_phone(charter.phone) if charter else None
    centre = work.session.get(Organization, case.centre_id) if case.centre_id else None
    return RequesterView(
        case=view,
        standing=standing_of(work, case, view),
        acts=acts,
        asked=_asked(view, case.held_at) if view.state == State.ON_HOLD and case.held_at else None,
        photos=view.photos,
        opinion=opinion_shown(work, case, signed) if signed is not None else None,
        appointment=appointment_of(work, case) if answered and settled and "read" in acts else None,
        told=_told(work, case),
        still_open=tuple(OPEN_THING_WORDS[name] for name in still),
        centre=(centre.short_name or centre.name) if centre else "",
        centre_phone=show_phone(phone) if phone else "",
        centre_link=phone_link(phone) if phone else "",
        to_record=_to_record(work, case, signed, acts, copies),
        copy_waits=any(row.level != Level.ORDINARY for row in copies),
        unread=None if "acknowledge" in acts else unread_of(work, case, beyond_its_time=False),
        anew=anew_of(work, case) if "send_anew" in acts else None,
        anew_awaited="send_anew" in acts and case.anew_awaited,
        home=view.asked_for.href or "/worklist" if view.asked_for else "/requests",
    )


def _asked(view: CaseView, since: datetime) -> Asked | None:
    """All that the questions of this wait ask for, in the words of the last."""
    rows = [message for message in view.messages if message.kind == "question" and message.at >= since]
    if not rows:
        return None
    last = rows[-1]
    views = views_asked(
        [(row.id, row.asks.get("views") or []) for row in rows],
        [(photo.view, photo.answers) for photo in view.photos],
    )
    wanted = {name for row in rows for name in row.asks.get("answers") or []}
    return Asked(
        message_id=last.id,
        text=last.text,
        author=last.author,
        views=tuple((row, views[row.id]) for row in view.specialty.views if row.id in views),
        questions=tuple(row.label for row in view.specialty.questions if row.id in wanted),
    )


def opinion_shown(work: Work, case: Case, signed: Opinion) -> OpinionShown:
    """Return a signed version as its requester reads it."""
    report = report_of(work, case, signed, with_pictures=False)
    specialty = work.system.specialty(case.specialty_id, case.specialty_version)
    sure = {row.label: place for place, row in enumerate(specialty.answer.certainties, start=1)}
    outcome = next((row for row in specialty.outcomes if row.id == signed.destination), specialty.outcomes[0])
    deliveries = deliveries_of(work, signed)
    waiting = [
        row for row in deliveries if row.kind == "requester" and row.state in {State.SENT, State.OPENED}
    ]
    confirm = any(row.level != "ordinary" for row in waiting)
    until = min((row.escalate_at for row in waiting if row.escalate_at), default=None)
    expert = work.session.get_one(Person, signed.signed_by)
    centre = work.session.get_one(Organization, signed.organization_id)
    number = normalise_phone(expert.phone or centre.phone)
    quality, tone = _quality(work, case, signed)
    return OpinionShown(
        id=signed.id,
        report=report,
        text=plain_text(report),
        # What is "yours" to the patient's doctor is not to a colleague who asked for a second opinion.
        title=outcome.label if case.parent_kind == SECOND_OPINION else outcome.requester_label,
        outcome=outcome,
        levels=tuple(sure.get(lesion.get("certainty", ""), 0) for lesion in report["lesions"]),
        given=ago_words(signed.signed_at or work.now, work.now, work.acting.time_zone, True),
        level=signed.level,
        to_confirm=confirm,
        before=_until(work, until) if confirm and until else "",
        reminds=reminder_words(work, case, waiting) if confirm else "",
        read=read_words(work, signed) if _read_by_another(work, deliveries) else "",
        quality=quality,
        quality_tone=tone,
        expert_name=short_name(expert) or full_name(expert),
        expert_phone=show_phone(number) if number else "",
        expert_link=phone_link(number) if number else "",
    )


def _read_by_another(work: Work, deliveries: Iterable[Delivery]) -> bool:
    readers = {row.acknowledged_by for row in deliveries if row.kind == "requester"}
    return bool(readers - {None, work.acting.person_id})


def _until(work: Work, until: datetime) -> str:
    return promise(until, work.now, work.acting.time_zone) if until > work.now else ""


def _quality(work: Work, case: Case, signed: Opinion) -> tuple[str, str]:
    """What the expert thinks of the pictures, in words, with its tone."""
    specialty = work.system.specialty(case.specialty_id, case.specialty_version)
    given = open_opinion(work, case, signed).photo_quality
    words = next((row.photos for row in specialty.answer.qualities if row.id == given), "")
    return words, {"good": "ok", "usable": "warn", "insufficient": "warn"}.get(given or "", "")


def _told(work: Work, case: Case) -> Told | None:
    row = work.session.scalar(
        select(Aftermath).where(Aftermath.case_id == case.id).order_by(Aftermath.written_at.desc()).limit(1)
    )
    if row is None:
        return None
    note: Any = ""
    if row.note_sealed is not None:
        note = Sealer(work.system.cipher, case).open(row.note_sealed, "aftermaths", row.id, "note_sealed")
    return Told(
        done=DONE.get(row.done, ""),
        helped=HELPED.get(row.helped, ""),
        note=str(note),
        when=ago_words(row.written_at, work.now, work.acting.time_zone, True),
    )


def _to_record(
    work: Work, case: Case, signed: Opinion | None, acts: frozenset[str], copies: Sequence[Delivery]
) -> bool:
    """Whether opening the page is news: an opinion not opened yet, or lines of the actor's list about this case."""
    if signed is not None and "acknowledge" in acts:
        row = delivery_read(work, signed)
        opened = {State.SENT, State.OPENED} if row and row.level == "ordinary" else {State.SENT}
        if row is not None and row.state in opened:
            return True
    return any(opening_changes(row) for row in copies) or has_unread(work, case.id)
