"""The verdict on a picture: its limits, its words, and the same ones on the phone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dermavis.domain.photo_quality import (
    LIMITS,
    LIVE_LIMITS,
    WORDS,
    Limit,
    advice_words,
    client_module,
    judge,
    state_words,
)
from tests.fixtures.servers import ROOT

GOOD = {
    "spread": 180, "edge_ratio": 0.7, "sharpness": 0.6, "dark_share": 0.01, "mean_luma": 120.0, "bright_share": 0.001,
    "glare_share": 0.0, "noise": 0.6, "long_side": 4032,
}  # fmt: skip
RANK = {"green": 0, "amber": 1, "red": 2}
VALUES = st.floats(-10, 6000, allow_nan=False)


def beyond(limit: Limit, bound: float) -> float:
    return bound - 0.001 if limit.least else bound + 0.001


def test_a_good_picture_is_kept_and_nothing_is_said_of_it() -> None:
    verdict = judge(GOOD)
    assert (verdict.colour, verdict.reasons, state_words(verdict), advice_words(verdict)) == (
        "green",
        (),
        "",
        [],
    )


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: f"{limit.reason} {limit.measure}")
def test_each_limit_turns_the_verdict_just_beyond_it_and_not_at_it(limit: Limit) -> None:
    seen = 0
    for colour, bound in (("amber", limit.amber), ("red", limit.red)):
        if bound is None:
            continue
        seen += 1
        at, past = judge(GOOD | {limit.measure: bound}), judge(GOOD | {limit.measure: beyond(limit, bound)})
        assert RANK[past.colour] == RANK[colour] > RANK[at.colour]
        assert past.reasons == (limit.reason,)
        assert past.findings[0].value == beyond(limit, bound)
    assert seen


@given(st.sampled_from(LIMITS), VALUES, VALUES)
def test_a_worse_measure_never_gives_a_better_verdict(limit: Limit, one: float, other: float) -> None:
    worse, better = (min(one, other), max(one, other)) if limit.least else (max(one, other), min(one, other))
    only = (limit,)
    assert (
        RANK[judge({limit.measure: worse}, only).colour] >= RANK[judge({limit.measure: better}, only).colour]
    )


@given(
    st.dictionaries(
        st.sampled_from([limit.measure for limit in LIMITS]), VALUES | st.none() | st.text(max_size=3)
    )
)
def test_any_measures_give_the_worst_of_their_findings_first_and_words_for_each(
    measures: dict[str, object],
) -> None:
    verdict = judge(measures)
    ranks = [RANK[finding.colour] for finding in verdict.findings]
    assert ranks == sorted(ranks, reverse=True)
    assert RANK[verdict.colour] == max(ranks, default=0)
    assert bool(state_words(verdict)) == bool(advice_words(verdict)) == bool(verdict.findings)


def test_what_to_do_is_said_in_eight_words_at_most() -> None:
    assert {limit.reason for limit in (*LIMITS, *LIVE_LIMITS)} == WORDS.keys()
    for words in WORDS.values():
        assert 2 <= len(words.advice.replace("’", "’ ").split()) <= 8, words.advice


def test_the_same_state_is_said_once_and_its_stronger_word_alone() -> None:
    assert state_words(judge(GOOD | {"edge_ratio": 0.45, "sharpness": 0.43})) == "un peu floue"
    assert state_words(judge(GOOD | {"edge_ratio": 0.1, "sharpness": 0.43})) == "floue"
    assert state_words(judge(GOOD | {"edge_ratio": 0.1, "glare_share": 0.02})) == "floue, reflet"


def test_a_measure_that_is_not_there_is_not_judged() -> None:
    assert judge({}).colour == "green"
    assert judge({"long_side": None, "edge_ratio": "0.1"}).colour == "green"


def test_the_phone_has_the_limits_and_the_words_of_the_server() -> None:
    file = ROOT / "static" / "js" / "camera" / "quality-rules.js"
    assert file.read_text("utf-8") == client_module(), (
        'write it anew: .venv/bin/python -c "from dermavis.domain.photo_quality import client_module; '
        f"print(client_module(), end='')\" > {file.relative_to(ROOT)}"
    )
