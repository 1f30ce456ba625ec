"""How long a case is kept: the law's terms, the centre's longer ones, and the drafts that never left."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from dermavis.domain.retention import (
    DRAFT_WARNING,
    TERM_RULES,
    draft_end,
    draft_warning,
    months_after,
    record_term,
    years_after,
)

SEEN = date(2026, 3, 12)


@pytest.mark.parametrize(
    ("born", "died", "years", "until", "rule"),
    [
        (date(1958, 3, 12), None, 20, date(2046, 3, 12), "record"),
        (None, None, 20, date(2046, 3, 12), "record"),
        (date(2018, 3, 12), None, 20, date(2046, 3, 12), "record"),  # 28 on that very day
        (date(2018, 3, 13), None, 20, date(2046, 3, 13), "minor"),
        (date(2026, 3, 1), None, 20, date(2054, 3, 1), "minor"),
        (date(2024, 2, 29), None, 20, date(2052, 2, 29), "minor"),
        (date(1958, 3, 12), None, 30, date(2056, 3, 12), "charter"),
        (date(1958, 3, 12), None, 5, date(2046, 3, 12), "record"),  # a charter never shortens
        (date(2026, 3, 1), None, 25, date(2054, 3, 1), "minor"),
        (date(1958, 3, 12), date(2030, 1, 2), 20, date(2040, 1, 2), "death"),
        (date(1958, 3, 12), date(2026, 3, 1), 20, date(2036, 3, 12), "death"),  # an act after the death
        (date(2026, 3, 1), date(2027, 1, 2), 20, date(2037, 1, 2), "death"),  # a child who died
        (date(1958, 3, 12), date(2036, 3, 12), 20, date(2046, 3, 12), "record"),  # ten years later: no matter
        (date(1958, 3, 12), date(2030, 1, 2), 30, date(2056, 3, 12), "charter"),
    ],
)
def test_the_term_of_a_record_follows_the_law_and_a_longer_charter(
    born: date | None, died: date | None, years: int, until: date, rule: str
) -> None:
    term = record_term(SEEN, born, died, years)

    assert (term.until, term.rule) == (until, rule)
    assert rule in TERM_RULES


@given(
    some.dates(date(1900, 1, 1), date(2100, 1, 1)),
    some.dates(date(1900, 1, 1), date(2100, 1, 1)),
    some.integers(0, 100),
)
def test_no_living_patients_record_goes_before_twenty_years_nor_before_their_twenty_eighth_birthday(
    seen: date, born: date, years: int
) -> None:
    until = record_term(seen, born, None, years).until

    assert until >= years_after(seen, 20)
    assert until >= years_after(born, 28)


def test_a_draft_goes_six_months_after_its_last_change_and_thirty_days_after_a_warning() -> None:
    changed = datetime(2026, 8, 31, 9, 0, tzinfo=UTC)
    end = datetime(2027, 2, 28, 9, 0, tzinfo=UTC)

    assert draft_warning(changed) == end - timedelta(days=30)
    assert draft_end(changed, None) is None
    assert draft_end(changed, end - timedelta(days=30)) == end
    late = end + timedelta(days=100)
    assert draft_end(changed, late) == late + DRAFT_WARNING


def test_a_leap_day_has_its_anniversary_on_the_first_of_march() -> None:
    assert years_after(date(2024, 2, 29), 20) == date(2044, 2, 29)
    assert years_after(date(2024, 2, 29), 21) == date(2045, 3, 1)
    assert months_after(datetime(2026, 1, 31, tzinfo=UTC), 1) == datetime(2026, 2, 28, tzinfo=UTC)
