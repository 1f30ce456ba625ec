"""Whether two records may be one person: what is proposed, what never is, and that both sides agree."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dermavis.domain.duplicates import Known, Likeness, likeness

SITE, ELSEWHERE = UUID(int=1), UUID(int=2)
NUMBERS = ("279035121518989", "185022A00404289", "")
TRAITS = st.fixed_dictionaries(
    {
        "birth_name": st.sampled_from(
            ["Vautrin", "VAUTRIN", "Vautrain", "Le Goff", "Hélène", "Rose Vautrin", ""]
        ),
        "first_name": st.sampled_from(
            ["Hélène", "Helene", "Anne-Marie", "Marie Anne", "Rose", "Vautrin", ""]
        ),
        "birth_date": st.sampled_from(["1958-03-12", "1958-12-03", "1958-03-21", "1961-05-04", None]),
        "sex": st.sampled_from(["F", "M", "U", None]),
        "ins": st.sampled_from(NUMBERS),
    }
)
PLACES = st.sampled_from([SITE, ELSEWHERE])


def _known(place: UUID = SITE, **changes: Any) -> Known:
    traits = {
        "birth_name": "Vautrin",
        "first_name": "Hélène",
        "birth_date": "1958-03-12",
        "sex": "F",
        "ins": "",
    }
    return Known(uuid4(), place, traits | changes)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, Likeness.SAME_TRAITS),
        ({"birth_name": "VAUTRIN", "first_name": "Helene"}, Likeness.SAME_TRAITS),
        ({"sex": "U"}, Likeness.SAME_TRAITS),
        ({"birth_name": "Hélène", "first_name": "Vautrin"}, Likeness.OTHER_ORDER),
        ({"birth_name": "Vautrain"}, Likeness.ONE_SLIP),
        ({"first_name": "Hélèen"}, Likeness.ONE_SLIP),
        ({"birth_date": "1958-03-13"}, Likeness.ONE_SLIP),
        ({"birth_date": "1958-12-03"}, Likeness.ONE_SLIP),
        ({"birth_name": "Vautrain", "first_name": "Hélèn"}, None),
        ({"birth_name": "Vautrain", "birth_date": "1958-03-13"}, None),
        ({"sex": "M"}, None),
        ({"first_name": "Rose"}, None),
        ({"birth_date": None}, None),
        ({"birth_name": ""}, None),
    ],
)
def test_accents_order_and_one_typing_error_are_proposed_and_no_more(
    changes: dict[str, Any], why: Likeness | None
) -> None:
    assert likeness(_known(), _known(**changes)) is why


def test_compound_first_names_are_the_same_in_either_order() -> None:
    one, other = _known(first_name="Anne-Marie"), _known(first_name="Marie Anne")
    assert likeness(one, other) is Likeness.OTHER_ORDER


def test_short_names_are_not_each_other_mistyped() -> None:
    assert likeness(_known(birth_name="Li"), _known(birth_name="Lu")) is None


def test_one_number_is_one_person_however_it_is_written_and_two_never_are() -> None:
    numbered = _known(ins="279035121518989")
    assert likeness(numbered, _known(ins="279035121518989", first_name="Rose")) is Likeness.SAME_INS
    assert likeness(numbered, _known(ins="185022A00404289")) is None
    assert likeness(numbered, _known()) is Likeness.SAME_TRAITS


@given(TRAITS, TRAITS, PLACES, PLACES)
def test_both_sides_agree_within_one_site_and_never_on_two_numbers(
    one: dict[str, Any], other: dict[str, Any], here: UUID, there: UUID
) -> None:
    left, right = Known(uuid4(), here, one), Known(uuid4(), there, other)
    found = likeness(left, right)
    assert found is likeness(right, left)
    if here != there or (one["ins"] and other["ins"] and one["ins"] != other["ins"]):
        assert found is None
    if here == there and one["ins"] and one["ins"] == other["ins"]:
        assert found is Likeness.SAME_INS
    assert likeness(left, left) is None
