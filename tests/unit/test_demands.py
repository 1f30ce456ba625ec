"""What a patient may ask about their data: terms, who proves what, and what a registration lacks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from dermavis.domain.demands import (
    ASKERS,
    CHECKS_OF,
    IDENTITY_CHECKS,
    KINDS,
    OUTCOMES,
    due_on,
    faults,
    first_told_at,
    handing_over,
    is_due_soon,
    may_extend,
    next_told_at,
    reminder_event,
)

TODAY = date(2026, 3, 12)


def _faults(**changes: Any) -> dict[str, str]:
    whole: dict[str, Any] = {
        "kind": "access",
        "asked_by": "patient",
        "who": "",
        "words": "",
        "received": TODAY,
        "died": None,
        "today": TODAY,
    }
    return faults(**whole | changes)


@pytest.mark.parametrize(
    ("received", "extended", "due"),
    [
        (date(2026, 3, 12), False, date(2026, 4, 12)),
        (date(2026, 1, 31), False, date(2026, 2, 28)),
        (date(2028, 1, 31), False, date(2028, 2, 29)),
        (date(2026, 12, 5), False, date(2027, 1, 5)),
        (date(2026, 11, 30), True, date(2027, 2, 28)),
    ],
)
def test_a_demand_is_answered_within_one_month_or_three_once_extended(
    received: date, extended: bool, due: date
) -> None:
    assert due_on("rectification", received, extended) == due


def test_a_record_is_handed_over_between_the_second_and_the_eighth_day() -> None:
    window = handing_over(TODAY)
    assert (window.first, window.last) == (date(2026, 3, 14), date(2026, 3, 20))
    assert due_on("access", TODAY) == window.last
    assert due_on("access", TODAY, extended=True) == date(2026, 5, 12), "older than five years"


def test_a_term_is_extended_once_and_before_it_ends() -> None:
    for kind, last in (("opposition", date(2026, 4, 12)), ("access", date(2026, 3, 20))):
        assert may_extend(kind, TODAY, extended=False, closed=False, today=last)
        assert not may_extend(kind, TODAY, extended=False, closed=False, today=last + timedelta(days=1))
        assert not may_extend(kind, TODAY, extended=True, closed=False, today=TODAY)
        assert not may_extend(kind, TODAY, extended=False, closed=True, today=TODAY)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "hope"}, "kind"),
        ({"asked_by": "neighbour", "who": "M. Roux"}, "asked_by"),
        ({"asked_by": "proxy"}, "who"),
        ({"who": "x" * 201}, "who"),
        ({"kind": "rectification"}, "words"),
        ({"kind": "erasure"}, "words"),
        ({"words": "x" * 4001}, "words"),
        ({"received": None}, "received_on"),
        ({"received": date(2026, 3, 13)}, "received_on"),
        ({"received": date(2025, 3, 1)}, "received_on"),
        ({"asked_by": "heir", "who": "Jeanne Vautrin"}, "died_on"),
        ({"asked_by": "heir", "who": "Jeanne Vautrin", "died": date(2026, 3, 13)}, "died_on"),
    ],
)
def test_what_a_registration_lacks_is_told_beside_its_field(changes: dict[str, Any], field: str) -> None:
    assert _faults() == {}
    assert set(_faults(**changes)) == {field}


def test_every_asker_can_prove_who_they_are_and_every_kind_can_end() -> None:
    assert set(CHECKS_OF) == set(ASKERS)
    assert set().union(*CHECKS_OF.values()) == set(IDENTITY_CHECKS)
    assert set(OUTCOMES) == set(KINDS)
    assert all({"refused", "withdrawn"} < set(outcomes) for outcomes in OUTCOMES.values())


DUE = date(2026, 4, 12)


def _at(month: int, day: int, hour: int) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "first", "after"),
    [
        (_at(3, 12, 9), _at(4, 5, 6), _at(4, 12, 6)),
        (_at(4, 5, 6), _at(4, 5, 6), _at(4, 12, 6)),
        (_at(4, 8, 12), _at(4, 8, 12), _at(4, 12, 6)),
        (_at(4, 12, 6), _at(4, 12, 6), _at(4, 15, 6)),
        (_at(4, 13, 6), _at(4, 13, 6), _at(4, 15, 6)),
        (_at(4, 15, 5), _at(4, 15, 5), _at(4, 15, 6)),
        (_at(4, 15, 6), _at(4, 15, 6), _at(4, 18, 6)),
        (_at(11, 2, 12), _at(11, 2, 12), _at(11, 5, 7)),
    ],
)
def test_who_answers_is_told_a_week_before_the_last_day_on_it_and_every_three_days(
    now: datetime, first: datetime, after: datetime
) -> None:
    assert first_told_at(DUE, now, "Europe/Paris") == first
    assert next_told_at(DUE, now, "Europe/Paris") == after


def test_the_morning_is_that_of_the_site() -> None:
    assert first_told_at(DUE, _at(3, 12, 9), "America/Martinique") == _at(4, 5, 12)


@pytest.mark.parametrize(
    ("today", "soon", "event"),
    [
        (date(2026, 4, 4), False, "demand_due"),
        (date(2026, 4, 5), True, "demand_due"),
        (date(2026, 4, 12), True, "demand_due"),
        (date(2026, 4, 13), True, "demand_late"),
    ],
)
def test_the_last_day_itself_is_not_late(today: date, soon: bool, event: str) -> None:
    assert (is_due_soon(DUE, today), reminder_event(DUE, today)) == (soon, event)
