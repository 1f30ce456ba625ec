"""Postcodes and commune codes, overseas and Corsica included."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dermavis.domain.places import (
    TERRITORIES,
    normalise_commune_code,
    normalise_postcode,
    territory_of_commune,
    territory_of_postcode,
)


@pytest.mark.parametrize(
    ("typed", "kept", "territory"),
    [
        ("71100", "71100", "71"),
        (" 71 100 ", "71100", "71"),
        ("1310", "01310", "01"),
        ("20000", "20000", "2A"),
        ("20200", "20200", "2B"),
        ("97133", "97133", "977"),
        ("97150", "97150", "978"),
        ("97200", "97200", "972"),
        ("97410", "97410", "974"),
        ("98000", "98000", "980"),
        ("98800", "98800", "988"),
        ("７１１００", "71100", "71"),
    ],
)
def test_a_postcode_is_kept_whole_and_points_to_a_territory(typed: str, kept: str, territory: str) -> None:
    assert normalise_postcode(typed) == kept
    assert territory_of_postcode(kept) == territory


@pytest.mark.parametrize(
    "typed", ["", "123", "00100", "96000", "97900", "98100", "99352", "711000", "7110O", "B-1000"]
)
def test_an_impossible_postcode_is_refused(typed: str) -> None:
    assert normalise_postcode(typed) is None


@pytest.mark.parametrize(
    ("typed", "kept", "territory"),
    [
        ("2a004", "2A004", "2A"),
        ("71076", "71076", "71"),
        ("1004", "01004", "01"),
        ("97105", "97105", "971"),
        ("97701", "97701", "977"),
        ("98818", "98818", "988"),
        ("99999", "99999", ""),
        ("99352", "99352", ""),
        ("92352", "92352", "92"),
    ],
)
def test_a_birthplace_code_is_kept(typed: str, kept: str, territory: str) -> None:
    assert normalise_commune_code(typed) == kept
    assert territory_of_commune(kept) == territory


@pytest.mark.parametrize("typed", ["", "2C004", "710", "Mâcon", "00123", "710766"])
def test_an_impossible_birthplace_code_is_refused(typed: str) -> None:
    assert normalise_commune_code(typed) is None


@given(st.text(max_size=12))
def test_whatever_is_typed_gives_a_known_territory_or_nothing(text: str) -> None:
    postcode, commune = normalise_postcode(text), normalise_commune_code(text)
    if postcode is not None:
        assert territory_of_postcode(postcode) in TERRITORIES
        assert normalise_postcode(postcode) == postcode
    if commune is not None:
        assert normalise_commune_code(commune) == commune
        assert territory_of_commune(commune) in TERRITORIES | {""}
