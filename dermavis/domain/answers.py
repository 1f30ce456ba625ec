"""Whether an answer of the history is one of those that its question allows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dermavis.domain.phrases import number
from dermavis.domain.specialty_schema import Question
from dermavis.domain.specialty_wording import DURATIONS
from dermavis.domain.unchecked import is_number, mapping_of, text_of


def is_empty(answer: object) -> bool:
    """Whether nothing was answered yet; "aucun" and "inconnu" are answers."""
    given = mapping_of(answer)
    return given.get("status", "answered") == "answered" and given.get("value") in (None, "", [], {})


def answer_problem(question: Question, answer: object) -> str | None:
    """Why this answer cannot be kept, as a French sentence to show beside it; None when it is good."""
    given = mapping_of(answer)
    status, value = given.get("status"), given.get("value")
    if status == "none" and question.none_label:
        return None
    if status == "unknown" and question.unknown_label:
        return None
    if status != "answered" or is_empty(answer):
        return _ask(question)
    if question.kind == "text":
        return None if text_of(value) else _ask(question)
    if question.kind == "number":
        return _number_problem(question, value)
    if question.kind == "yes_no":
        return None if isinstance(value, bool) else _ask(question)
    if question.kind == "duration":
        return _duration_problem(question, mapping_of(value))
    return _choice_problem(question, value)


def _ask(question: Question) -> str:
    labels = [label for label in (question.none_label, question.unknown_label) if label]
    others = [f"«\u00a0{label}\u00a0»" for label in labels]
    verb = "Écrivez une réponse" if question.kind == "text" else "Donnez une réponse"
    return f"{verb}, ou {' ou '.join(others)}." if others else f"{verb}."


def _number_problem(question: Question, value: object) -> str | None:
    if not is_number(value):
        return "Écrivez un nombre."
    unit = f"\u00a0{question.unit}" if question.unit else ""
    if question.min is not None and not value >= question.min:
        return f"Le plus petit nombre possible est {number(question.min)}{unit}."
    if question.max is not None and not value <= question.max:
        return f"Le plus grand nombre possible est {number(question.max)}{unit}."
    return None


def _duration_problem(question: Question, value: Mapping[str, Any]) -> str | None:
    if text_of(value.get("unit")) not in DURATIONS:
        return _ask(question)
    count = value.get("count")
    if count is None or (isinstance(count, int) and not isinstance(count, bool) and 1 <= count <= 999):
        return None
    return "Écrivez un nombre entier, de 1 à 999."


def _choice_problem(question: Question, value: object) -> str | None:
    known = {option.id for option in question.options}
    if question.kind == "choice":
        return None if isinstance(value, str) and value in known else _ask(question)
    good = isinstance(value, list) and all(isinstance(item, str) and item in known for item in value)
    return None if good else _ask(question)
