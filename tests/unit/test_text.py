"""Text is cleaned once, at entry, and names are found whatever the spelling habit."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dermavis.domain.text import (
    clean,
    digits,
    is_email,
    name_keys,
    normalise_code,
    normalise_email,
    normalise_name,
    plain,
    search_words,
    towards,
    whole_number,
)

ANY_TEXT = st.text(st.characters(codec=None), max_size=80)

TWINS = [
    ("D’Aubigné", "D'AUBIGNE"),
    ("D’Aubigné", "d aubigne"),
    ("N'Guyên-Đặng", "nguyen dang"),
    ("Le Goff\u2011Martin", "Le Goff-Martin"),
    ("Le Goff\u2011Martin", "legoffmartin"),
    ("Ÿ", "y"),
    ("L’Haÿ", "lhay"),
    ("Lebœuf", "LEBOEUF"),
    ("LEBŒUF", "leboeuf"),
    ("Æbi", "aebi"),
    ("He\u0301le\u0300ne", "Hélène"),
    ("Muñoz", "munoz"),
    ("Straße", "STRASSE"),
    ("Łukasz", "lukasz"),
    ("O’Brien", "Oʼbrien"),
    ("Ｍａｒｔｉｎ", "martin"),
]


@pytest.mark.parametrize(("one", "other"), TWINS)
def test_a_name_is_found_by_either_spelling(one: str, other: str) -> None:
    assert normalise_name(one) == normalise_name(other) != ""


@pytest.mark.parametrize(
    "name", ["D’Aubigné", "N'Guyên-Đặng", "Le Goff\u2011Martin", "Ÿ", "Œuvrard", "X", "Ó"]
)
def test_a_name_is_shown_as_typed(name: str) -> None:
    assert clean(name) == name


def test_a_decomposed_accent_is_composed_at_entry() -> None:
    assert clean("e\u0301") == "é"


@pytest.mark.parametrize("sign", ["%", "_", "％", "*", "?", "'", "’", "-", " "])
def test_search_signs_find_nothing(sign: str) -> None:
    assert search_words("martin") == ("martin",)
    assert search_words(sign) == ()


def test_a_search_is_cut_into_words_and_not_at_apostrophes() -> None:
    assert search_words("  Le\u00a0Goff d’Aubigné ") == ("le", "goff", "daubigne")


def test_a_double_name_is_found_whole_and_by_each_part() -> None:
    assert name_keys("Perrot-Gaudin") == ("perrotgaudin", "perrot", "gaudin")
    assert name_keys("Martin") == ("martin",)


@pytest.mark.parametrize(
    "hostile",
    ["\x00", "\x1b", "\x7f", "\x9f", "\ud800", "\u202e", "\u2066", "\u200f", "\ufeff", "\u00ad", "\ufffe"],
)
def test_what_no_person_types_is_taken_out(hostile: str) -> None:
    assert hostile in f"Mar{hostile}tin"
    assert clean(f"Mar{hostile}tin") == "Martin"
    assert clean(f"Mar{hostile}tin", multiline=True) == "Martin"


def test_lines_are_kept_only_where_they_are_meant() -> None:
    assert clean("un\r\n\tdeux\u2028trois") == "un deux trois"
    assert clean("un \r\ndeux\u2028trois\n\n\n\nquatre\n", multiline=True) == "un\ndeux\ntrois\n\nquatre"


def test_typographic_blanks_stay() -> None:
    assert clean("12\u00a0mm\u202f?") == "12\u00a0mm\u202f?"


@given(ANY_TEXT, st.booleans())
def test_cleaning_twice_changes_nothing_and_leaves_only_sound_text(text: str, multiline: bool) -> None:
    once = clean(text, multiline)
    assert clean(once, multiline) == once
    assert unicodedata.is_normalized("NFC", once)
    assert once.encode("utf-8").decode("utf-8") == once
    assert once == once.strip()
    allowed = "\n\u200c\u200d" if multiline else "\u200c\u200d"
    assert not [s for s in once if unicodedata.category(s) in {"Cc", "Cf", "Cs"} and s not in allowed]


@given(ANY_TEXT)
def test_a_compared_name_holds_only_letters_and_digits_and_stays_the_same_compared_again(text: str) -> None:
    key = normalise_name(text)
    assert key == "" or key.isalnum()
    assert normalise_name(key) == key


@given(ANY_TEXT)
@example("\u13a0")
def test_cleaning_does_not_change_how_a_name_is_compared(text: str) -> None:
    assert normalise_name(clean(text)) == normalise_name(clean(clean(text)))
    assert plain(clean(text)) == plain(clean(text)).lower()


@pytest.mark.parametrize(
    "typed",
    [
        "123456",
        "123 456",
        "123-456\n",
        "１２３４５６",
        "123\u00a0456",
        "\u200b123\u2011456",
        "١٢٣٤٥٦",
        " 1 2 3 4 5 6 ",
    ],
)
def test_a_code_is_accepted_however_it_is_typed_or_pasted(typed: str) -> None:
    assert normalise_code(typed) == "123456"


def test_a_code_keeps_its_first_zero() -> None:
    assert normalise_code("012 345") == "012345"


@pytest.mark.parametrize("typed", ["12345a", "12²", "code 123456", "½"])
def test_a_code_with_letters_is_no_code(typed: str) -> None:
    assert normalise_code(typed) == ""


@given(st.text(max_size=40))
def test_digits_are_ascii(text: str) -> None:
    assert digits(text) == "" or (digits(text).isascii() and digits(text).isdigit())


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("42", 42), ("007", 7), ("999999999", 999_999_999)])
def test_a_whole_number_is_read(text: str, number: int) -> None:
    assert whole_number(text) == number


@pytest.mark.parametrize("text", ["", "-1", "1.5", " 1", "１", "²", "1000000000", "9" * 5000])
def test_what_is_no_number_or_fits_no_column_is_none(text: str) -> None:
    assert whole_number(text) is None


def test_a_number_over_its_most_is_none() -> None:
    assert whole_number("12", 12) == 12
    assert whole_number("13", 12) is None


def test_an_address_is_compared_without_case_or_blanks() -> None:
    assert normalise_email("Nom@Exemple.fr ") == "nom@exemple.fr"
    assert normalise_email("\u202enom@exemple.fr\u00a0") == "nom@exemple.fr"


@pytest.mark.parametrize("address", ["nom@exemple.fr", "a.b+c@sous.domaine.fr", "o'brien@exemple.fr"])
def test_a_plausible_address_is_accepted(address: str) -> None:
    assert is_email(address)


@pytest.mark.parametrize(
    "address",
    ["", "nom", "nom@", "@exemple.fr", "nom@exemple", "a@b@exemple.fr", "a b@exemple.fr", "nom@-x.fr",
     "nom@exemple..fr", "nom@exemple.fr\r\nBcc: x@y.fr", ".nom@exemple.fr", "n" * 65 + "@exemple.fr", '"a"@b.fr'],
)  # fmt: skip
def test_an_impossible_address_is_refused(address: str) -> None:
    assert not is_email(address)


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("CH de Chalon", "au CH de Chalon"),
        ("CHU de Dijon", "au CHU de Dijon"),
        ("Centre hospitalier de Sens", "au Centre hospitalier de Sens"),
        ("Maison de santé des Tilleuls", "à la Maison de santé des Tilleuls"),
        ("Hôpital Nord", "à l’Hôpital Nord"),
        ("EHPAD Les Tilleuls", "à l’EHPAD Les Tilleuls"),
        ("Chablis Dermatologie", "à Chablis Dermatologie"),
        ("votre centre", "à votre centre"),
        ("", "à "),
    ],
)
def test_a_place_is_led_to_as_people_say_it(place: str, words: str) -> None:
    assert towards(place) == words
