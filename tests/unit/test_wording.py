"""Dates, hours, ages and delays in French, with the spaces that must not break."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dermavis.domain.calendars import working_days
from dermavis.domain.deadlines import DEFAULT_DELAYS, Hold, deadline
from dermavis.domain.wording import (
    age_words,
    age_years,
    ago_words,
    birth_date_words,
    date_words,
    duration_words,
    long_date_words,
    moment_words,
    promise,
    remaining_words,
    since_words,
)

ZONE = "Europe/Paris"
PARIS = ZoneInfo(ZONE)


def paris(day: int, hour: int = 0, minute: int = 0, month: int = 11, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=PARIS).astimezone(UTC)


NOW = paris(26, 9, 20)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (paris(26, 14), "aujourd’hui 14 h"),
        (paris(26, 18, 5), "aujourd’hui 18 h 05"),
        (paris(27, 9, 20), "demain 9 h 20"),
        (paris(27), "aujourd’hui avant minuit"),
        (paris(28), "demain avant minuit"),
        (paris(30, 14), "lundi 14 h"),
        (paris(2, 8, month=12), "mercredi 8 h"),
        (paris(3, 14, month=12), "jeudi 3 déc., 14 h"),
        (paris(1, 14, month=2, year=2027), "lundi 1er févr., 14 h"),
        (paris(25, 14), "mercredi 25 nov., 14 h"),
    ],
)
def test_a_promise_is_told_as_people_say_it(target: datetime, words: str) -> None:
    assert plain(promise(target, NOW, ZONE)) == words


def test_a_promise_is_told_in_the_readers_zone() -> None:
    target = paris(27, 2)
    assert plain(promise(target, NOW, ZONE)) == "demain 2 h"
    assert plain(promise(target, NOW, "America/Martinique")) == "aujourd’hui 21 h"


def test_an_hour_and_its_unit_do_not_part() -> None:
    assert promise(paris(26, 14, 5), NOW, ZONE) == "aujourd’hui 14\u00a0h\u00a005"


@pytest.mark.parametrize(
    ("now", "holds", "words"),
    [
        (paris(25, 9, 20), (), "Reste 48 h"),
        (paris(26, 8, 20), (), "Reste 25 h"),
        (paris(27, 8, 30), (), "Reste 50 min"),
        (paris(27, 9, 20), (), "Reste 1 min"),
        (paris(27, 13, 20), (), "Objectif dépassé de 4 h"),
        (paris(30, 10), (), "En retard de 72 h"),
        (paris(30, 12, 20), (), "En retard de 75 h"),
        (paris(26, 11, 20), (Hold(NOW),), "En pause depuis 2 h"),
    ],
)
def test_where_a_promise_stands_is_told_in_words(now: datetime, holds: tuple[Hold, ...], words: str) -> None:
    clock = deadline(paris(25, 9, 20), DEFAULT_DELAYS["routine"], working_days(ZONE), now, holds)
    assert plain(remaining_words(clock)) == words


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (timedelta(0), "1 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(minutes=60), "1 h"),
        (timedelta(hours=73), "73 h"),
        (timedelta(hours=100), "4 j"),
        (timedelta(days=12), "12 j"),
    ],
)
def test_a_duration_is_rounded_down(duration: timedelta, words: str) -> None:
    assert plain(duration_words(duration)) == words


@pytest.mark.parametrize(
    ("instant", "words", "with_hour"),
    [
        (paris(26, 8, 31), "8 h 31", "8 h 31"),
        (paris(25, 19, 2), "hier", "hier 19 h 02"),
        (paris(20, 8), "20 nov.", "20 nov., 8 h"),
        (paris(1, 8), "1er nov.", "1er nov., 8 h"),
        (paris(20, 8, year=2025), "20 nov. 2025", "20 nov. 2025, 8 h"),
    ],
)
def test_when_something_happened_is_told_shortly(instant: datetime, words: str, with_hour: str) -> None:
    assert plain(ago_words(instant, NOW, ZONE)) == words
    assert plain(ago_words(instant, NOW, ZONE, with_hour=True)) == with_hour


def test_last_november_needs_no_year_in_january() -> None:
    assert plain(ago_words(paris(20, 8), paris(5, 8, month=1, year=2027), ZONE)) == "20 nov."


def test_a_signature_carries_its_full_moment() -> None:
    assert plain(moment_words(paris(26, 8, 31), ZONE)) == "26 nov. 2026, 8 h 31"
    assert plain(moment_words(paris(26, 8, 31), "Indian/Reunion")) == "26 nov. 2026, 11 h 31"


def test_dates_are_told_short_and_long() -> None:
    assert plain(date_words(date(2026, 8, 1))) == "1er août 2026"
    assert plain(long_date_words(date(2026, 11, 26))) == "jeudi 26 novembre 2026"
    assert birth_date_words(date(1958, 3, 12)) == "12/03/1958"


@pytest.mark.parametrize(
    ("born", "words"),
    [
        (date(1958, 3, 12), "68 ans"),
        (date(1946, 12, 25), "79 ans"),
        (date(2019, 6, 22), "7 ans"),
        (date(2024, 11, 26), "2 ans"),
        (date(2024, 11, 27), "23 mois"),
        (date(2026, 6, 26), "5 mois"),
        (date(2026, 10, 27), "30 jours"),
        (date(2026, 11, 25), "1 jour"),
        (date(2026, 11, 26), "0 jour"),
        (date(2026, 11, 27), ""),
    ],
)
def test_an_age_is_told_in_the_unit_that_matters(born: date, words: str) -> None:
    assert plain(age_words(born, date(2026, 11, 26))) == words


@given(st.dates(date(1900, 1, 1), date(2026, 11, 26)))
def test_a_birthday_is_counted_on_its_day(born: date) -> None:
    today = date(2026, 11, 26)
    years = age_years(born, today)
    assert years >= 0
    if years >= 2:
        assert plain(age_words(born, today)) == f"{years} ans"
    assert 365 * years <= (today - born).days <= 366 * (years + 1)


def test_since_when_something_waits_is_said_after_depuis() -> None:
    now = datetime(2026, 3, 12, 9, tzinfo=UTC)
    for hours, words in ((1, "9\u00a0h"), (16, "hier 18\u00a0h"), (96, "le 8\u00a0mars, 10\u00a0h")):
        assert since_words(now - timedelta(hours=hours), now, "Europe/Paris") == words
