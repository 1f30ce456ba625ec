"""What the requester does with an opinion: opens it, acknowledges it, tells what was done; and when the case closes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select

from dermavis.domain.case_states import Machine, State, Transition, Who
from dermavis.domain.closing import OPEN_THING_WORDS, OpenThings, what_is_open
from dermavis.domain.errors import InvalidInput, Refusal
from dermavis.domain.escalations import ESCALATION
from dermavis.domain.lifecycle import apply
from dermavis.domain.opinions import Level
from dermavis.domain.permissions import Permission
from dermavis.domain.second_opinions import SECOND_OPINION
from dermavis.domain.text import clean
from dermavis.domain.treating_doctor import COPY
from dermavis.models import Aftermath, Appointment, Case, Delivery, DueRow, Opinion
from dermavis.services.access import find_case, may
from dermavis.services.follow_up_watch import KIND, follow_up_due
from dermavis.services.moves import move
from dermavis.services.notices import announce, mark_read
from dermavis.services.opinion_versions import in_force, last_signed, open_opinion, version_read
from dermavis.services.schedule import schedule, unschedule
from dermavis.services.signing import CLOSES_AFTER
from dermavis.services.treating_copies import acknowledge_copy, note_opened
from dermavis.services.vault import Sealer
from dermavis.services.work import Work

DONE: dict[str, str] = {
    "followed": "Conduite suivie",
    "adapted": "Conduite adaptée",
    "referred": "Patient adressé",
    "not_yet": "Pas encore fait",
}
HELPED: dict[str, str] = {"yes": "Oui", "partly": "En partie", "no": "Non"}


def deliveries_of(work: Work, opinion: Opinion) -> list[Delivery]:
    """Return the deliveries of a version to who must read it, the requester's first; a treating doctor's copy apart."""
    rows = work.session.scalars(
        select(Delivery).where(Delivery.opinion_id == opinion.id, Delivery.kind != COPY)
    ).all()
    return sorted(rows, key=lambda row: (row.kind != "requester", row.sent_at, row.id))


def delivery_read(work: Work, opinion: Opinion) -> Delivery | None:
    """Return the delivery that the actor opens: their own, else the requester's, for whom they stand in."""
    rows = deliveries_of(work, opinion)
    own = next((row for row in rows if row.recipient_id == work.acting.person_id), None)
    return own or next((row for row in rows if row.kind == "requester"), None)


def open_case(work: Work, case_id: UUID) -> None:
    """The requester's side opens the page of a case: its lines are read, and its opinion, if there is one, is opened.

    Whoever may read the case but not confirm its opinion (a site's secretary) opens no delivery. Raises NotFound.
    """
    case = find_case(work, case_id, lock=True)
    opinion = in_force(work, case)
    if opinion is not None and may(work, Permission.OPINION_ACKNOWLEDGE, case):
        open_by_requester(work, case, opinion)
    elif opinion is not None and case.state != State.ENTERED_IN_ERROR:
        note_opened(work, case, opinion)
    mark_read(work, case_id=case.id)


def open_by_requester(work: Work, case: Case, opinion: Opinion) -> None:
    """Note that the requester's side opened the opinion; where opening is enough, it is acknowledged."""
    row = delivery_read(work, opinion)
    if row is not None and row.state == State.SENT:
        row.state = apply(Machine.DELIVERY, Transition.OPEN, State(row.state), Who.REQUESTER).value
        row.opened_at = work.now
        work.audit("delivery.open", case_id=case.id, subject_kind="delivery", subject_id=row.id)
    if row is not None and ESCALATION[Level(row.level)].opening_acknowledges:
        _acknowledge_all(work, case, opinion)
    note_opened(work, case, opinion)


def acknowledge(work: Work, case_id: UUID, opinion_id: UUID | None = None) -> Case:
    """The requester, or who stands in, says that the opinion in force was read: for all whom it was delivered to.

    Saying it twice changes nothing.

    ``opinion_id`` is the version that was on the screen. Raises what ``version_read`` does.
    """
    case = find_case(work, case_id, Permission.OPINION_ACKNOWLEDGE, lock=True)
    opinion = version_read(work, case, opinion_id)
    _acknowledge_all(work, case, opinion)
    if may(work, Permission.COPY_ACKNOWLEDGE, case):
        acknowledge_copy(work, case.id)
    mark_read(work, case_id=case.id)
    return case


def tell_aftermath(work: Work, case_id: UUID, done: str, helped: str, note: str) -> Case:
    """Keep what was done and whether the opinion helped; the case closes when nothing is open.

    Raises InvalidInput for a missing answer.
    """
    case = find_case(work, case_id, Permission.AFTERMATH_WRITE, lock=True)
    errors = {}
    if done not in DONE:
        errors["done"] = "Dites ce qui a été fait."
    if helped not in HELPED:
        errors["helped"] = "Dites si l’avis a aidé."
    note = clean(note, multiline=True)
    if len(note) > 2000:
        errors["note"] = "2 000 caractères au plus."
    if errors:
        raise InvalidInput(errors)
    row_id = uuid4()
    sealer = Sealer(work.system.cipher, case)
    work.session.add(
        Aftermath(
            id=row_id,
            case_id=case.id,
            done=done,
            helped=helped,
            note_sealed=sealer.seal(note, "aftermaths", row_id, "note_sealed") if note else None,
            written_by=work.acting.person_id,
            written_at=work.now,
        )
    )
    work.audit(
        "aftermath", case_id=case.id, subject_kind="aftermath", subject_id=row_id, done=done, helped=helped
    )
    if case.state == State.ANSWERED and done != "not_yet" and not what_is_open(open_things(work, case)):
        _close(work, case, Who.REQUESTER)
    return case


def close(work: Work, case_id: UUID) -> Case:
    """The requester closes an answered case. Raises Refusal when something is still open, naming it."""
    case = find_case(work, case_id, Permission.CASE_CLOSE, lock=True)
    still = what_is_open(open_things(work, case))
    if still:
        words = ", ".join(OPEN_THING_WORDS[name] for name in still)
        raise Refusal("still_open", f"Cette demande reste ouverte : {words}.")
    _close(work, case, Who.REQUESTER)
    return case


def close_answered(work: Work, row: DueRow) -> None:
    """Timer ``close_answered``: thirty days after the answer a case closes by itself, unless something is open.

    What is open is told, but for a follow-up whose day has not come.
    """
    case = work.session.get_one(Case, row.case_id, with_for_update=True)
    if case.state != State.ANSWERED:
        return
    still = what_is_open(open_things(work, case))
    seen_again = _seen_again(work, case)
    if still == ("follow_up",) and seen_again is not None and seen_again > work.now:
        # Nothing is owed before that day: whoever is reminded for nothing reads no reminder.
        schedule(work, "close_answered", seen_again + CLOSES_AFTER, case_id=case.id)
        # An opinion that was signed before this reminder was known, or a case that was reopened, has none yet.
        schedule(work, KIND, seen_again, case_id=case.id)
    elif still:
        announce(work, "aftermath_reminder", case, [case.requester_id])
        schedule(work, "close_answered", work.now + CLOSES_AFTER, case_id=case.id)
    else:
        _close(work, case, Who.SYSTEM)


def _seen_again(work: Work, case: Case) -> datetime | None:
    opinion = last_signed(work, case)
    return follow_up_due(opinion) if opinion is not None else None


def open_things(work: Work, case: Case) -> OpenThings:
    """Return what keeps an answered case open.

    A biopsy that was advised stays open until the requester has said what was done with the opinion in force. A second
    opinion is only read: what it advises is followed on the case that it is about.
    """
    opinion = last_signed(work, case)
    if opinion is None:
        return OpenThings()
    advised = case.parent_kind != SECOND_OPINION
    content = open_opinion(work, case, opinion)
    appointments = work.session.scalars(select(Appointment.state).where(Appointment.case_id == case.id)).all()
    unread = work.session.scalars(
        select(Delivery.id).where(
            Delivery.opinion_id == opinion.id,
            Delivery.kind != COPY,
            Delivery.state.not_in([State.ACKNOWLEDGED, State.REPLACED]),
        )
    ).first()
    told = work.session.scalar(
        select(Aftermath.id)
        .where(
            Aftermath.case_id == case.id,
            Aftermath.done != "not_yet",
            Aftermath.written_at >= (opinion.effective_at or work.now),
        )
        .limit(1)
    )
    followed = work.session.scalar(
        select(Case.id)
        .where(
            Case.parent_id == case.id,
            Case.parent_kind == "follow_up",
            Case.state.not_in([State.DRAFT, State.CANCELLED, State.ENTERED_IN_ERROR]),
        )
        .limit(1)
    )
    return OpenThings(
        appointment=any(state in {State.TO_PLAN, State.PLANNED, State.MISSED} for state in appointments),
        retake=advised and opinion.retake and followed is None,
        follow_up=advised and opinion.follow_up_weeks is not None and followed is None,
        histology=advised and any(lesion.biopsy for lesion in content.lesions) and told is None,
        unread=unread is not None,
        question=case.asked_again_at is not None,
    )


def _acknowledge_all(work: Work, case: Case, opinion: Opinion) -> None:
    for row in deliveries_of(work, opinion):
        if row.state == State.REPLACED and row.acknowledged_at is None:
            # The next version may still be taken back: should it be, this one was read.
            _note_acknowledged(work, case, row)
        elif row.state not in {State.REPLACED, State.ACKNOWLEDGED}:
            step = apply(Machine.DELIVERY, Transition.ACKNOWLEDGE, State(row.state), Who.REQUESTER)
            row.state = step.value
            unschedule(work, "unread_opinion", case_id=case.id, subject_id=row.id)
            _note_acknowledged(work, case, row)


def _note_acknowledged(work: Work, case: Case, row: Delivery) -> None:
    row.acknowledged_at, row.acknowledged_by = work.now, work.acting.person_id
    if row.recipient_id == work.acting.person_id:
        row.opened_at = row.opened_at or work.now
    work.audit("delivery.acknowledge", case_id=case.id, subject_kind="delivery", subject_id=row.id)


def _close(work: Work, case: Case, who: Who) -> None:
    move(work, case, Transition.CLOSE, who)
    unschedule(work, "close_answered", case_id=case.id)
