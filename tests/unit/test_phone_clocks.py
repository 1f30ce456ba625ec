"""A phone's clock that is off: how far, in words, and what the instants that it noted mean."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dermavis.domain.phone_clocks import clock_words, righted, seconds_ahead

NOW = datetime(2026, 3, 12, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("off", "expected"),
    [
        (timedelta(minutes=5), ""),
        (timedelta(minutes=-5), ""),
        (timedelta(minutes=6), "avance de 6\u00a0minutes"),
        (timedelta(hours=-1), "retarde de 1\u00a0heure"),
        (timedelta(days=2), "avance de 2\u00a0jours"),
        (timedelta(days=-3652), "retarde de 10\u00a0ans"),
    ],
)
def test_a_clock_far_off_is_told_in_words(off: timedelta, expected: str) -> None:
    assert clock_words(seconds_ahead(NOW + off, NOW)) == expected


def test_a_phone_that_tells_no_time_is_not_off() -> None:
    assert seconds_ahead(None, NOW) is None


@pytest.mark.parametrize("off", [timedelta(days=2), timedelta(days=-3652), timedelta()])
def test_an_instant_is_put_right_by_what_the_clock_was_off(off: timedelta) -> None:
    an_hour_ago = NOW - timedelta(hours=1)
    assert righted(an_hour_ago + off, seconds_ahead(NOW + off, NOW), NOW) == an_hour_ago


def test_nothing_was_noted_in_the_future() -> None:
    assert righted(NOW + timedelta(days=1), None, NOW) == NOW
