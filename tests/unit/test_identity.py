"""Numbers of patients, professionals and places; and how sure an identity is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from dermavis.domain.identity import (
    OID_NIA,
    OID_NIR,
    TEST_OIDS,
    IdentityMark,
    IdentityStatus,
    identity_status,
    may_carry_ins,
    normalise_finess,
    normalise_nir,
    normalise_rpps,
    show_nir,
    status_fault,
)

NUMBERS = [
    ("1 85 02 2A 004 042", "89"),
    ("294032b120005", "78"),
    ("2 90 05 974 11 042", "76"),
    ("1 70 06 988 18 042", "40"),
    ("2 82 04 99 352 042", "34"),
    ("1 55 03 92 352 042", "28"),
    ("1 90 01 75 112 056", "09"),
    ("1 90 01 75 112 065", "97"),
    ("2790351215189", "89"),
]


@pytest.mark.parametrize(("typed", "key"), NUMBERS)
def test_a_real_number_is_accepted_with_its_key_and_completed_without(typed: str, key: str) -> None:
    whole = typed.replace(" ", "").upper() + key
    assert normalise_nir(f"{typed} {key}") == whole
    assert normalise_nir(typed) == whole
    assert len(whole) == 15


@pytest.mark.parametrize(("typed", "key"), NUMBERS)
def test_a_wrong_key_is_refused(typed: str, key: str) -> None:
    assert normalise_nir(f"{typed} {(int(key) + 1) % 98:02}") is None


@pytest.mark.parametrize("first", "123478")
def test_every_sex_digit_in_use_is_accepted(first: str) -> None:
    assert normalise_nir(f"{first}900175112056") is not None


@pytest.mark.parametrize("first", "0569")
def test_other_sex_digits_are_refused(first: str) -> None:
    assert normalise_nir("1900175112056") is not None
    assert normalise_nir(f"{first}900175112056") is None


@pytest.mark.parametrize("month", range(100))
def test_months_are_those_that_the_register_gives(month: int) -> None:
    real = month in {*range(1, 13), 20, *range(30, 43), *range(50, 100)}
    assert (normalise_nir(f"190{month:02}75112056") is not None) == real


@pytest.mark.parametrize(
    "typed", ["", "190017511205", "19001751120560", "1 90 01 2C 112 056", "A900175112056"]
)
def test_a_number_of_another_shape_is_refused(typed: str) -> None:
    assert normalise_nir(typed) is None


def test_a_number_is_shown_in_groups_that_do_not_break() -> None:
    assert show_nir("185022A00404289") == "1 85 02 2A 004 042 89".replace(" ", "\u00a0")


@given(st.text(max_size=24))
def test_what_is_accepted_once_is_accepted_unchanged(text: str) -> None:
    for normalise in (normalise_nir, normalise_rpps, normalise_finess):
        kept = normalise(text)
        assert kept is None or normalise(kept) == kept


@given(st.integers(0, 10**10 - 1))
def test_an_rpps_is_eleven_digits_with_their_key(base: int) -> None:
    body = f"{base:010}"
    key = luhn.calc_check_digit(body)
    assert normalise_rpps(f" {body[:5]} {body[5:]}{key}") == body + key
    assert normalise_rpps(f"8{body}{key}") == body + key
    assert normalise_rpps(body + str((int(key) + 1) % 10)) is None


@pytest.mark.parametrize("typed", ["", "1234567890", "ABCDEFGHIJK", "123456789012"])
def test_an_rpps_of_another_shape_is_refused(typed: str) -> None:
    assert normalise_rpps(typed) is None


@given(st.integers(1, 10**6 - 1), st.sampled_from(["71", "01", "2A", "2B", "97"]))
def test_a_finess_passes_luhn_in_corsica_too(base: int, department: str) -> None:
    counted = department.replace("A", "1").replace("B", "2") + f"{base:06}"
    key = luhn.calc_check_digit(counted)
    whole = f"{department}{base:06}{key}"
    assert normalise_finess(whole.lower()) == whole
    assert normalise_finess(f"{whole[:-1]}{(int(key) + 1) % 10}") is None


def test_a_finess_gets_its_first_zero_back_and_loses_the_cda_prefix() -> None:
    whole = "01078000" + luhn.calc_check_digit("01078000")
    assert normalise_finess(whole[1:]) == whole
    assert normalise_finess("1" + whole) == whole


@pytest.mark.parametrize("typed", ["", "000000000", "2C0000014", "71", "7100000000000"])
def test_a_finess_of_another_shape_is_refused(typed: str) -> None:
    assert normalise_finess(typed) is None


@pytest.mark.parametrize(
    ("from_service", "checked", "status"),
    [
        (False, False, IdentityStatus.PROVISIONAL),
        (True, False, IdentityStatus.RETRIEVED),
        (False, True, IdentityStatus.VALIDATED),
        (True, True, IdentityStatus.QUALIFIED),
    ],
)
def test_a_status_is_what_was_retrieved_and_what_was_checked(
    from_service: bool, checked: bool, status: IdentityStatus
) -> None:
    assert identity_status(from_service, checked, OID_NIR) is status
    assert identity_status(from_service, checked, OID_NIR, [IdentityMark.HOMONYM]) is status
    assert may_carry_ins(status, OID_NIR) == (status is IdentityStatus.QUALIFIED)


@given(st.booleans(), st.booleans(), st.sampled_from(sorted(TEST_OIDS)))
def test_a_test_identity_is_never_qualified(from_service: bool, checked: bool, oid: str) -> None:
    status = identity_status(from_service, checked, oid)
    assert status in {IdentityStatus.PROVISIONAL, IdentityStatus.VALIDATED}
    assert not may_carry_ins(IdentityStatus.QUALIFIED, oid)


@pytest.mark.parametrize("mark", [IdentityMark.DOUBTFUL, IdentityMark.FICTITIOUS])
def test_a_doubtful_or_fictitious_identity_stays_provisional(mark: IdentityMark) -> None:
    assert identity_status(True, True, OID_NIA, [mark]) is IdentityStatus.PROVISIONAL


def test_a_claimed_status_must_have_its_proofs() -> None:
    real = "185022A00404289"
    assert status_fault("qualified", real, OID_NIR, "carte d’identité") is None
    assert status_fault("validated", "", "", "passeport") is None
    assert status_fault("provisional", "", "", "") is None
    assert status_fault("qualified", real, OID_NIR, "") is not None
    assert status_fault("qualified", "", "", "passeport") is not None
    assert status_fault("retrieved", real, min(TEST_OIDS), "") is not None
    assert status_fault("validated", "", "", "") is not None
