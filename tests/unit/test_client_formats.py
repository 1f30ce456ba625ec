"""Formats of the JSON interface: accepted until their last day, old afterwards, waited for before their time."""

from __future__ import annotations

from datetime import date

import pytest

from dermavis.domain.client_formats import ACCEPTED_UNTIL, spoken, standing

TODAY = date(2026, 3, 12)
FORMATS = {2: date(2026, 3, 11), 3: TODAY, 4: None}


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (4, "accepted"),
        (3, "accepted"),
        (2, "old"),
        (1, "old"),
        (0, "old"),
        (-1, "old"),
        (5, "newer"),
        (None, "old"),
        ("4", "old"),
        (True, "old"),
        (4.0, "old"),
    ],
)
def test_a_format_is_accepted_until_the_end_of_its_last_day(number: object, expected: str) -> None:
    assert standing(number, TODAY, FORMATS) == expected


def test_only_the_newest_format_has_no_last_day() -> None:
    assert [number for number, last in ACCEPTED_UNTIL.items() if last is None] == [spoken()]
