"""What differs between two contents: nothing between equals, and applied to the first it gives the second."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dermavis.domain.differences import Change, Kind, apply, difference, value_at

plain = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", "é"])
keys = st.sampled_from(["id", "a", "b", "c"])
items = st.lists(
    st.fixed_dictionaries({"id": st.sampled_from("pqrst"), "a": plain}),
    max_size=4,
    unique_by=lambda row: row["id"],
)
contents = st.recursive(
    plain | items,
    lambda inner: st.dictionaries(keys, inner, max_size=4) | st.lists(inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60)
@given(contents)
def test_equal_contents_do_not_differ(content: Any) -> None:
    assert difference(content, content) == []


@settings(max_examples=60)
@given(contents, contents)
def test_the_difference_applied_to_the_first_gives_the_second_and_changes_neither(
    one: Any, other: Any
) -> None:
    kept = repr(one), repr(other)
    made = apply(one, difference(one, other))
    assert difference(made, other) == []
    assert made == other
    assert (repr(one), repr(other)) == kept


@settings(max_examples=60)
@given(contents, contents, st.randoms(use_true_random=False))
def test_the_order_of_keys_means_nothing(one: Any, other: Any, chance: random.Random) -> None:
    shuffled = _shuffled(one, chance)
    assert difference(one, shuffled) == []
    paths = {change.path: change.kind for change in difference(one, other)}
    assert {change.path: change.kind for change in difference(shuffled, _shuffled(other, chance))} == paths


def _shuffled(content: Any, chance: random.Random) -> Any:
    if isinstance(content, list):
        return [_shuffled(item, chance) for item in content]
    if not isinstance(content, dict):
        return content
    names = list(content)
    chance.shuffle(names)
    return {name: _shuffled(content[name], chance) for name in names}


def test_items_are_compared_by_their_id_and_told_when_only_their_order_differs() -> None:
    before = {"photos": [{"id": "p", "view": "close"}, {"id": "q", "view": "overview"}]}
    after = {"photos": [{"id": "r", "view": "scale"}, {"id": "p", "view": "oblique"}]}
    found = {change.path: change for change in difference(before, after)}
    assert found["photos", "q"].kind is Kind.REMOVED
    assert found["photos", "r"] == Change(("photos", "r"), Kind.ADDED, after={"id": "r", "view": "scale"})
    assert found["photos", "p", "view"] == Change(("photos", "p", "view"), Kind.CHANGED, "close", "oblique")
    assert found["photos",].after == ["r", "p"]
    assert value_at(after, ("photos", "p", "view")) == "oblique"
    assert value_at(after, ("photos", "q", "view")) is None


def test_a_yes_is_no_number_and_nothing_is_no_absence() -> None:
    assert difference({"a": True}, {"a": 1}) == [Change(("a",), Kind.CHANGED, True, 1)]
    assert difference({"a": [True]}, {"a": [1]})
    assert difference({"a": None}, {}) == [Change(("a",), Kind.REMOVED)]


def test_a_change_of_another_content_is_refused() -> None:
    with pytest.raises(KeyError):
        apply({"b": 1}, [Change(("a",), Kind.CHANGED, 1, 2)])
