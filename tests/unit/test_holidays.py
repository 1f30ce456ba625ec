"""French public holidays, by territory."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dermavis.domain.holidays import HolidayCalendar, easter, holiday_name, holidays

PARIS = HolidayCalendar.PARIS


@pytest.mark.parametrize(
    ("year", "day"),
    [
        (1818, date(1818, 3, 22)),
        (1943, date(1943, 4, 25)),
        (2000, date(2000, 4, 23)),
        (2008, date(2008, 3, 23)),
        (2024, date(2024, 3, 31)),
        (2025, date(2025, 4, 20)),
        (2026, date(2026, 4, 5)),
        (2027, date(2027, 3, 28)),
        (2038, date(2038, 4, 25)),
    ],
)
def test_easter_falls_where_almanacs_say(year: int, day: date) -> None:
    assert easter(year) == day


@given(st.integers(1583, 4000))
def test_easter_is_a_sunday_between_22_march_and_25_april(year: int) -> None:
    assert easter(year).weekday() == 6
    assert date(year, 3, 22) <= easter(year) <= date(year, 4, 25)


def test_the_eleven_holidays_of_2026() -> None:
    assert list(holidays(2026, PARIS)) == [
        date(2026, 1, 1),
        date(2026, 4, 6),
        date(2026, 5, 1),
        date(2026, 5, 8),
        date(2026, 5, 14),
        date(2026, 5, 25),
        date(2026, 7, 14),
        date(2026, 8, 15),
        date(2026, 11, 1),
        date(2026, 11, 11),
        date(2026, 12, 25),
    ]


@pytest.mark.parametrize(
    ("calendar", "day"),
    [
        (HolidayCalendar.ALSACE_MOSELLE, date(2026, 4, 3)),
        (HolidayCalendar.ALSACE_MOSELLE, date(2026, 12, 26)),
        (HolidayCalendar.MARTINIQUE, date(2026, 5, 22)),
        (HolidayCalendar.GUADELOUPE, date(2026, 5, 27)),
        (HolidayCalendar.GUYANE, date(2026, 6, 10)),
        (HolidayCalendar.LA_REUNION, date(2026, 12, 20)),
        (HolidayCalendar.MAYOTTE, date(2026, 4, 27)),
    ],
)
def test_a_territory_keeps_its_own_days(calendar: HolidayCalendar, day: date) -> None:
    assert holiday_name(day, calendar)
    assert holiday_name(day, PARIS) is None


@given(st.integers(1950, 2200), st.sampled_from(HolidayCalendar))
def test_every_calendar_holds_the_national_days(year: int, calendar: HolidayCalendar) -> None:
    own = holidays(year, calendar)
    assert set(holidays(year, PARIS)) <= set(own)
    assert all(day.year == year for day in own)
    assert easter(year) + timedelta(days=39) in own


def test_ascension_on_8_may_is_one_holiday() -> None:
    assert easter(1997) + timedelta(days=39) == date(1997, 5, 8)
    assert holiday_name(date(1997, 5, 8), PARIS) == "8 Mai"
