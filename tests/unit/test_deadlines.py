"""Two clocks: the expert's, paused on hold and counted in opening hours; the patient's, never paused."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dermavis.domain.calendars import (
    OpeningHours,
    around_the_clock,
    open_time_between,
    same_hours,
    working_days,
)
from dermavis.domain.deadlines import (
    DEFAULT_DELAYS,
    ClockState,
    Deadline,
    Delay,
    Hold,
    after,
    after_pause,
    check_holds,
    deadline,
    due,
    patient_waiting,
    read_delays,
    urgent_offered,
    write_delays,
)
from dermavis.domain.errors import InvalidInput
from dermavis.domain.watches import Wait

PARIS = ZoneInfo("Europe/Paris")
WORKING = working_days("Europe/Paris")
OFFICE = OpeningHours("Europe/Paris", same_hours((9 * 60, 18 * 60)))
HOUR = timedelta(hours=1)
ROUTINE = DEFAULT_DELAYS["routine"]


def paris(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=PARIS).astimezone(UTC)


def at(now: datetime, *holds: Hold, delay: Delay = ROUTINE, hours: OpeningHours = WORKING) -> Deadline:
    return deadline(paris(25, 9, 20), delay, hours, now, holds)


def test_a_routine_request_is_answered_two_working_days_later_and_late_after_three() -> None:
    promised = at(paris(25, 9, 20))
    assert promised.target == paris(27, 9, 20)
    assert promised.late == paris(30, 9, 20)
    assert (promised.state, promised.spent, promised.remaining) == (ClockState.RUNNING, 0.0, 48 * HOUR)


def test_a_promise_is_spent_as_opening_time_passes() -> None:
    half = at(paris(26, 9, 20))
    assert (half.spent, half.remaining) == (0.5, 24 * HOUR)


def test_a_weekend_spends_nothing() -> None:
    friday = deadline(paris(27, 12), ROUTINE, WORKING, paris(28, 8))
    sunday = deadline(paris(27, 12), ROUTINE, WORKING, paris(29, 20))
    assert friday.remaining == sunday.remaining == 36 * HOUR


def test_between_target_and_late_the_promise_is_spent_but_not_late() -> None:
    exceeded = at(paris(27, 13, 20))
    assert (exceeded.state, exceeded.spent, exceeded.exceeded) == (ClockState.RUNNING, 1.0, 4 * HOUR)
    assert exceeded.remaining == timedelta(0)


def test_a_late_promise_counts_the_clock_from_the_promised_hour() -> None:
    late = at(paris(30, 12, 20))
    assert (late.state, late.spent, late.left) == (ClockState.LATE, 1.0, timedelta(0))
    assert late.exceeded == late.now - late.target == 75 * HOUR


def test_what_is_left_counts_the_clock_over_a_weekend() -> None:
    saturday = deadline(paris(27, 12), ROUTINE, WORKING, paris(28, 12))
    assert saturday.target == datetime(2026, 12, 1, 12, tzinfo=PARIS)
    assert (saturday.left, saturday.exceeded) == (72 * HOUR, timedelta(0))


def test_a_pause_stops_the_experts_clock() -> None:
    hold = Hold(paris(25, 19, 20))
    paused = at(paris(26, 19, 20), hold)
    assert paused.state is ClockState.PAUSED
    assert paused.paused_since == hold.start
    assert paused.remaining == 38 * HOUR
    assert at(paris(30, 9), hold).remaining == 38 * HOUR


def test_after_a_pause_the_clock_goes_on_where_it_stood() -> None:
    resumed = at(paris(27, 8), Hold(paris(25, 19, 20), paris(26, 19, 20)))
    assert resumed.state is ClockState.RUNNING
    assert resumed.target == paris(30, 9, 20)
    assert resumed.late == datetime(2026, 12, 1, 9, 20, tzinfo=PARIS)


def test_a_case_that_was_late_before_its_pause_stays_late() -> None:
    hold = Hold(paris(30, 12))
    late = at(paris(30, 18), hold)
    assert late.state is ClockState.LATE
    assert late.paused_since == hold.start


def test_an_urgent_request_is_due_at_the_end_of_the_day() -> None:
    urgent = DEFAULT_DELAYS["urgent"]
    assert at(paris(25, 10), delay=urgent, hours=OFFICE).target == paris(25, 18)
    night = deadline(paris(25, 20), urgent, OFFICE, paris(25, 20))
    assert night.target == night.late == paris(26, 18)


def test_urgent_is_offered_only_while_somebody_is_there() -> None:
    assert urgent_offered(paris(25, 10), OFFICE)
    assert not urgent_offered(paris(25, 20), OFFICE)
    assert urgent_offered(paris(25, 20), OFFICE, on_duty=True)
    assert not urgent_offered(paris(25, 10), OFFICE, on_duty=False)


def test_the_patients_clock_is_never_paused() -> None:
    assert patient_waiting(paris(23, 8), paris(26, 9)) == 73 * HOUR
    assert patient_waiting(paris(23, 8), paris(26, 9), answered_at=paris(24, 8)) == 24 * HOUR
    assert patient_waiting(paris(23, 8), paris(22, 8)) == timedelta(0)


def test_a_timer_counts_elapsed_opening_or_working_time() -> None:
    friday = paris(27, 17)
    assert after(friday, Wait(24), OFFICE) == paris(28, 17)
    assert after(friday, Wait(2, True), OFFICE) == paris(30, 10)
    assert after(friday, Wait(0, working_days=1), OFFICE) == paris(30, 17)
    assert after(friday, Wait(0.5), OFFICE) == paris(27, 17, 30)


@st.composite
def holds_within(draw: st.DrawFn) -> list[Hold]:
    cuts = sorted(draw(st.lists(st.integers(0, 200), unique=True, max_size=6)))
    instants = [paris(25, 9, 20) + cut * HOUR for cut in cuts]
    holds = [Hold(a, b) for a, b in zip(instants[::2], instants[1::2], strict=False)]
    return [*holds, Hold(instants[-1])] if len(instants) % 2 else holds


HOURS = st.sampled_from([WORKING, OFFICE, around_the_clock("Europe/Paris")])


@given(holds_within(), st.integers(0, 300), HOURS)
def test_a_clock_counts_exactly_the_opening_time_outside_its_pauses(
    holds: list[Hold], later: int, hours: OpeningHours
) -> None:
    start = paris(25, 9, 20)
    now = start + later * HOUR
    begun = [Hold(h.start, h.end if h.end and h.end <= now else None) for h in holds if h.start <= now]
    assert check_holds(begun)
    clock = deadline(start, ROUTINE, hours, now, begun)
    paused = sum((open_time_between(h.start, h.end or now, hours) for h in begun), timedelta(0))
    used = open_time_between(start, now, hours) - paused
    if used < 48 * HOUR:
        assert clock.remaining == 48 * HOUR - used
        assert clock.spent == pytest.approx(used / (48 * HOUR))
        assert clock.state is not ClockState.LATE
    else:
        assert clock.spent == 1.0
        assert clock.remaining == timedelta(0)
    assert (clock.state is ClockState.LATE) == (now > clock.late)
    assert clock.target <= clock.late


@given(holds_within(), HOURS)
def test_a_pause_never_brings_a_promise_nearer(holds: list[Hold], hours: OpeningHours) -> None:
    start, now = paris(25, 9, 20), paris(25, 9, 20) + 300 * HOUR
    clock = deadline(start, ROUTINE, hours, now, holds)
    assert clock.target >= due(start, ROUTINE.target, hours)
    for hold in holds:
        assert after_pause(clock.target, hold, hours, now) >= clock.target


def test_holds_that_overlap_are_no_holds() -> None:
    one, two = Hold(paris(25), paris(27)), Hold(paris(26), paris(28))
    assert check_holds([])
    assert check_holds([one])
    assert not check_holds([one, two])
    assert not check_holds([Hold(paris(25)), Hold(paris(26))])
    assert not check_holds([Hold(paris(26), paris(25))])


def test_delays_are_kept_and_read_the_same() -> None:
    assert read_delays(write_delays(DEFAULT_DELAYS)) == DEFAULT_DELAYS
    assert read_delays({}) == DEFAULT_DELAYS
    assert read_delays({"soon": {"target_hours": 12}})["soon"] == Delay(12 * HOUR, 12 * HOUR)


@pytest.mark.parametrize(
    "given_delay",
    [{"target_hours": 0}, {"target_hours": "deux"}, {"target_hours": True}, {"target_hours": 10_000},
     {"target_hours": 48, "late_hours": 24}, {"late_hours": 24}, {"target_hours": float("nan")}, [], "48"],
)  # fmt: skip
def test_an_impossible_delay_is_told_beside_its_urgency(given_delay: object) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_delays({"routine": given_delay})
    assert list(refused.value.errors) == ["routine"]
