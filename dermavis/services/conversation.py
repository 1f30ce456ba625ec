"""Words on a case between the requester and the expert; a question stops the expert's clock, an answer starts it again.

Nothing written here ever reaches the report.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from dermavis.domain.case_states import Machine, State, Transition, Who
from dermavis.domain.errors import Conflict, InvalidInput
from dermavis.domain.permission_grounds import ANSWERED_STATES
from dermavis.domain.permissions import Permission
from dermavis.domain.precisions import views_asked
from dermavis.domain.text import clean
from dermavis.domain.watches import OWNERS
from dermavis.models import Case, DueRow, Message, Photo
from dermavis.services.access import find_case, may
from dermavis.services.claiming import keep_claim
from dermavis.services.deadlines import end_pause
from dermavis.services.moves import move
from dermavis.services.names import full_name, people
from dermavis.services.notices import announce
from dermavis.services.opinion_versions import state_known
from dermavis.services.schedule import schedule, unschedule
from dermavis.services.second_round import ask_again, end_question
from dermavis.services.vault import Sealer
from dermavis.services.work import Work

LONGEST = 4000


@dataclass(frozen=True)
class ShownMessage:
    """A message as its readers see it. ``mine``: written by the actor. ``asks``: codes of what is missing."""

    id: UUID
    kind: str
    text: str
    author: str
    mine: bool
    at: datetime
    asks: dict[str, Any]


def messages(work: Work, case: Case) -> list[ShownMessage]:
    """Return the messages of a case that the actor may read, the oldest first."""
    rows = work.session.scalars(
        select(Message).where(Message.case_id == case.id).order_by(Message.written_at, Message.id)
    ).all()
    authors = people(work, [row.written_by for row in rows])
    sealer = Sealer(work.system.cipher, case)
    me = work.acting.person_id
    return [
        ShownMessage(
            id=row.id,
            kind=row.kind,
            text=sealer.open(row.sealed, "messages", row.id, "sealed"),
            author=full_name(authors[row.written_by]) if row.written_by else "DermAvis",
            mine=row.written_by == me,
            at=row.written_at,
            asks=row.asks,
        )
        for row in rows
    ]


def write(work: Work, case_id: UUID, text: str, message_id: UUID | None = None) -> Message:
    """Write a word on the case. From the requester, while the case is on hold, it is the answer and restarts the clock.

    After the opinion it is a question, which returns to the expert; a word from the centre is its reply. While the
    first opinion may still be taken back its requester does not know of it, and writes as before it.
    ``message_id`` is the client's: the same word again is the one that was written, and another word under the same id
    is refused. Raises InvalidInput for an empty text, Conflict ``message_changed``.
    """
    case = find_case(work, case_id, Permission.MESSAGE_WRITE, lock=True)
    again = _written_before(work, case, message_id, text)
    if again is not None:
        return again
    from_requester = case.site_id == work.acting.organization_id
    known_state = state_known(work, case)
    answering = from_requester and known_state == State.ON_HOLD
    if from_requester and known_state in ANSWERED_STATES:
        message = _keep(work, case, "question_after", text, message_id)
        ask_again(work, case)
        return message
    if not from_requester and case.asked_again_at is not None:
        message = _keep(work, case, "reply", text, message_id)
        message.answers_id = _last_question(work, case, "question_after")
        end_question(work, case)
        announce(work, "message", case, [case.requester_id])
        return message
    message = _keep(work, case, "answer" if answering else "note", text, message_id)
    if answering:
        message.answers_id = _last_question(work, case)
        if case.state == State.ON_HOLD:
            resume(work, case, Who.REQUESTER)
    announce(work, "answered_precision" if answering else "message", case, _other_side(case, from_requester))
    return message


def ask(
    work: Work,
    case_id: UUID,
    text: str,
    views: list[str],
    questions: list[str],
    message_id: UUID | None = None,
) -> Message:
    """Ask the requester for what is missing; the expert's clock stops until the answer or the pictures come.

    ``views`` and ``questions`` are ids of the specialty; unknown ones are refused (InvalidInput). ``message_id`` is as
    in ``write``.
    """
    case = find_case(work, case_id, lock=True)
    again = _written_before(work, case, message_id, text, {"views": views, "answers": questions})
    if again is not None:
        return again
    case = find_case(work, case_id, Permission.PRECISION_ASK, lock=True)
    specialty = work.system.specialty(case.specialty_id, case.specialty_version)
    if set(views) - {view.id for view in specialty.views} or set(questions) - {
        row.id for row in specialty.questions
    }:
        raise InvalidInput({"asks": "Cette vue ou cette question n’existe pas."})
    if case.state == State.CLAIMED:
        move(work, case, Transition.ASK, Who.EXPERT)
        case.held_at = work.now
        case.without_reply = False
    message = _keep(work, case, "question", text, message_id)
    message.asks = {"views": views, "answers": questions}
    watch = OWNERS[Machine.QUESTION][State.ON_HOLD]
    unschedule(work, "idle_claim", case_id=case.id)
    schedule(work, "hold_reminder", work.now + watch.reminder.duration, case_id=case.id)
    schedule(work, "hold_return", work.now + watch.limit.duration, case_id=case.id)
    announce(work, "precision", case, [case.requester_id])
    return message


def resume(work: Work, case: Case, who: Who, step: Transition = Transition.RESUME) -> None:
    """Start the expert's clock again: the deadlines move by the open time that was spent waiting."""
    move(work, case, step, who)
    end_pause(work, case)
    unschedule(work, "hold_reminder", "hold_return", case_id=case.id)
    keep_claim(work, case)


def end_wait(work: Work, case: Case) -> None:
    """The requester's side gave what the expert waited for: the clock starts again and the expert is told."""
    if case.state == State.ON_HOLD:
        resume(work, case, Who.REQUESTER)
        announce(work, "answered_precision", case, [case.claimed_by])


def end_answered_wait(work: Work, case: Case, since: datetime) -> None:
    """A case is on hold again: whatever came ``since`` then, an answer or the pictures asked for, ends the wait."""
    came = select(Message.id).where(
        Message.case_id == case.id, Message.kind == "answer", Message.written_at >= since
    )
    if work.session.scalar(came.limit(1)) is not None:
        resume(work, case, Who.REQUESTER)
    else:
        resume_after_picture(work, case)


def resume_after_picture(work: Work, case: Case) -> None:
    """A picture is verified: the wait is over once every view asked for is there, unless answers are awaited too."""
    if case.state != State.ON_HOLD:
        return
    asked = work.session.scalars(
        select(Message)
        .where(Message.case_id == case.id, Message.kind == "question", Message.written_at >= case.held_at)
        .order_by(Message.written_at, Message.id)
    ).all()
    came = work.session.execute(
        select(Photo.view, Photo.answers_request).where(
            Photo.case_id == case.id,
            Photo.state == "ready",
            Photo.answers_request.in_([message.id for message in asked]),
        )
    ).all()
    views = views_asked(
        [(row.id, row.asks.get("views") or []) for row in asked],
        [(row.view, row.answers_request) for row in came],
    )
    if came and all(views.values()) and not any(row.asks.get("answers") for row in asked):
        end_wait(work, case)


def remind_requester(work: Work, row: DueRow) -> None:
    """Timer ``hold_reminder``: the requester still owes a word."""
    case = work.session.get_one(Case, row.case_id)
    if case.state == State.ON_HOLD:
        announce(work, "precision_reminder", case, [case.requester_id])


def return_unanswered(work: Work, row: DueRow) -> None:
    """Timer ``hold_return``: seven days without an answer, the case goes back to the expert marked « sans réponse »."""
    case = work.session.get_one(Case, row.case_id, with_for_update=True)
    if case.state == State.ON_HOLD:
        resume(work, case, Who.SYSTEM, Transition.RETURN_UNANSWERED)
        case.without_reply = True
        announce(work, "returned_unanswered", case, [case.claimed_by])


def may_write(work: Work, case: Case) -> bool:
    """Tell whether the actor may write on the case."""
    return may(work, Permission.MESSAGE_WRITE, case)


def _written_before(
    work: Work, case: Case, message_id: UUID | None, text: str, asks: dict[str, Any] | None = None
) -> Message | None:
    """The message that carries this id already, when it is this very one."""
    row = work.session.get(Message, message_id) if message_id else None
    if row is None:
        return None
    mine = row.case_id == case.id and row.written_by == work.acting.person_id
    if mine and row.asks == (asks or {}):
        kept = Sealer(work.system.cipher, case).open(row.sealed, "messages", row.id, "sealed")
        if kept == clean(text, multiline=True):
            return row
    raise Conflict(
        "message_changed",
        "Un autre texte est déjà parti de cette page. Celui-ci est gardé\u00a0: relisez les échanges, puis envoyez-le.",
    )


def _keep(work: Work, case: Case, kind: str, text: str, message_id: UUID | None) -> Message:
    text = clean(text, multiline=True)
    if not text:
        raise InvalidInput({"text": "Écrivez votre message."})
    if len(text) > LONGEST:
        raise InvalidInput({"text": f"Votre message dépasse {LONGEST} caractères : raccourcissez-le."})
    message_id = message_id or uuid4()
    message = Message(
        id=message_id,
        case_id=case.id,
        kind=kind,
        sealed=Sealer(work.system.cipher, case).seal(text, "messages", message_id, "sealed"),
        asks={},
        written_by=work.acting.person_id,
        organization_id=work.acting.organization_id,
        written_at=work.now,
    )
    work.session.add(message)
    work.session.flush()
    work.audit(f"message.{kind}", case_id=case.id, subject_kind="message", subject_id=message_id)
    return message


def _last_question(work: Work, case: Case, kind: str = "question") -> UUID | None:
    return work.session.scalar(
        select(Message.id)
        .where(Message.case_id == case.id, Message.kind == kind)
        .order_by(Message.written_at.desc())
        .limit(1)
    )


def _other_side(case: Case, from_requester: bool) -> list[UUID | None]:
    return [case.claimed_by or case.expert_id] if from_requester else [case.requester_id]
