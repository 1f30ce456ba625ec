"""The four small machines that a case carries: question, delivery, downstream care, billing.

Each machine is a table of (transition, from, to, who): see ``TABLE``. Who owns a state, and the way out of it when
nobody moves: see ``watches.OWNERS``. Nothing here knows the time: whoever calls passes facts in and stores what comes
out.
"""

from __future__ import annotations

from dataclasses import dataclass

from dermavis.domain.case_states import INITIAL, STATE_WORDS, Machine, State, Transition, Who
from dermavis.domain.errors import Refusal


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
        *_steps(T.OPEN, (S.SENT,), S.OPENED, W.REQUESTER, W.TREATING_DOCTOR),
        *_steps(T.ACKNOWLEDGE, (S.SENT, S.OPENED), S.ACKNOWLEDGED, W.REQUESTER, W.EXPERT, W.TREATING_DOCTOR),
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


def allowed(machine: Machine, state: State, who: Who) -> tuple[Transition, ...]:
    """What ``who`` may do from ``state``, in the order of the table, each once."""
    found = (step.transition for step in TABLE[machine] if step.start is state and who in step.who)
    return tuple(dict.fromkeys(found))


def states_of(machine: Machine) -> frozenset[State]:
    """Every state of a machine."""
    steps = TABLE[machine]
    return frozenset({INITIAL[machine]} | {step.start for step in steps} | {step.end for step in steps})
