"""The four small machines that a case carries: question, delivery, downstream care, billing.

Each machine is a table of (transition, from, to, who): see ``TABLE``. Each state that is not final has an owner, a
timer and a default exit: see ``OWNERS``. Nothing here knows the time: whoever calls passes facts in and stores what
comes out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from dermavis.domain.errors import Refusal


class Machine(StrEnum):
    """One of the four things that happen to a case, each at its own pace."""

    QUESTION = "question"
    DELIVERY = "delivery"
    DOWNSTREAM = "downstream"
    BILLING = "billing"


class State(StrEnum):
    """Where a machine stands. A state belongs to one machine only."""

    DRAFT = "draft"
    POOLED = "pooled"
    SUBMITTED = "submitted"
    CLAIMED = "claimed"
    ON_HOLD = "on_hold"
    ANSWERED = "answered"
    CLOSED = "closed"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    ENTERED_IN_ERROR = "entered_in_error"

    SENT = "sent"
    OPENED = "opened"
    ACKNOWLEDGED = "acknowledged"
    REPLACED = "replaced"

    NONE = "none"
    TO_PLAN = "to_plan"
    PLANNED = "planned"
    DONE = "done"
    MISSED = "missed"
    NOT_NEEDED = "not_needed"

    TO_CHECK = "to_check"
    READY = "ready"
    EXPORTED = "exported"
    PAID = "paid"
    REJECTED = "rejected"
    CORRECTED = "corrected"
    NOT_BILLABLE = "not_billable"


class Transition(StrEnum):
    """What somebody does to a machine."""

    POOL = "pool"
    SEND_BACK = "send_back"
    SUBMIT = "submit"
    CLAIM = "claim"
    RELEASE = "release"
    HAND_OVER = "hand_over"
    ASK = "ask"
    RESUME = "resume"
    RETURN_UNANSWERED = "return_unanswered"
    DECLINE = "decline"
    REDIRECT = "redirect"
    ANSWER = "answer"
    CORRECT = "correct"
    TAKE_BACK = "take_back"
    CLOSE = "close"
    REOPEN = "reopen"
    CANCEL = "cancel"
    LAPSE = "lapse"
    MARK_ERROR = "mark_error"

    OPEN = "open"
    ACKNOWLEDGE = "acknowledge"
    REPLACE = "replace"

    NEED = "need"
    PLAN = "plan"
    MOVE = "move"
    DO = "do"
    MISS = "miss"
    PLAN_AGAIN = "plan_again"
    DROP = "drop"

    CHECK = "check"
    CHECK_AGAIN = "check_again"
    EXPORT = "export"
    PAY = "pay"
    REJECT = "reject"
    AMEND = "amend"
    WAIVE = "waive"


class Who(StrEnum):
    """In what part a person (or the clock: ``SYSTEM``) acts on a case; roles and places are the permission map's."""

    REQUESTER = "requester"
    COORDINATOR = "coordinator"
    EXPERT = "expert"
    SECRETARY = "secretary"
    BILLING = "billing"
    ADMINISTRATOR = "administrator"
    SYSTEM = "system"


class LifecycleError(Refusal):
    """The transition does not start from this state (409), or is not this part's to make (403)."""

    status = 409

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        if code == "not_yours":
            self.status = 403


@dataclass(frozen=True, slots=True)
class Step:
    """One row of a machine's table."""

    transition: Transition
    start: State
    end: State
    who: frozenset[Who]


def _steps(transition: Transition, starts: tuple[State, ...], end: State, *who: Who) -> tuple[Step, ...]:
    return tuple(Step(transition, start, end, frozenset(who)) for start in starts)


S, T, W = State, Transition, Who

TABLE: dict[Machine, tuple[Step, ...]] = {
    Machine.QUESTION: (
        *_steps(T.POOL, (S.DRAFT,), S.POOLED, W.REQUESTER),
        *_steps(T.SEND_BACK, (S.POOLED,), S.DRAFT, W.COORDINATOR),
        *_steps(T.SUBMIT, (S.DRAFT,), S.SUBMITTED, W.REQUESTER),
        *_steps(T.SUBMIT, (S.POOLED,), S.SUBMITTED, W.COORDINATOR, W.REQUESTER, W.SYSTEM),
        *_steps(T.CLAIM, (S.SUBMITTED,), S.CLAIMED, W.EXPERT),
        *_steps(T.RELEASE, (S.CLAIMED, S.ON_HOLD), S.SUBMITTED, W.EXPERT, W.SYSTEM, W.ADMINISTRATOR),
        *_steps(T.HAND_OVER, (S.CLAIMED,), S.CLAIMED, W.EXPERT),
        *_steps(T.HAND_OVER, (S.ON_HOLD,), S.ON_HOLD, W.EXPERT),
        *_steps(T.ASK, (S.CLAIMED,), S.ON_HOLD, W.EXPERT),
        *_steps(T.RESUME, (S.ON_HOLD,), S.CLAIMED, W.REQUESTER, W.EXPERT, W.COORDINATOR),
        *_steps(T.RETURN_UNANSWERED, (S.ON_HOLD,), S.CLAIMED, W.SYSTEM),
        *_steps(T.DECLINE, (S.SUBMITTED, S.CLAIMED, S.ON_HOLD), S.DECLINED, W.EXPERT),
        *_steps(
            T.REDIRECT,
            (S.SUBMITTED,),
            S.SUBMITTED,
            W.REQUESTER,
            W.EXPERT,
            W.COORDINATOR,
            W.SYSTEM,
            W.ADMINISTRATOR,
        ),
        *_steps(T.REDIRECT, (S.DECLINED,), S.SUBMITTED, W.REQUESTER, W.COORDINATOR, W.ADMINISTRATOR),
        *_steps(T.ANSWER, (S.CLAIMED, S.ON_HOLD), S.ANSWERED, W.EXPERT),
        *_steps(T.CORRECT, (S.ANSWERED, S.CLOSED), S.ANSWERED, W.EXPERT),
        # The first signature only, and only while nobody has read it; a correction's leaves the case answered.
        *_steps(T.TAKE_BACK, (S.ANSWERED,), S.CLAIMED, W.EXPERT),
        *_steps(T.CLOSE, (S.ANSWERED,), S.CLOSED, W.REQUESTER, W.SYSTEM),
        *_steps(T.REOPEN, (S.CLOSED,), S.ANSWERED, W.REQUESTER, W.EXPERT),
        *_steps(
            T.CANCEL,
            (S.DRAFT, S.POOLED, S.SUBMITTED, S.CLAIMED, S.ON_HOLD, S.DECLINED),
            S.CANCELLED,
            W.REQUESTER,
        ),
        # What was never sent, long after its writer was warned (domain/retention.py).
        *_steps(T.LAPSE, (S.DRAFT,), S.CANCELLED, W.SYSTEM),
        *_steps(
            T.MARK_ERROR,
            (
                S.DRAFT,
                S.POOLED,
                S.SUBMITTED,
                S.CLAIMED,
                S.ON_HOLD,
                S.DECLINED,
                S.ANSWERED,
                S.CLOSED,
                S.CANCELLED,
            ),
            S.ENTERED_IN_ERROR,
            W.REQUESTER,
            W.EXPERT,
        ),
    ),
    Machine.DELIVERY: (
        *_steps(T.OPEN, (S.SENT,), S.OPENED, W.REQUESTER),
        *_steps(T.ACKNOWLEDGE, (S.SENT, S.OPENED), S.ACKNOWLEDGED, W.REQUESTER, W.EXPERT),
        *_steps(T.REPLACE, (S.SENT, S.OPENED), S.REPLACED, W.SYSTEM),
        *_steps(T.TAKE_BACK, (S.REPLACED,), S.SENT, W.SYSTEM),
    ),
    Machine.DOWNSTREAM: (
        *_steps(T.NEED, (S.NONE,), S.TO_PLAN, W.EXPERT, W.REQUESTER, W.SECRETARY),
        *_steps(T.TAKE_BACK, (S.TO_PLAN,), S.NONE, W.EXPERT),
        *_steps(T.PLAN, (S.TO_PLAN,), S.PLANNED, W.SECRETARY, W.EXPERT, W.REQUESTER),
        *_steps(T.MOVE, (S.PLANNED,), S.PLANNED, W.SECRETARY, W.EXPERT, W.REQUESTER),
        *_steps(T.DO, (S.TO_PLAN, S.PLANNED), S.DONE, W.SECRETARY, W.EXPERT, W.REQUESTER),
        *_steps(T.MISS, (S.PLANNED,), S.MISSED, W.SECRETARY, W.EXPERT, W.REQUESTER),
        *_steps(
            T.PLAN_AGAIN, (S.MISSED, S.DONE, S.NOT_NEEDED), S.TO_PLAN, W.SECRETARY, W.EXPERT, W.REQUESTER
        ),
        *_steps(T.DROP, (S.TO_PLAN, S.PLANNED, S.MISSED), S.NOT_NEEDED, W.EXPERT, W.REQUESTER, W.SECRETARY),
    ),
    Machine.BILLING: (
        *_steps(T.CHECK, (S.TO_CHECK,), S.READY, W.BILLING, W.SYSTEM),
        *_steps(T.CHECK_AGAIN, (S.READY, S.NOT_BILLABLE), S.TO_CHECK, W.BILLING, W.SYSTEM),
        *_steps(T.EXPORT, (S.READY, S.CORRECTED), S.EXPORTED, W.BILLING),
        *_steps(T.PAY, (S.EXPORTED,), S.PAID, W.BILLING, W.SYSTEM),
        *_steps(T.REJECT, (S.EXPORTED,), S.REJECTED, W.BILLING, W.SYSTEM),
        *_steps(T.AMEND, (S.REJECTED,), S.CORRECTED, W.BILLING),
        *_steps(T.WAIVE, (S.TO_CHECK, S.READY, S.REJECTED, S.CORRECTED), S.NOT_BILLABLE, W.BILLING, W.SYSTEM),
    ),
}

INITIAL: dict[Machine, State] = {
    Machine.QUESTION: State.DRAFT,
    Machine.DELIVERY: State.SENT,
    Machine.DOWNSTREAM: State.NONE,
    Machine.BILLING: State.TO_CHECK,
}

FINAL: frozenset[State] = frozenset(
    {S.CLOSED, S.CANCELLED, S.ENTERED_IN_ERROR}
    | {S.ACKNOWLEDGED, S.REPLACED}
    | {S.NONE, S.DONE, S.NOT_NEEDED}
    | {S.PAID, S.NOT_BILLABLE}
)
"""States in which nobody is waited for. A missed appointment is not one: another is given, or somebody says why not."""

OPEN_QUESTION: tuple[State, ...] = (
    S.DRAFT,
    S.POOLED,
    S.SUBMITTED,
    S.CLAIMED,
    S.ON_HOLD,
    S.DECLINED,
    S.ANSWERED,
)
"""States of a question that still stands on somebody's list."""


@dataclass(frozen=True, slots=True)
class Wait:
    """How long before something happens: ``hours`` elapsed, or counted in the centre's opening hours.

    ``working_days`` instead: the same local time that many open days later. ``deadlines.after`` counts all three.
    """

    hours: float
    in_opening_hours: bool = False
    working_days: int = 0

    @property
    def duration(self) -> timedelta:
        """The wait as a duration, to be added to an instant or to opening time."""
        return timedelta(hours=self.hours)


@dataclass(frozen=True, slots=True)
class Watch:
    """Who owns a state, when they are reminded, and the way out of it when nobody moves.

    At ``limit`` the clock itself makes the ``exit`` transition when ``exit_by`` is ``Who.SYSTEM``. Otherwise only a
    person may make it: they are reminded again each ``limit``, and from the second time ``then`` is told too.
    """

    owner: Who
    reminder: Wait
    limit: Wait
    exit: Transition
    exit_by: Who
    then: Who


DAY = 24.0

OWNERS: dict[Machine, dict[State, Watch]] = {
    Machine.QUESTION: {
        # Only the person discards what was never sent: it is chased, and lapses months later.
        S.DRAFT: Watch(W.REQUESTER, Wait(DAY), Wait(3 * DAY), T.SUBMIT, W.REQUESTER, W.COORDINATOR),
        S.POOLED: Watch(W.COORDINATOR, Wait(2, True), Wait(4, True), T.SUBMIT, W.SYSTEM, W.REQUESTER),
        S.SUBMITTED: Watch(W.EXPERT, Wait(DAY, True), Wait(48, True), T.CLAIM, W.EXPERT, W.SECRETARY),
        S.CLAIMED: Watch(W.EXPERT, Wait(12, True), Wait(24, True), T.RELEASE, W.SYSTEM, W.EXPERT),
        # Only a person signs: without an answer the case returns, its clock running, marked "sans réponse".
        S.ON_HOLD: Watch(W.REQUESTER, Wait(2 * DAY), Wait(7 * DAY), T.RETURN_UNANSWERED, W.SYSTEM, W.EXPERT),
        S.DECLINED: Watch(W.REQUESTER, Wait(4), Wait(DAY), T.REDIRECT, W.REQUESTER, W.COORDINATOR),
        S.ANSWERED: Watch(W.REQUESTER, Wait(14 * DAY), Wait(30 * DAY), T.CLOSE, W.SYSTEM, W.REQUESTER),
    },
    Machine.DELIVERY: {
        S.SENT: Watch(W.REQUESTER, Wait(DAY), Wait(3 * DAY), T.ACKNOWLEDGE, W.REQUESTER, W.EXPERT),
        S.OPENED: Watch(W.REQUESTER, Wait(4), Wait(DAY), T.ACKNOWLEDGE, W.REQUESTER, W.EXPERT),
    },
    Machine.DOWNSTREAM: {
        S.TO_PLAN: Watch(W.SECRETARY, Wait(DAY, True), Wait(48, True), T.PLAN, W.SECRETARY, W.EXPERT),
        S.PLANNED: Watch(W.SECRETARY, Wait(DAY), Wait(7 * DAY), T.DO, W.SECRETARY, W.REQUESTER),
        S.MISSED: Watch(W.SECRETARY, Wait(DAY, True), Wait(48, True), T.PLAN_AGAIN, W.SECRETARY, W.REQUESTER),
    },
    Machine.BILLING: {
        S.TO_CHECK: Watch(W.BILLING, Wait(7 * DAY), Wait(30 * DAY), T.CHECK, W.BILLING, W.ADMINISTRATOR),
        S.READY: Watch(W.BILLING, Wait(7 * DAY), Wait(30 * DAY), T.EXPORT, W.BILLING, W.ADMINISTRATOR),
        S.EXPORTED: Watch(W.BILLING, Wait(30 * DAY), Wait(60 * DAY), T.PAY, W.BILLING, W.ADMINISTRATOR),
        S.REJECTED: Watch(W.BILLING, Wait(7 * DAY), Wait(30 * DAY), T.AMEND, W.BILLING, W.ADMINISTRATOR),
        S.CORRECTED: Watch(W.BILLING, Wait(7 * DAY), Wait(30 * DAY), T.EXPORT, W.BILLING, W.ADMINISTRATOR),
    },
}
"""Defaults; a charter may set other hours. ``PLANNED`` counts from the appointment, the others from the transition.

An unread critical opinion does not wait for the delivery's reminder: ``opinions.ESCALATION`` says when it goes on.
"""

ASKED_AGAIN = Watch(W.EXPERT, Wait(DAY, True), Wait(2 * DAY, True), T.CORRECT, W.EXPERT, W.EXPERT)
"""A question after the opinion: its expert owns it, then the whole team, until a word or a new version answers it."""

STATE_WORDS: dict[State, str] = {
    S.DRAFT: "à compléter",
    S.POOLED: "en relecture à la CPTS",
    S.SUBMITTED: "envoyée",
    S.CLAIMED: "prise en charge",
    S.ON_HOLD: "en attente d’une précision",
    S.ANSWERED: "avis rendu",
    S.CLOSED: "close",
    S.DECLINED: "déclinée",
    S.CANCELLED: "annulée",
    S.ENTERED_IN_ERROR: "saisie par erreur",
    S.SENT: "envoyé",
    S.OPENED: "ouvert",
    S.ACKNOWLEDGED: "lu et confirmé",
    S.REPLACED: "remplacé",
    S.NONE: "aucun rendez-vous attendu",
    S.TO_PLAN: "rendez-vous à donner",
    S.PLANNED: "rendez-vous donné",
    S.DONE: "patient vu",
    S.MISSED: "rendez-vous manqué",
    S.NOT_NEEDED: "rendez-vous inutile",
    S.TO_CHECK: "à vérifier",
    S.READY: "prêt à facturer",
    S.EXPORTED: "transmis",
    S.PAID: "payé",
    S.REJECTED: "rejeté",
    S.CORRECTED: "corrigé",
    S.NOT_BILLABLE: "non facturable",
}

_NAMES: dict[Machine, str] = {
    Machine.QUESTION: "Cette demande",
    Machine.DELIVERY: "Cet avis",
    Machine.DOWNSTREAM: "Ce rendez-vous",
    Machine.BILLING: "Cette facturation",
}


def apply(machine: Machine, transition: Transition, state: State, who: Who) -> State:
    """The state after ``transition``; raises ``LifecycleError`` when the table has no such row."""
    rows = [step for step in TABLE[machine] if step.transition is transition and step.start is state]
    if not rows:
        raise LifecycleError("not_from_here", _refusal(machine, state))
    for step in rows:
        if who in step.who:
            return step.end
    raise LifecycleError("not_yours", "Cette action ne vous revient pas sur cette demande.")


def _refusal(machine: Machine, state: State) -> str:
    return f"{_NAMES[machine]} a changé d’étape entre-temps\u00a0: état actuel, «\u00a0{STATE_WORDS[state]}\u00a0»."


def state_seen(state: State, answered_at: datetime | None, now: datetime) -> State:
    """Where a question stands for whoever does not answer it: an opinion that has not left yet is not there."""
    leaving = state is State.ANSWERED and answered_at is not None and answered_at > now
    return State.CLAIMED if leaving else state


def allowed(machine: Machine, state: State, who: Who) -> tuple[Transition, ...]:
    """What ``who`` may do from ``state``, in the order of the table, each once."""
    found = (step.transition for step in TABLE[machine] if step.start is state and who in step.who)
    return tuple(dict.fromkeys(found))


def states_of(machine: Machine) -> frozenset[State]:
    """Every state of a machine."""
    steps = TABLE[machine]
    return frozenset({INITIAL[machine]} | {step.start for step in steps} | {step.end for step in steps})


def is_final(state: State) -> bool:
    """Whether nobody is waited for in this state."""
    return state in FINAL


def watch(machine: Machine, state: State) -> Watch | None:
    """Owner, timer and default exit of a state; None for a final one."""
    return OWNERS[machine].get(state)


@dataclass(frozen=True, slots=True)
class OpenThings:
    """What may keep an answered case open. ``unread``: a recipient has not acknowledged the opinion.

    ``question``: the requester asked something after it.
    """

    appointment: bool = False
    retake: bool = False
    follow_up: bool = False
    histology: bool = False
    unread: bool = False
    question: bool = False


OPEN_THING_WORDS: dict[str, str] = {
    "appointment": "un rendez-vous à donner ou à honorer",
    "retake": "des photos à refaire",
    "follow_up": "un suivi à distance",
    "histology": "un résultat d’histologie",
    "unread": "un avis à confirmer",
    "question": "une question posée après l’avis",
}


def what_is_open(facts: OpenThings) -> tuple[str, ...]:
    """Names of what is still open: keys of ``OPEN_THING_WORDS``, in its order."""
    return tuple(name for name in OPEN_THING_WORDS if getattr(facts, name))


def may_close(facts: OpenThings) -> bool:
    """Whether an answered case may be closed: nothing is open (DOMAIN: "The opinion", three levels)."""
    return not what_is_open(facts)


def closes_by_itself(facts: OpenThings, answered_at: datetime, now: datetime) -> bool:
    """Whether an answered case closes now without anybody: nothing open, and 30 days since the last answer."""
    return may_close(facts) and now - answered_at >= OWNERS[Machine.QUESTION][State.ANSWERED].limit.duration
