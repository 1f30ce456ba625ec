"""The rules of the photo course."""

from __future__ import annotations

from itertools import pairwise, product

import pytest

from dermavis.domain.errors import InvalidInput
from dermavis.domain.photo_course import PAIRS, STEPS, UNANSWERED, check_pairs, is_held_back, neighbours

RIGHT = {pair.id: pair.right for pair in PAIRS}


@pytest.mark.parametrize("chosen", list(product(("a", "b", ""), repeat=len(PAIRS))))
def test_every_pair_is_answered_rightly_or_named_with_the_reason(chosen: tuple[str, ...]) -> None:
    answers = dict(zip(RIGHT, chosen, strict=True))
    wanting = {
        pair.id: pair.rather if answers[pair.id] else UNANSWERED
        for pair in PAIRS
        if answers[pair.id] != pair.right
    }
    if wanting:
        with pytest.raises(InvalidInput) as refused:
            check_pairs(answers)
        assert refused.value.errors == wanting
    else:
        check_pairs(answers)


def test_an_answer_that_no_form_gives_is_none() -> None:
    with pytest.raises(InvalidInput) as refused:
        check_pairs(RIGHT | {"sharpness": "c"})
    assert refused.value.errors == {"sharpness": UNANSWERED}


def test_the_right_picture_does_not_stand_always_on_one_side() -> None:
    assert {pair.right for pair in PAIRS} == {"a", "b"}
    assert len(PAIRS) == 4


def test_each_step_follows_the_one_before() -> None:
    assert neighbours(STEPS[0])[0] is None
    assert neighbours(STEPS[-1])[1] is None
    for before, after in pairwise(STEPS):
        assert neighbours(before)[1] is after
        assert neighbours(after)[0] is before


@pytest.mark.parametrize(
    ("asked", "lacking", "urgency", "held"),
    [
        (True, True, "routine", True),
        (True, True, "soon", True),
        (True, True, "urgent", False),
        (True, False, "routine", False),
        (False, True, "routine", False),
    ],
)
def test_a_centre_waits_for_the_course_it_asks_for_and_never_with_what_is_urgent(
    asked: bool, lacking: bool, urgency: str, held: bool
) -> None:
    assert is_held_back(asked, lacking, urgency) is held
