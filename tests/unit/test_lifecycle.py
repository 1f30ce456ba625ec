"""The four machines of a case: reachable, without dead end, each step only by whom it concerns."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dermavis.domain.case_states import (
    FINAL,
    INITIAL,
    OPEN_QUESTION,
    STATE_WORDS,
    Machine,
    State,
    Transition,
    Who,
    is_final,
)
from dermavis.domain.closing import OPEN_THING_WORDS, OpenThings, closes_by_itself, may_close, what_is_open
from dermavis.domain.errors import Refusal
from dermavis.domain.lifecycle import TABLE, LifecycleError, Step, allowed, apply, states_of
from dermavis.domain.watches import OWNERS, watch

Q = Machine.QUESTION
EVERYTHING = [(machine, state) for machine in Machine for state in sorted(states_of(machine))]


def walk(machine: Machine, state: State, *path: tuple[Transition, Who]) -> State:
    for transition, who in path:
        state = apply(machine, transition, state, who)
    return state


def reachable(machine: Machine, start: State) -> set[State]:
    seen, border = {start}, {start}
    while border:
        border = {step.end for step in TABLE[machine] if step.start in border} - seen
        seen |= border
    return seen


def test_a_request_goes_from_draft_to_closed_through_pooling_and_a_question() -> None:
    end = walk(
        Q,
        State.DRAFT,
        (Transition.POOL, Who.REQUESTER),
        (Transition.SUBMIT, Who.COORDINATOR),
        (Transition.CLAIM, Who.EXPERT),
        (Transition.ASK, Who.EXPERT),
        (Transition.RESUME, Who.REQUESTER),
        (Transition.ANSWER, Who.EXPERT),
        (Transition.CLOSE, Who.SYSTEM),
    )
    assert end is State.CLOSED


def test_a_coordinator_sends_a_request_back_as_a_draft() -> None:
    assert apply(Q, Transition.SEND_BACK, State.POOLED, Who.COORDINATOR) is State.DRAFT


def test_a_pooled_request_leaves_by_itself_when_the_coordinator_is_away() -> None:
    pooled = watch(Q, State.POOLED)
    assert pooled is not None
    assert apply(Q, pooled.exit, State.POOLED, pooled.exit_by) is State.SUBMITTED
    assert pooled.exit_by is Who.SYSTEM


def test_an_unanswered_question_returns_to_the_expert_after_seven_days() -> None:
    on_hold = watch(Q, State.ON_HOLD)
    assert on_hold is not None
    assert on_hold.limit.duration == timedelta(days=7)
    assert not on_hold.limit.in_opening_hours
    assert apply(Q, on_hold.exit, State.ON_HOLD, on_hold.exit_by) is State.CLAIMED
    assert on_hold.exit_by is Who.SYSTEM


def test_an_idle_claim_is_released_after_24_opening_hours() -> None:
    claimed = watch(Q, State.CLAIMED)
    assert claimed is not None
    assert (claimed.limit.hours, claimed.limit.in_opening_hours) == (24, True)
    assert apply(Q, claimed.exit, State.CLAIMED, Who.SYSTEM) is State.SUBMITTED


def test_a_declined_case_is_its_requesters_task() -> None:
    declined = watch(Q, State.DECLINED)
    assert declined is not None
    assert declined.owner is Who.REQUESTER
    assert set(allowed(Q, State.DECLINED, Who.REQUESTER)) == {
        Transition.REDIRECT,
        Transition.CANCEL,
        Transition.MARK_ERROR,
    }
    assert Who.SYSTEM not in {who for step in TABLE[Q] if step.start is State.DECLINED for who in step.who}


def test_only_a_person_discards_a_draft_and_the_clock_lets_it_lapse() -> None:
    assert Transition.CANCEL in allowed(Q, State.DRAFT, Who.REQUESTER)
    assert allowed(Q, State.DRAFT, Who.SYSTEM) == (Transition.LAPSE,)
    assert Transition.LAPSE not in allowed(Q, State.DRAFT, Who.REQUESTER)


def test_only_an_expert_answers() -> None:
    assert {who for step in TABLE[Q] if step.transition is Transition.ANSWER for who in step.who} == {
        Who.EXPERT
    }


def test_a_handed_over_case_stays_claimed() -> None:
    assert apply(Q, Transition.HAND_OVER, State.CLAIMED, Who.EXPERT) is State.CLAIMED


def test_a_correction_opens_a_closed_case_again() -> None:
    assert apply(Q, Transition.CORRECT, State.CLOSED, Who.EXPERT) is State.ANSWERED


@pytest.mark.parametrize("state", sorted(states_of(Q) - {State.ENTERED_IN_ERROR}))
def test_any_question_can_be_marked_as_entered_in_error(state: State) -> None:
    assert apply(Q, Transition.MARK_ERROR, state, Who.REQUESTER) is State.ENTERED_IN_ERROR


def test_nothing_leaves_entered_in_error() -> None:
    assert [step for step in TABLE[Q] if step.start is State.CLOSED]
    assert not [step for step in TABLE[Q] if step.start is State.ENTERED_IN_ERROR]


@pytest.mark.parametrize(("machine", "state"), EVERYTHING)
def test_every_state_that_is_not_final_has_an_owner_a_timer_and_a_default_exit(
    machine: Machine, state: State
) -> None:
    if is_final(state):
        assert watch(machine, state) is None
        return
    kept = watch(machine, state)
    assert kept is not None
    assert timedelta(0) < kept.reminder.duration < kept.limit.duration
    end = apply(machine, kept.exit, state, kept.exit_by)
    assert end in states_of(machine)
    assert kept.owner in Who
    assert kept.then in Who


@pytest.mark.parametrize(("machine", "state"), EVERYTHING)
def test_every_state_is_reached_from_the_beginning_and_leads_to_an_end(
    machine: Machine, state: State
) -> None:
    assert state in reachable(machine, INITIAL[machine])
    assert reachable(machine, state) & FINAL


@pytest.mark.parametrize(("machine", "state"), EVERYTHING)
def test_the_owner_of_a_state_can_move_it(machine: Machine, state: State) -> None:
    kept = watch(machine, state)
    if kept is not None:
        assert allowed(machine, state, kept.owner)


def test_the_owners_table_names_only_states_of_its_machine() -> None:
    assert {state for states in OWNERS.values() for state in states} == set(State) - FINAL
    for machine, states in OWNERS.items():
        assert set(states) <= states_of(machine)


def test_a_state_belongs_to_one_machine_and_has_french_words() -> None:
    owners = [state for machine in Machine for state in states_of(machine)]
    assert len(owners) == len(set(owners)) == len(State)
    assert set(STATE_WORDS) == set(State)


def test_a_row_of_the_table_says_one_thing_only() -> None:
    for steps in TABLE.values():
        rows = [(step.transition, step.start, who) for step in steps for who in step.who]
        assert len(rows) == len(set(rows))


def test_open_questions_are_exactly_those_somebody_is_waited_for() -> None:
    assert set(OPEN_QUESTION) == states_of(Q) - FINAL


@given(st.sampled_from(Machine), st.sampled_from(Transition), st.sampled_from(State), st.sampled_from(Who))
def test_apply_follows_the_table_and_refuses_the_rest_in_french(
    machine: Machine, transition: Transition, state: State, who: Who
) -> None:
    rows = [s.end for s in TABLE[machine] if (s.transition, s.start) == (transition, state) and who in s.who]
    if rows:
        assert apply(machine, transition, state, who) is rows[0]
        assert transition in allowed(machine, state, who)
    else:
        with pytest.raises(LifecycleError) as refused:
            apply(machine, transition, state, who)
        assert isinstance(refused.value, Refusal)
        assert refused.value.message.endswith(".")
        assert (refused.value.code, refused.value.status) in {("not_yours", 403), ("not_from_here", 409)}
        assert transition not in allowed(machine, state, who)


@given(st.data())
def test_whatever_people_do_a_question_stays_in_its_machine(data: st.DataObject) -> None:
    state = State.DRAFT
    for _ in range(12):
        who = data.draw(st.sampled_from(Who))
        steps = allowed(Q, state, who)
        if steps:
            state = apply(Q, data.draw(st.sampled_from(steps)), state, who)
        assert state in states_of(Q)


def test_a_second_claim_is_refused_by_naming_the_state() -> None:
    with pytest.raises(LifecycleError) as refused:
        apply(Q, Transition.CLAIM, State.CLAIMED, Who.EXPERT)
    assert "prise en charge" in refused.value.message


@pytest.mark.parametrize(
    ("machine", "step"), [(machine, step) for machine in Machine for step in TABLE[machine]]
)
def test_whoever_a_step_does_not_concern_is_refused_and_told(machine: Machine, step: Step) -> None:
    for who in step.who:
        assert apply(machine, step.transition, step.start, who) is step.end
    rows = [row for row in TABLE[machine] if (row.transition, row.start) == (step.transition, step.start)]
    for who in set(Who) - {who for row in rows for who in row.who}:
        with pytest.raises(LifecycleError) as refused:
            apply(machine, step.transition, step.start, who)
        assert (refused.value.code, refused.value.status) == ("not_yours", 403)


def test_a_delivery_is_opened_then_acknowledged_and_a_new_version_replaces_it() -> None:
    assert (
        walk(
            Machine.DELIVERY,
            State.SENT,
            (Transition.OPEN, Who.REQUESTER),
            (Transition.ACKNOWLEDGE, Who.REQUESTER),
        )
        is State.ACKNOWLEDGED
    )
    assert apply(Machine.DELIVERY, Transition.REPLACE, State.OPENED, Who.SYSTEM) is State.REPLACED


def test_a_missed_appointment_is_planned_again() -> None:
    assert not is_final(State.MISSED)
    assert apply(Machine.DOWNSTREAM, Transition.PLAN_AGAIN, State.MISSED, Who.SECRETARY) is State.TO_PLAN


def test_a_rejected_invoice_is_corrected_and_leaves_again() -> None:
    end = walk(
        Machine.BILLING,
        State.TO_CHECK,
        (Transition.CHECK, Who.BILLING),
        (Transition.EXPORT, Who.BILLING),
        (Transition.REJECT, Who.SYSTEM),
        (Transition.AMEND, Who.BILLING),
        (Transition.EXPORT, Who.BILLING),
        (Transition.PAY, Who.BILLING),
    )
    assert end is State.PAID


@pytest.mark.parametrize("name", list(OPEN_THING_WORDS))
def test_one_open_thing_keeps_a_case_open(name: str) -> None:
    facts = OpenThings(**{name: True})
    assert what_is_open(facts) == (name,)
    assert not may_close(facts)


@given(st.integers(0, 90), st.booleans())
def test_an_answered_case_closes_by_itself_after_30_days_when_nothing_is_open(
    days: int, retake: bool
) -> None:
    answered = datetime(2026, 11, 26, 8, 31, tzinfo=UTC)
    closes = closes_by_itself(OpenThings(retake=retake), answered, answered + timedelta(days=days))
    assert closes == (days >= 30 and not retake)
