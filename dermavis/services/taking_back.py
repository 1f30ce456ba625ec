"""A signature taken back before anything of it has left: the draft, the case and its clock are again as they were.

What a signature changes is noted on the version itself, as states, instants and ids.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from dermavis.domain.case_states import HELD, Machine, State, Transition, Who
from dermavis.domain.errors import Conflict, Forbidden, NotFound
from dermavis.domain.lifecycle import apply
from dermavis.domain.permissions import Permission
from dermavis.domain.referrals import LEAVES, REFERRAL
from dermavis.models import Call, Case, Delivery, DueRow, Notification, Opinion, OutboxItem
from dermavis.services.access import find_case
from dermavis.services.appointments import last_appointment
from dermavis.services.child_links import children_of
from dermavis.services.conversation import end_answered_wait
from dermavis.services.moves import move
from dermavis.services.opinion_owners import own_draft
from dermavis.services.opinion_versions import is_leaving, last_signed, replaced_of
from dermavis.services.schedule import schedule, unschedule
from dermavis.services.work import Work

TOO_LATE = "L’avis est déjà parti\u00a0: il ne peut plus être annulé. Vous pouvez le corriger par une nouvelle version."
CLOCK = ("held_at", "due_at", "late_at", "answered_at", "closed_at", "asked_again_at")
KEPT = ("held_seconds", "destination", "level", "without_reply")
TIMERS = (
    "idle_claim",
    "claim_reminder",
    "hold_reminder",
    "hold_return",
    "close_answered",
    "follow_up_reminder",
    "question_after",
    LEAVES,
)
APPOINTMENT_TIMERS = ("appointment_reminder",)
"""These follow the appointment: they return with it, and stay with one that somebody has arranged meanwhile."""

WAYS_BACK: dict[tuple[State, State], tuple[Transition, ...]] = {
    (State.TO_PLAN, State.NONE): (Transition.TAKE_BACK,),
    (State.TO_PLAN, State.NOT_NEEDED): (Transition.DROP,),
    (State.TO_PLAN, State.DONE): (Transition.DO,),
    (State.TO_PLAN, State.PLANNED): (Transition.PLAN,),
    (State.NOT_NEEDED, State.TO_PLAN): (Transition.PLAN_AGAIN,),
    (State.NOT_NEEDED, State.PLANNED): (Transition.PLAN_AGAIN, Transition.PLAN),
    (State.NOT_NEEDED, State.MISSED): (Transition.PLAN_AGAIN, Transition.PLAN, Transition.MISS),
}
"""How the appointment returns from where a signature left it to where it stood."""


def note_before(work: Work, case: Case, row: Opinion) -> None:
    """Note on a version about to be signed what its signature is about to change on the case."""
    appointment = last_appointment(work, case)
    row.before_signature = {
        "state": case.state,
        "downstream": case.downstream,
        **{name: _written(getattr(case, name)) for name in CLOCK},
        **{name: getattr(case, name) for name in KEPT},
        "appointment": [str(appointment.id), appointment.state, appointment.kind] if appointment else None,
        "timers": [[due.kind, _written(due.due_at), due.payload] for due in _timers(work, case)],
        "signed_at": _written(work.now),
    }


@dataclass(frozen=True)
class Leaving:
    """An opinion that the actor has just signed, and the ``seconds`` for which they may take it back."""

    case_id: UUID
    number: str
    version: int
    seconds: int


def leaving(work: Work, case_id: UUID) -> Leaving | None:
    """Return what the actor has just signed on a case; None once it has left, or where somebody else signed."""
    case = work.session.get(Case, case_id)
    row = last_signed(work, case) if case is not None else None
    if case is None or row is None or row.signed_by != work.acting.person_id or row.effective_at is None:
        return None
    left = ceil((row.effective_at - work.now).total_seconds())
    return Leaving(case.id, case.number or "", row.version, left) if left > 0 else None


def take_back(work: Work, case_id: UUID, version: int = 0) -> Case:
    """Take back the signature that the actor has just given; the text is their draft again.

    ``version`` is the one that was on the screen: taking it back twice changes nothing. Raises NotFound where nothing
    is signed, Forbidden when somebody else signed, and Conflict ``opinion_left`` when it has left.
    """
    case = find_case(work, case_id, Permission.OPINION_READ, lock=True)
    own = own_draft(work, case)
    if own is not None and own.version == version:
        return case
    find_case(work, case_id, Permission.OPINION_CORRECT, lock=True)
    row = last_signed(work, case)
    if row is None:
        raise NotFound
    if row.signed_by != work.acting.person_id:
        raise Forbidden
    if not is_leaving(work, row) or row.before_signature is None or _has_begotten(work, case, row):
        raise Conflict("opinion_left", TOO_LATE)
    was = row.before_signature
    _withdraw_deliveries(work, case, row)
    _forget_news(work, case)
    _give_appointment_back(work, case, was)
    _give_case_back(work, case, was)
    _unsign(work, case, row)
    work.audit(
        "opinion.take_back",
        case_id=case.id,
        subject_kind="opinion",
        subject_id=row.id,
        version=row.version,
    )
    return case


def _timers(work: Work, case: Case) -> list[DueRow]:
    return list(
        work.session.scalars(
            select(DueRow).where(
                DueRow.case_id == case.id,
                DueRow.kind.in_(TIMERS + APPOINTMENT_TIMERS),
                DueRow.done_at.is_(None),
            )
        )
    )


def _has_begotten(work: Work, case: Case, row: Opinion) -> bool:
    """Whether the request went up with this version while its taking back waited for its turn."""
    return replaced_of(work, row) is None and bool(children_of(work, [case.id], REFERRAL))


def _withdraw_deliveries(work: Work, case: Case, row: Opinion) -> None:
    """Nobody has seen this version: its deliveries never were, and those of the version before wait again."""
    for delivery in work.session.scalars(select(Delivery).where(Delivery.opinion_id == row.id)).all():
        unschedule(work, "unread_opinion", case_id=case.id, subject_id=delivery.id)
        work.session.delete(delivery)
    before = replaced_of(work, row)
    if before is None:
        return
    before.superseded_by = None
    replaced = select(Delivery).where(Delivery.opinion_id == before.id, Delivery.state == State.REPLACED)
    for delivery in work.session.scalars(replaced).all():
        _wait_again(work, case, delivery)


def _wait_again(work: Work, case: Case, delivery: Delivery) -> None:
    """A delivery stands again where its reader had brought it, in these seconds as before."""
    state = apply(Machine.DELIVERY, Transition.TAKE_BACK, State(delivery.state), Who.SYSTEM)
    if delivery.opened_at is not None:
        state = apply(Machine.DELIVERY, Transition.OPEN, state, Who.REQUESTER)
    if delivery.acknowledged_at is not None:
        state = apply(Machine.DELIVERY, Transition.ACKNOWLEDGE, state, Who.REQUESTER)
    elif delivery.escalate_at is not None:
        schedule(work, "unread_opinion", delivery.escalate_at, case_id=case.id, subject_id=delivery.id)
    delivery.state = state.value


def _forget_news(work: Work, case: Case) -> None:
    """What was to be told of it is told to nobody: a line that is dated ahead is one that was held back."""
    lines = select(Notification.id).where(Notification.case_id == case.id, Notification.at > work.now)
    held = work.session.scalars(lines).all()
    work.session.execute(delete(OutboxItem).where(OutboxItem.notification_id.in_(held)))
    work.session.execute(delete(Notification).where(Notification.id.in_(held)))


def _give_appointment_back(work: Work, case: Case, was: dict[str, Any]) -> None:
    """The appointment is again what it was; one that somebody has arranged in these seconds stays arranged."""
    row, before = last_appointment(work, case), was["appointment"]
    stands, stood = State(case.downstream), State(was["downstream"])
    if stands is not stood and (stands, stood) not in WAYS_BACK:
        return
    for step in WAYS_BACK.get((stands, stood), ()):
        move(work, case, step, Who.EXPERT, machine=Machine.DOWNSTREAM, reason="take_back")
    is_new = row is not None and (before is None or str(row.id) != before[0])
    if row is not None and is_new and stands is stood:
        # A new appointment begins without a date: somebody has brought it where the other one stood.
        row.kind = before[2] if before is not None else row.kind
        return
    if row is not None and is_new:
        work.session.delete(row)
        work.session.flush()
        row = last_appointment(work, case)
    if row is not None and before is not None:
        row.state, row.kind = before[1], before[2]
    if is_new or stands is not stood:
        _set_timers(work, case, was, APPOINTMENT_TIMERS)


def _give_case_back(work: Work, case: Case, was: dict[str, Any]) -> None:
    """Claimed or on hold again, closed again, or answered by the version before; the clocks run as they ran.

    A question that came in these seconds after a version in force stays asked.
    """
    if was["state"] in HELD:
        move(work, case, Transition.TAKE_BACK, Who.EXPERT)
    if was["state"] == State.ON_HOLD:
        move(work, case, Transition.ASK, Who.EXPERT, reason="take_back")
    asked = case.asked_again_at if was["state"] in {State.ANSWERED, State.CLOSED} else None
    if was["state"] == State.CLOSED and asked is None:
        move(work, case, Transition.CLOSE, Who.SYSTEM, reason="take_back")
    for name in KEPT:
        setattr(case, name, was[name])
    if asked is not None:
        return
    for name in CLOCK:
        setattr(case, name, _read(was[name]))
    _set_timers(work, case, was, TIMERS)
    if was["state"] == State.ON_HOLD:
        end_answered_wait(work, case, datetime.fromisoformat(was["signed_at"]))


def _set_timers(work: Work, case: Case, was: dict[str, Any], kinds: tuple[str, ...]) -> None:
    unschedule(work, *kinds, case_id=case.id)
    for kind, due_at, payload in was["timers"]:
        if kind in kinds:
            schedule(work, kind, datetime.fromisoformat(due_at), case_id=case.id, **payload)


def _unsign(work: Work, case: Case, row: Opinion) -> None:
    work.session.execute(delete(Call).where(Call.case_id == case.id, Call.opinion_id == row.id))
    row.signed_by = row.signed_at = row.effective_at = row.before_signature = None
    row.destination = row.level = ""
    row.follow_up_weeks, row.retake = None, False
    row.updated_at = work.now
    case.version += 1
    case.updated_at = work.now


def _written(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None


def _read(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
