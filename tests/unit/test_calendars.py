"""Time counted in opening hours: exact through weekends, holidays and changes of clock, in every zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dermavis.domain.calendars import (
    MIDNIGHT,
    NeverOpen,
    OpeningHours,
    add_open_time,
    add_working_days,
    around_the_clock,
    closed_days,
    closing,
    is_open,
    local_day,
    next_opening,
    open_ranges,
    open_time_between,
    read_hours,
    same_hours,
    working_days,
    write_hours,
)
from dermavis.domain.errors import InvalidInput
from dermavis.domain.holidays import HolidayCalendar

PARIS = ZoneInfo("Europe/Paris")
OFFICE = OpeningHours("Europe/Paris", same_hours((9 * 60, 12 * 60 + 30), (14 * 60, 18 * 60)))
WORKING = working_days("Europe/Paris")
ALWAYS = around_the_clock("Europe/Paris")
HOUR = timedelta(hours=1)

ZONES = [
    "Europe/Paris",
    "America/Martinique",
    "America/Guadeloupe",
    "America/Cayenne",
    "Indian/Reunion",
    "Indian/Mayotte",
    "Pacific/Noumea",
    "Pacific/Tahiti",
    "America/Miquelon",
]


def paris(*parts: int, fold: int = 0) -> datetime:
    return datetime(*parts, tzinfo=PARIS, fold=fold).astimezone(UTC)  # type: ignore[arg-type,misc]


DAYS = st.sampled_from(
    [
        (),
        ((0, MIDNIGHT),),
        ((540, 1080),),
        ((540, 750), (840, 1080)),
        ((0, 150), (150 + 30, 300)),
        ((60, 120), (120 + 1, 181), (1439, MIDNIGHT)),
        ((1320, MIDNIGHT),),
    ]
)


@st.composite
def some_hours(draw: st.DrawFn) -> OpeningHours:
    return OpeningHours(
        draw(st.sampled_from(ZONES)),
        (draw(DAYS.filter(bool)), *draw(st.tuples(*[DAYS] * 6))),
        draw(st.sampled_from(HolidayCalendar)),
        frozenset(draw(st.lists(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=2))),
        draw(st.booleans()),
    )


# Around both changes of the clock in Paris (29 March and 25 October 2026), and through the year.
INSTANTS = st.one_of(
    st.datetimes(datetime(2026, 3, 27), datetime(2026, 3, 31), timezones=st.just(UTC)),  # noqa: DTZ001
    st.datetimes(datetime(2026, 10, 23), datetime(2026, 10, 27), timezones=st.just(UTC)),  # noqa: DTZ001
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
)
DURATIONS = st.timedeltas(timedelta(0), timedelta(hours=24))


@given(INSTANTS, DURATIONS, some_hours())
def test_what_is_added_is_what_has_passed(start: datetime, duration: timedelta, hours: OpeningHours) -> None:
    end = add_open_time(start, duration, hours)
    assert end >= start
    assert open_time_between(start, end, hours) == duration


@given(INSTANTS, DURATIONS, DURATIONS, some_hours())
def test_adding_twice_is_adding_the_sum(
    start: datetime, first: timedelta, then: timedelta, hours: OpeningHours
) -> None:
    once = add_open_time(start, first + then, hours)
    assert add_open_time(add_open_time(start, first, hours), then, hours) == once


@given(INSTANTS, DURATIONS, DURATIONS, some_hours())
def test_a_later_start_or_a_longer_delay_never_ends_sooner(
    start: datetime, first: timedelta, more: timedelta, hours: OpeningHours
) -> None:
    end = add_open_time(start, first, hours)
    assert add_open_time(start, first + more, hours) >= end
    assert add_open_time(start + more, first, hours) >= end


@given(st.lists(INSTANTS, min_size=3, max_size=3), some_hours())
def test_open_time_adds_up_and_never_exceeds_elapsed_time(
    instants: list[datetime], hours: OpeningHours
) -> None:
    a, b, c = sorted(instants)
    whole = open_time_between(a, c, hours)
    assert open_time_between(a, b, hours) + open_time_between(b, c, hours) == whole
    assert timedelta(0) <= whole <= c - a
    assert open_time_between(c, a, hours) == timedelta(0)


@given(INSTANTS, some_hours())
def test_the_next_opening_is_open_and_nothing_opens_before(start: datetime, hours: OpeningHours) -> None:
    opens = next_opening(start, hours)
    assert opens >= start
    assert is_open(opens, hours)
    assert open_time_between(start, opens, hours) == timedelta(0)
    assert (opens == start) == is_open(start, hours)
    assert closing(start, hours) > opens
    last_moment = closing(start, hours) - timedelta(microseconds=1)
    assert is_open(last_moment, hours)
    assert local_day(last_moment, hours.zone) == local_day(opens, hours.zone)


@given(st.dates(date(2026, 1, 1), date(2026, 12, 31)), some_hours())
def test_the_stretches_of_a_day_are_sorted_apart_and_of_that_day(day: date, hours: OpeningHours) -> None:
    bounds = [instant for both in open_ranges(hours, day) for instant in both]
    assert bounds == sorted(bounds)
    assert all(opens < closes for opens, closes in open_ranges(hours, day))
    assert all(local_day(opens, hours.zone) == day for opens, _ in open_ranges(hours, day))


@given(INSTANTS, DURATIONS, st.sampled_from(ZONES))
def test_around_the_clock_is_elapsed_time(start: datetime, duration: timedelta, zone: str) -> None:
    assert add_open_time(start, duration, around_the_clock(zone)) == start + duration


def test_the_day_that_loses_an_hour_counts_23_and_the_other_25() -> None:
    spring = open_time_between(paris(2026, 3, 29), paris(2026, 3, 30), ALWAYS)
    autumn = open_time_between(paris(2026, 10, 25), paris(2026, 10, 26), ALWAYS)
    assert (spring, autumn) == (23 * HOUR, 25 * HOUR)
    one_range = OpeningHours("Europe/Paris", same_hours((60, 300), days=["sun"]))
    assert open_time_between(paris(2026, 3, 29), paris(2026, 3, 30), one_range) == 3 * HOUR
    assert open_time_between(paris(2026, 10, 25), paris(2026, 10, 26), one_range) == 5 * HOUR


def test_opening_hours_stay_at_the_same_local_time_after_the_clock_changes() -> None:
    assert next_opening(paris(2026, 3, 28, 12), OFFICE) == paris(2026, 3, 30, 9)
    assert add_open_time(paris(2026, 10, 23, 17), 2 * HOUR, OFFICE) == paris(2026, 10, 26, 10)


def test_a_delay_asked_on_friday_evening_ends_on_monday() -> None:
    assert add_open_time(paris(2026, 11, 27, 19), 24 * HOUR, WORKING) == paris(2026, 11, 30, 19)


def test_48_hours_in_working_days_end_two_days_later_at_the_same_time() -> None:
    assert add_open_time(paris(2026, 11, 25, 9, 20), 48 * HOUR, WORKING) == paris(2026, 11, 27, 9, 20)


def test_a_public_holiday_is_jumped() -> None:
    assert add_open_time(paris(2026, 11, 10, 17), 2 * HOUR, OFFICE) == paris(2026, 11, 12, 10)
    martinique = OpeningHours("America/Martinique", OFFICE.week, HolidayCalendar.MARTINIQUE)
    friday = datetime(2026, 5, 21, 18, tzinfo=ZoneInfo("America/Martinique"))
    assert local_day(next_opening(friday, martinique), martinique.zone) == date(2026, 5, 26)


def test_an_announced_closure_is_jumped() -> None:
    hours = OpeningHours("Europe/Paris", OFFICE.week, closed=frozenset({date(2026, 11, 26)}))
    assert next_opening(paris(2026, 11, 25, 18), hours) == paris(2026, 11, 27, 9)


def test_a_delay_that_ends_with_the_day_ends_at_closing_time() -> None:
    assert add_open_time(paris(2026, 11, 26, 9), timedelta(hours=7.5), OFFICE) == paris(2026, 11, 26, 18)
    assert closing(paris(2026, 11, 26, 9), OFFICE) == paris(2026, 11, 26, 18)
    assert closing(paris(2026, 11, 28, 9), OFFICE) == paris(2026, 11, 30, 18)


def test_working_days_keep_the_local_time() -> None:
    assert add_working_days(paris(2026, 3, 27, 9, 20), 1, WORKING) == paris(2026, 3, 30, 9, 20)
    assert add_working_days(paris(2026, 11, 10, 9), 1, WORKING) == paris(2026, 11, 12, 9)
    assert add_working_days(paris(2026, 11, 28, 9), 0, WORKING) == paris(2026, 11, 28, 9)


def test_closed_days_are_told_with_their_reason() -> None:
    told = closed_days(date(2026, 11, 9), 7, OFFICE)
    assert [(closed.day.day, closed.why) for closed in told] == [
        (11, "11 Novembre"),
        (14, "fermé ce jour-là"),
        (15, "fermé ce jour-là"),
    ]


def test_hours_that_never_open_are_refused_in_words() -> None:
    never = OpeningHours("Europe/Paris", ((),) * 7)
    with pytest.raises(NeverOpen):
        add_open_time(paris(2026, 1, 1), HOUR, never)
    with pytest.raises(NeverOpen):
        next_opening(paris(2026, 1, 1), never)
    with pytest.raises(NeverOpen):
        add_working_days(paris(2026, 1, 1), 1, never)
    assert open_time_between(paris(2026, 1, 1), paris(2026, 2, 1), never) == timedelta(0)
    assert add_open_time(paris(2026, 1, 1), timedelta(0), never) == paris(2026, 1, 1)


@pytest.mark.parametrize(
    "week",
    [((),) * 6, (((60, 60),), *[()] * 6), (((60, 30),), *[()] * 6), (((0, 1441),), *[()] * 6),
     (((0, 60), (60, 90)), *[()] * 6), (((90, 120), (0, 60)), *[()] * 6)],
)  # fmt: skip
def test_a_week_that_is_no_week_is_a_mistake(week: tuple[tuple[tuple[int, int], ...], ...]) -> None:
    with pytest.raises(ValueError, match=r"week|ranges"):
        OpeningHours("Europe/Paris", week)


def test_a_negative_duration_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="negative"):
        add_open_time(paris(2026, 1, 1), -HOUR, ALWAYS)


@given(some_hours())
def test_hours_are_kept_and_read_the_same(hours: OpeningHours) -> None:
    assert read_hours(write_hours(hours), hours.zone, hours.calendar) == hours


def test_a_whole_day_is_written_until_24_hours() -> None:
    assert write_hours(WORKING)["week"]["mon"] == [["00:00", "24:00"]]
    assert WORKING.week[0] == ((0, MIDNIGHT),)


@pytest.mark.parametrize(
    ("raw", "zone", "calendar", "field"),
    [
        ({"week": {"mon": [["9h", "12:00"]]}}, "Europe/Paris", "paris", "week.mon"),
        ({"week": {"mon": [["12:00", "09:00"]]}}, "Europe/Paris", "paris", "week.mon"),
        ({"week": {"tue": [["09:00"]]}}, "Europe/Paris", "paris", "week.tue"),
        ({"week": {"tue": [["09:00", "25:00"]]}}, "Europe/Paris", "paris", "week.tue"),
        ({"week": {"tue": [[9, 12]]}}, "Europe/Paris", "paris", "week.tue"),
        ({"week": {"mon": [["09:00", "12:00"]]}, "closed": ["24/12"]}, "Europe/Paris", "paris", "closed.0"),
        ({"week": {"mon": [["09:00", "12:00"]]}}, "Europe/Chalon", "paris", "zone"),
        ({"week": {"mon": [["09:00", "12:00"]]}}, "Europe/Paris", "lune", "calendar"),
        ({"week": {}}, "Europe/Paris", "paris", "week"),
    ],
)
def test_wrong_hours_are_told_beside_their_field(
    raw: dict[str, object], zone: str, calendar: str, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_hours(raw, zone, calendar)
    assert list(refused.value.errors) == [field]
