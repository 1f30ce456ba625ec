"""Every French number is accepted, overseas included, and shown as people write it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dermavis.domain.phones import normalise_phone, phone_link, show_phone

KEPT = [
    ("06 39 98 00 12", "+33639980012", "06 39 98 00 12"),
    ("0639980012", "+33639980012", "06 39 98 00 12"),
    ("+33(0)6 39 98 00 12", "+33639980012", "06 39 98 00 12"),
    ("+33 (0) 6 39 98 00 12", "+33639980012", "06 39 98 00 12"),
    ("0033 6 39 98 00 12", "+33639980012", "06 39 98 00 12"),
    ("+33 06.39.98.00.12", "+33639980012", "06 39 98 00 12"),
    ("tel:+33639980012", "+33639980012", "06 39 98 00 12"),
    ("０６３９９８００１２", "+33639980012", "06 39 98 00 12"),
    ("\u202d06\u00a039\u202f98-00-12\u202c", "+33639980012", "06 39 98 00 12"),
    ("01 99 00 12 34", "+33199001234", "01 99 00 12 34"),
    ("0690 12 34 56", "+590690123456", "0690 12 34 56"),
    ("+33 690 12 34 56", "+590690123456", "0690 12 34 56"),
    ("+590 690 12 34 56", "+590690123456", "0690 12 34 56"),
    ("+590 (0)690 12 34 56", "+590690123456", "0690 12 34 56"),
    ("0590 12 34 56", "+590590123456", "0590 12 34 56"),
    ("0692123456", "+262692123456", "0692 12 34 56"),
    ("0693123456", "+262693123456", "0693 12 34 56"),
    ("0639123456", "+262639123456", "0639 12 34 56"),
    ("0262123456", "+262262123456", "0262 12 34 56"),
    ("0269123456", "+262269123456", "0269 12 34 56"),
    ("0696123456", "+596696123456", "0696 12 34 56"),
    ("0697123456", "+596697123456", "0697 12 34 56"),
    ("0694123456", "+594694123456", "0694 12 34 56"),
    ("+687 12 34 56", "+687123456", "+687 12 34 56"),
    ("00687 123456", "+687123456", "+687 12 34 56"),
    ("+689 87 12 34 56", "+68987123456", "+689 87 12 34 56"),
    ("+508 41 12 34", "+508508411234", "0508 41 12 34"),
    ("15", "15", "15"),
    ("3624", "3624", "36 24"),
    ("+41 22 123 45 67", "+41221234567", "+41221234567"),
]


@pytest.mark.parametrize(("typed", "kept", "shown"), KEPT)
def test_a_number_is_kept_in_one_form_and_shown_in_the_usual_one(typed: str, kept: str, shown: str) -> None:
    assert normalise_phone(typed) == kept
    assert show_phone(kept) == shown.replace(" ", "\u00a0")
    assert phone_link(kept) == f"tel:{kept}"


def test_a_local_number_of_new_caledonia_is_known_by_its_place() -> None:
    assert normalise_phone("12 34 56", territory="988") == "+687123456"
    assert normalise_phone("12 34 56") is None


@pytest.mark.parametrize(
    "typed",
    ["", "06 39 98 00", "06 39 98 00 123", "00 00 00 00 00", "appelez-moi", "06 39 98 00 1x",
     "+", "++33639980012", "+33 6 39 98 00", "+590 596 12 34 56", "+687 12 34", "+123456", "½639980012"],
)  # fmt: skip
def test_an_impossible_number_is_refused(typed: str) -> None:
    assert normalise_phone(typed) is None


def test_only_a_number_is_dialled() -> None:
    assert phone_link("") == ""
    assert phone_link("javascript:1") == ""


@given(st.text(max_size=30), st.sampled_from(["", "988", "971"]))
def test_a_kept_number_is_kept_as_it_is_and_its_shown_form_is_read_back(text: str, territory: str) -> None:
    kept = normalise_phone(text, territory)
    if kept is not None:
        assert normalise_phone(kept) == kept
        assert normalise_phone(show_phone(kept)) == kept


@given(st.from_regex(r"0[1-9][0-9]{8}", fullmatch=True))
def test_every_ten_digit_french_number_is_accepted(number: str) -> None:
    kept = normalise_phone(number)
    assert kept is not None
    assert kept.endswith(number[1:])
    assert normalise_phone(show_phone(kept)) == kept
