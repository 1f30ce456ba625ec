"""An answer of the history is accepted, or told in words what it should be."""

from __future__ import annotations

import pytest

from dermavis.adapters.specialty_files import load_specialty
from dermavis.domain.answers import answer_problem, is_empty

DERMATOLOGY = load_specialty("dermatology")


@pytest.mark.parametrize(
    ("question", "value", "problem"),
    [
        ("fever_value", 39.2, None),
        ("fever_value", 44, "Le plus grand nombre possible est 43\u00a0°C."),
        ("fever_value", "39", "Écrivez un nombre."),
        ("fever_value", True, "Écrivez un nombre."),
        ("course", "stable", None),
        ("course", "sideways", "Donnez une réponse, ou «\u00a0Inconnue\u00a0»."),
        ("change", ["size", "shape"], None),
        ("change", ["size", "smell"], "Donnez une réponse, ou «\u00a0Rien\u00a0» ou «\u00a0Inconnu\u00a0»."),
        ("duration", {"unit": "years", "count": 3}, None),
        ("duration", {"unit": "years", "count": 0}, "Écrivez un nombre entier, de 1 à 999."),
        ("duration", {"unit": "centuries"}, "Donnez une réponse, ou «\u00a0Inconnu\u00a0»."),
        ("allergies", "  ", "Écrivez une réponse, ou «\u00a0Aucune\u00a0» ou «\u00a0Inconnu\u00a0»."),
        ("bleeding", False, None),
        ("bleeding", "non", "Donnez une réponse, ou «\u00a0Inconnu\u00a0»."),
    ],
)
def test_an_answer_is_accepted_or_corrected_in_words(
    question: str, value: object, problem: str | None
) -> None:
    asked = next(one for one in DERMATOLOGY.questions if one.id == question)
    assert answer_problem(asked, {"status": "answered", "value": value}) == problem


@pytest.mark.parametrize("answer", [None, {}, {"status": "answered", "value": ""}, {"value": []}, "oui"])
def test_an_answer_without_a_value_is_no_answer(answer: object) -> None:
    assert is_empty(answer)


@pytest.mark.parametrize(
    "answer", [{"status": "none"}, {"status": "unknown"}, {"value": False}, {"value": 0}]
)
def test_none_unknown_no_and_zero_are_answers(answer: object) -> None:
    assert not is_empty(answer)
