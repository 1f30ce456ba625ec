"""The lifecycle's tables, told a second time: a row that goes, comes or moves is a decision, never an accident."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dermavis.domain.case_states import Machine, State, Transition, Who, state_seen
from dermavis.domain.closing import OpenThings, closes_by_itself
from dermavis.domain.lifecycle import TABLE, LifecycleError, Step, _steps, apply
from dermavis.domain.watches import OWNERS, Wait

STEPS: dict[Machine, str] = {
    Machine.QUESTION: """
        pool: draft > pooled, by requester
        send_back: pooled > draft, by coordinator
        submit: draft > submitted, by requester
        submit: pooled > submitted, by coordinator requester system
        claim: submitted > claimed, by expert
        release: claimed on_hold > submitted, by administrator expert system
        hand_over: claimed > claimed, by expert
        hand_over: on_hold > on_hold, by expert
        ask: claimed > on_hold, by expert
        resume: on_hold > claimed, by coordinator expert requester
        return_unanswered: on_hold > claimed, by system
        decline: submitted claimed on_hold > declined, by expert
        redirect: submitted > submitted, by administrator coordinator expert requester system
        redirect: declined > submitted, by administrator coordinator requester
        answer: claimed on_hold > answered, by expert
        correct: answered closed > answered, by expert
        take_back: answered > claimed, by expert
        close: answered > closed, by requester system
        reopen: closed > answered, by expert requester
        cancel: draft pooled submitted claimed on_hold declined > cancelled, by requester
        lapse: draft > cancelled, by system
        mark_error: draft pooled submitted claimed on_hold declined answered closed cancelled > entered_in_error, by expert requester
    """,  # noqa: E501
    Machine.DELIVERY: """
        open: sent > opened, by requester treating_doctor
        acknowledge: sent opened > acknowledged, by expert requester treating_doctor
        replace: sent opened > replaced, by system
        take_back: replaced > sent, by system
    """,
    Machine.DOWNSTREAM: """
        need: none > to_plan, by expert requester secretary
        take_back: to_plan > none, by expert
        plan: to_plan > planned, by expert requester secretary
        move: planned > planned, by expert requester secretary
        do: to_plan planned > done, by expert requester secretary
        miss: planned > missed, by expert requester secretary
        plan_again: missed done not_needed > to_plan, by expert requester secretary
        drop: to_plan planned missed > not_needed, by expert requester secretary
    """,
    Machine.BILLING: """
        check: to_check > ready, by billing system
        check_again: ready not_billable > to_check, by billing system
        export: ready corrected > exported, by billing
        pay: exported > paid, by billing system
        reject: exported > rejected, by billing system
        amend: rejected > corrected, by billing
        waive: to_check ready rejected corrected > not_billable, by billing system
    """,
}

WATCHES = """
    draft: requester, after 24 h, at 72 h submit by requester, then coordinator
    pooled: coordinator, after 2 open h, at 4 open h submit by system, then requester
    submitted: expert, after 24 open h, at 48 open h claim by expert, then secretary
    claimed: expert, after 12 open h, at 24 open h release by system, then expert
    on_hold: requester, after 48 h, at 168 h return_unanswered by system, then expert
    declined: requester, after 4 h, at 24 h redirect by requester, then coordinator
    answered: requester, after 336 h, at 720 h close by system, then requester
    sent: requester, after 24 h, at 72 h acknowledge by requester, then expert
    opened: requester, after 4 h, at 24 h acknowledge by requester, then expert
    to_plan: secretary, after 24 open h, at 48 open h plan by secretary, then expert
    planned: secretary, after 24 h, at 168 h do by secretary, then requester
    missed: secretary, after 24 open h, at 48 open h plan_again by secretary, then requester
    to_check: billing, after 168 h, at 720 h check by billing, then administrator
    ready: billing, after 168 h, at 720 h export by billing, then administrator
    exported: billing, after 720 h, at 1440 h pay by billing, then administrator
    rejected: billing, after 168 h, at 720 h amend by billing, then administrator
    corrected: billing, after 168 h, at 720 h export by billing, then administrator
"""


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().splitlines()]


@pytest.mark.parametrize("machine", Machine)
def test_a_machine_has_these_steps_and_no_other(machine: Machine) -> None:
    rows: dict[tuple[str, str, str], list[str]] = {}
    for step in TABLE[machine]:
        who = " ".join(sorted(step.who))
        rows.setdefault((step.transition, step.end, who), []).append(step.start)
    told = [f"{name}: {' '.join(starts)} > {end}, by {who}" for (name, end, who), starts in rows.items()]
    assert told == lines(STEPS[machine])


def test_each_state_has_this_owner_these_waits_and_this_way_out() -> None:
    told = [
        f"{state}: {kept.owner}, after {hours(kept.reminder)}, at {hours(kept.limit)}"
        f" {kept.exit} by {kept.exit_by}, then {kept.then}"
        for states in OWNERS.values()
        for state, kept in states.items()
    ]
    assert told == lines(WATCHES)


def hours(wait: Wait) -> str:
    assert not wait.working_days
    return f"{wait.hours:g}{' open' if wait.in_opening_hours else ''} h"


def test_an_opinion_is_there_for_its_reader_at_the_second_at_which_it_leaves() -> None:
    now = datetime(2026, 3, 12, 9, tzinfo=UTC)
    second = timedelta(seconds=1)
    assert state_seen(State.ANSWERED, now + second, now) is State.CLAIMED
    assert state_seen(State.ANSWERED, now, now) is State.ANSWERED
    assert state_seen(State.CLOSED, now - second, now) is State.CLOSED
    assert state_seen(State.ENTERED_IN_ERROR, now + second, now) is State.ENTERED_IN_ERROR
    assert state_seen(State.SUBMITTED, None, now) is State.SUBMITTED


def test_an_answered_case_closes_at_the_thirtieth_day_and_not_a_second_before() -> None:
    answered = datetime(2026, 3, 12, 9, tzinfo=UTC)
    at = answered + timedelta(days=30)
    assert closes_by_itself(OpenThings(), answered, at)
    assert not closes_by_itself(OpenThings(), answered, at - timedelta(seconds=1))
    assert not closes_by_itself(OpenThings(unread=True), answered, at)


def test_a_row_of_several_states_is_a_step_from_each_of_them() -> None:
    states = (State.CLAIMED, State.ON_HOLD)
    assert _steps(Transition.ANSWER, states, State.ANSWERED, Who.EXPERT, Who.SYSTEM) == tuple(
        Step(Transition.ANSWER, state, State.ANSWERED, frozenset({Who.EXPERT, Who.SYSTEM}))
        for state in states
    )


def test_whom_a_step_does_not_concern_reads_a_sentence() -> None:
    with pytest.raises(LifecycleError) as refused:
        apply(Machine.QUESTION, Transition.CLAIM, State.SUBMITTED, Who.REQUESTER)
    assert refused.value.message == "Cette action ne vous revient pas sur cette demande."
