"""What a corrected identity says, how sure it still is, and when it would be somebody else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dermavis.domain.identity import OID_NIR
from dermavis.domain.identity_corrections import corrected, is_other_person, refreshed, written_status
from dermavis.domain.typing_errors import within_one_slip

INS = "279035121518989"
NAMES = st.text("abcde", max_size=6)


def _identity(**changes: Any) -> dict[str, Any]:
    return {
        "birth_name": "Vautrin",
        "used_name": "",
        "first_name": "Hélène",
        "given_names": "",
        "birth_date": "1958-03-12",
        "sex": "F",
        "birthplace_insee": "",
        "ins": INS,
        "ins_oid": OID_NIR,
        "phone": "+33639980013",
        "identity_status": "qualified",
        "document": "carte d’identité",
    } | changes


def test_a_changed_strict_trait_takes_the_number_and_the_status_away() -> None:
    after = corrected(_identity(), {"birth_name": "Vautrain"}, "")
    assert (after["ins"], after["ins_oid"], after["document"]) == ("", "", "")
    assert after["identity_status"] == "provisional"
    assert after["phone"] == "+33639980013"


def test_a_document_checked_for_the_new_traits_makes_it_valid_and_no_more() -> None:
    after = corrected(_identity(), {"birth_name": "Vautrain"}, "passeport")
    assert (after["identity_status"], after["document"], after["ins"]) == ("validated", "passeport", "")


@pytest.mark.parametrize(
    ("before", "document", "status"),
    [
        ("provisional", "", "provisional"),
        ("provisional", "passeport", "validated"),
        ("retrieved", "passeport", "qualified"),
        ("qualified", "", "qualified"),
    ],
)
def test_a_used_name_costs_nothing_and_a_document_adds(before: str, document: str, status: str) -> None:
    was = _identity(identity_status=before)
    after = corrected(was, {"used_name": "d’Aubigné"}, document)
    assert (after["identity_status"], after["ins"]) == (status, INS)


@pytest.mark.parametrize(
    ("changes", "other"),
    [
        ({"birth_name": "Martin"}, False),
        ({"birth_name": "Martin", "birth_date": "1958-12-03"}, False),
        ({"first_name": "Rose", "sex": "M"}, False),
        ({"birth_name": "VAUTRAIN", "first_name": "Helene", "birth_date": "1985-03-12"}, False),
        ({"birth_name": "Martin", "first_name": "Rose"}, True),
        ({"first_name": "Rose", "birth_date": "1961-05-04"}, True),
    ],
)
def test_two_traits_of_which_nothing_is_left_are_another_person(changes: dict[str, str], other: bool) -> None:
    assert is_other_person(_identity(), _identity(**changes)) is other


def test_what_was_empty_is_completed_not_exchanged() -> None:
    assert not is_other_person({"birth_name": "", "first_name": "", "birth_date": None}, _identity())


def test_an_old_copy_takes_the_identity_of_today_and_keeps_its_own_telephone() -> None:
    old, now = _identity(birth_name="Vautrim"), _identity()
    told = old | {"phone": "+33612345678"}
    assert refreshed(told, now, [old]) == now | {"phone": "+33612345678"}
    new = _identity(birth_name="Vautrin-Roy")
    assert refreshed(new, now, [old]) == new, "what was never known here is news"


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("dupont", "dupond", True),
        ("dupont", "dupon", True),
        ("dupont", "duopnt", True),
        ("dupont", "duponnt", True),
        ("dupont", "dupont", True),
        ("dupont", "dpuotn", False),
        ("dupont", "durand", False),
        ("", "ab", False),
    ],
)
def test_one_slip_of_the_fingers(one: str, other: str, near: bool) -> None:
    assert within_one_slip(one, other) is near


@given(NAMES, NAMES)
def test_a_slip_goes_both_ways(one: str, other: str) -> None:
    assert within_one_slip(one, other) == within_one_slip(other, one)


@given(NAMES, st.integers(0, 6), st.sampled_from("abcdez"))
def test_any_one_letter_added_is_a_slip(name: str, place: int, letter: str) -> None:
    assert within_one_slip(name, name[:place] + letter + name[place:])


@pytest.mark.parametrize("claimed", ["provisional", "retrieved", "validated", "qualified"])
def test_a_scan_alone_is_no_answer_of_the_national_service(claimed: str) -> None:
    scanned = _identity(identity_status=claimed, document="")
    assert written_status(scanned, None) == "provisional"
    assert written_status(scanned | {"document": "passeport"}, None) in {"provisional", "validated"}


def test_a_record_lends_what_the_service_said_to_the_same_traits_and_number_alone() -> None:
    record = _identity(identity_status="qualified")
    assert written_status(_identity(identity_status="qualified"), record) == "qualified"
    assert written_status(_identity(identity_status="provisional"), record) == "retrieved"
    for other in ({"birth_name": "Vautrain"}, {"ins": ""}, {"birth_date": "1958-03-13"}):
        assert written_status(_identity(identity_status="qualified") | other, record) == "validated"


def test_a_number_of_the_test_series_is_never_qualified() -> None:
    record = _identity(identity_status="qualified", ins_oid="1.2.250.1.213.1.4.10")
    assert written_status(record, record) == "validated"
