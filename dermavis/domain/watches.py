"""Who owns each state that is not final, when they are reminded, and the way out of it when nobody moves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from dermavis.domain.case_states import Machine, State, Transition, Who


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


S, T, W = State, Transition, Who

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

FOLLOW_UP_AGAIN = Wait(14 * DAY)
"""A patient who is due to be seen again at a distance is told again each fortnight, until the follow-up is sent."""

ANEW = Watch(W.REQUESTER, Wait(DAY), Wait(3 * DAY), T.MARK_ERROR, W.REQUESTER, W.REQUESTER)
"""A request marked as sent for the wrong patient: its requester owns what becomes of the right one, without an end."""


def watch(machine: Machine, state: State) -> Watch | None:
    """Owner, timer and default exit of a state; None for a final one."""
    return OWNERS[machine].get(state)
