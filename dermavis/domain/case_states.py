"""The words of a case's lifecycle: its four machines, their states and transitions, and in what part somebody acts."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum


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
    TREATING_DOCTOR = "treating_doctor"
    COORDINATOR = "coordinator"
    EXPERT = "expert"
    SECRETARY = "secretary"
    BILLING = "billing"
    ADMINISTRATOR = "administrator"
    SYSTEM = "system"


S = State

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

INITIAL: dict[Machine, State] = {
    Machine.QUESTION: State.DRAFT,
    Machine.DELIVERY: State.SENT,
    Machine.DOWNSTREAM: State.NONE,
    Machine.BILLING: State.TO_CHECK,
}

HELD: frozenset[State] = frozenset({S.CLAIMED, S.ON_HOLD})
"""States of the question in which an expert has the case."""

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


def is_final(state: State) -> bool:
    """Whether nobody is waited for in this state."""
    return state in FINAL


def state_seen(state: State, answered_at: datetime | None, now: datetime) -> State:
    """Where a question stands for whoever does not answer it: an opinion that has not left yet is not there."""
    leaving = state is State.ANSWERED and answered_at is not None and answered_at > now
    return State.CLAIMED if leaving else state
