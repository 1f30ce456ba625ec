"""Whatever a draft holds, what it lacks can be told."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dermavis.adapters.specialty_files import load_specialty
from dermavis.domain.specialty import advisable, describe, missing
from tests.specialties import FOLDER, complete_request

DERMATOLOGY = load_specialty("dermatology")
HAEMATOLOGY = load_specialty("haematology", FOLDER)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(complete_request("dermatology"))), JSON, max_size=12))
def test_no_json_however_wrong_stops_the_check_or_the_reading(request: dict[str, Any]) -> None:
    for specialty in (DERMATOLOGY, HAEMATOLOGY):
        assert missing(specialty, request)
        advisable(specialty, request)
        describe(specialty, request)


def places(part: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value in a JSON content."""
    steps = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    return [path, *(place for step, inner in steps for place in places(inner, (*path, step)))]


@given(st.data())
def test_one_value_replaced_by_any_other_stops_neither_the_check_nor_the_reading(data: st.DataObject) -> None:
    request = complete_request("dermatology")
    path = data.draw(st.sampled_from(places(request)[1:]))
    part: Any = request
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = data.draw(JSON)
    missing(DERMATOLOGY, request)
    describe(DERMATOLOGY, request)


@given(st.data())
def test_completing_a_request_never_makes_it_lack_more_of_what_was_there(data: st.DataObject) -> None:
    whole = complete_request("dermatology")
    left_out = data.draw(
        st.sets(st.sampled_from(["patient", "consent", "contact", "question", "hypothesis"]))
    )
    part = {key: deepcopy(value) for key, value in whole.items() if key not in left_out}
    before = {lack.field for lack in missing(DERMATOLOGY, part)}
    for key in sorted(left_out):
        part[key] = whole[key]
        after = {lack.field for lack in missing(DERMATOLOGY, part)}
        assert after <= before
        before = after
    assert before == set()
