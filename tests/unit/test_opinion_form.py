"""The opinion's form read into the opinion's content."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from werkzeug.datastructures import MultiDict

from blueprints.cases.opinion_form import call_hour_problem, hour_passed, read_form
from dermavis.domain.opinions import read_opinion

NOW = datetime(2026, 3, 12, 9, 5, tzinfo=UTC)  # 10:05 in Paris


@pytest.mark.parametrize(
    ("typed", "then"),
    [
        ("08:50", datetime(2026, 3, 12, 7, 50, tzinfo=UTC)),
        ("8 h 50", datetime(2026, 3, 12, 7, 50, tzinfo=UTC)),
        ("8h", datetime(2026, 3, 12, 7, 0, tzinfo=UTC)),
        ("10 h 08", datetime(2026, 3, 12, 9, 8, tzinfo=UTC)),
        ("23:40", None),
        ("ce matin", None),
        ("25:00", None),
        ("", None),
    ],
)
def test_an_hour_is_one_of_the_day_that_has_passed(typed: str, then: datetime | None) -> None:
    assert hour_passed(typed, NOW, "Europe/Paris") == then


def test_just_after_midnight_an_hour_of_the_evening_is_the_evening_before() -> None:
    after_midnight = datetime(2026, 3, 12, 23, 10, tzinfo=UTC)  # 00:10 in Paris
    assert hour_passed("23 h 50", after_midnight, "Europe/Paris") == datetime(2026, 3, 12, 22, 50, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hour", "said"),
    [
        ("25h99", "Écrivez l’heure"),
        ("23 h 50", "pas encore passée"),
        ("9 h 29", "avant l’envoi"),
        ("9 h 30", ""),
    ],
)
def test_the_hour_of_a_call_lies_between_the_sending_and_now(hour: str, said: str) -> None:
    sent_at = datetime(2026, 3, 12, 8, 30, 40, tzinfo=UTC)
    form = MultiDict({"destination": "emergency", "calls.0.made": "1", "call_hour": hour})
    problem = call_hour_problem(form, NOW, "Europe/Paris", sent_at)
    assert said in problem
    assert bool(problem) == bool(said)
    form["destination"] = "gp"
    assert call_hour_problem(form, NOW, "Europe/Paris", sent_at) == ""


def test_only_the_calls_that_were_made_are_kept() -> None:
    form = MultiDict(
        [
            ("calls.0.whom", "Dr Hennequin"),
            ("calls.1.whom", "Dr Valence"),
            ("calls.1.made", "1"),
            ("call_hour", "9:00"),
        ]
    )
    (call,) = read_opinion(read_form(form, NOW, "Europe/Paris")).calls
    assert (call.whom, call.at) == ("Dr Valence", datetime(2026, 3, 12, 8, 0, tzinfo=UTC))


def test_impossible_is_no_certainty_and_blank_rows_are_nothing() -> None:
    form = MultiDict(
        [
            ("lesions.0.certainty", "impossible"),
            ("lesions.0.treatments.0.drug", ""),
            ("lesions.0.treatments.1.drug", "Émollient"),
            ("lesions.0.differentials", "\r\nVerrue\r\n \r\n"),
            ("lesions.99.diagnosis", "ailleurs"),
            ("lesions.x.diagnosis", "ailleurs"),
        ]
    )
    (lesion,) = read_opinion(read_form(form, NOW, "Europe/Paris")).lesions
    assert (lesion.impossible, lesion.certainty, lesion.differentials) == (True, None, ["Verrue"])
    assert [row.drug for row in lesion.treatments] == ["Émollient"]


def test_a_number_of_weeks_ticks_its_box_and_views_count_only_when_theirs_is_ticked() -> None:
    form = MultiDict([("follow_up_weeks", "6"), ("retake_views", "scale")])
    unticked = read_opinion(read_form(form, NOW, "Europe/Paris"))
    assert (unticked.follow_up_weeks, unticked.retake, unticked.retake_views) == (6, False, [])
    form.setlist("follow_up", ["1"])
    form.setlist("retake", ["1"])
    ticked = read_opinion(read_form(form, NOW, "Europe/Paris"))
    assert (ticked.follow_up_weeks, ticked.retake, ticked.retake_views) == (6, True, ["scale"])
