"""The questions of the history as fields of a plain form, and the answers read back from it.

A field is named ``h.<question>``; ``NONE`` and ``UNKNOWN`` stand for "aucun" and "inconnu" among its values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from dermavis.domain.lesion_wording import lesion_label
from dermavis.domain.phrases import number, small
from dermavis.domain.specialty import Specialty, is_shown, questions_for
from dermavis.domain.specialty_schema import Question
from dermavis.domain.specialty_wording import DURATIONS
from dermavis.domain.text import whole_number

NONE, UNKNOWN = "-none", "-unknown"
WRITTEN = frozenset({"text", "number"})
UNITS = [(unit, words[0]) for unit, words in DURATIONS.items()]


@dataclass(frozen=True)
class HistoryField:
    """One question as shown. ``value`` is a text, or the ids of what is chosen; ``count`` goes with a duration.

    ``rank`` is that of the lesion whose own answers hold this one; 0 for the request's, the first lesion's among them.
    """

    name: str
    question: Question
    rank: int
    section: str
    value: Any
    count: str
    options: tuple[tuple[str, str], ...]
    error: str


def fields_of(
    specialty: Specialty,
    content: dict[str, Any],
    typed: MultiDict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> list[HistoryField]:
    """Return the questions asked of this patient for this motive, with what was typed or else answered.

    What is asked of each lesion stands in a section for each of several.
    """
    lesions = content.get("lesions") or []
    named = {field_name(path): words for path, words in (errors or {}).items()}
    sex = (content.get("patient") or {}).get("sex") or "U"
    sections = {screen.id: screen.section for screen in specialty.screens}
    fields = []
    for rank, history in enumerate(_histories(content)):
        for question in questions_for(specialty, content.get("motive") or ""):
            if not is_shown(question, sex, history) or (rank and not question.per_lesion):
                continue
            name = f"h.{rank}.{question.id}" if rank else f"h.{question.id}"
            value, count = _written(question, history.get(question.id) or {})
            if typed is not None:
                value = typed.getlist(name) if question.kind == "choices" else typed.get(name, "")
                count = typed.get(f"{name}.count", "")
            of = (
                f", {small(lesion_label(rank, len(lesions)))}"
                if question.per_lesion and len(lesions) > 1
                else ""
            )
            section = sections[question.screen] + of
            error = named.get(name, "")
            fields.append(
                HistoryField(name, question, rank, section, value, count, _options(question), error)
            )
    return fields


def field_name(path: str) -> str:
    """A field's name by the path of its answer: "h.course" of "history.course", "h.1.course" of the second lesion's."""
    part, history, question = path.rpartition("history.")
    return f"h.{part.removeprefix('lesions.')}{question}" if history else path


def read_answers(specialty: Specialty, content: dict[str, Any], form: MultiDict[str, str]) -> dict[str, Any]:
    """Return the parts of the content that hold answers, those of the form in them; the rest stays as it was."""
    histories = _histories(content)
    for field in fields_of(specialty, content):
        if field.name not in form and field.question.kind != "choices":
            continue
        answer = _answer(field.question, field.name, form)
        if answer is not None:
            histories[field.rank][field.question.id] = answer
        else:
            histories[field.rank].pop(field.question.id, None)
    first, *others = content.get("lesions") or [None]
    further = [lesion | {"history": own} for lesion, own in zip(others, histories[1:], strict=True)]
    return {"history": histories[0]} | ({"lesions": [first, *further]} if further else {})


def _histories(content: dict[str, Any]) -> list[dict[str, Any]]:
    """The request's own answers, which are the first lesion's too, then those of each further lesion."""
    parts = [content, *(content.get("lesions") or [])[1:]]
    return [dict(part.get("history") or {}) for part in parts]


def _options(question: Question) -> tuple[tuple[str, str], ...]:
    own: list[tuple[str, str]] = []
    if question.kind in {"choice", "choices"}:
        own = [(row.id, row.label) for row in question.options]
    elif question.kind == "yes_no":
        own = [("yes", "Oui"), ("no", "Non")]
    elif question.kind == "duration":
        own = UNITS
    none = [(NONE, question.none_label)] if question.none_label else []
    unknown = [(UNKNOWN, question.unknown_label)] if question.unknown_label else []
    return (*own, *none, *unknown)


def _written(question: Question, answer: dict[str, Any]) -> tuple[Any, str]:
    status, value = answer.get("status"), answer.get("value")
    several = question.kind == "choices"
    if status in {"none", "unknown"}:
        mark = NONE if status == "none" else UNKNOWN
        return ([mark] if several else mark), ""
    if status != "answered" or value is None:
        return ([] if several else ""), ""
    if question.kind == "yes_no":
        return ("yes" if value else "no"), ""
    if question.kind == "duration" and isinstance(value, dict):
        return value.get("unit") or "", str(value.get("count") or "")
    if question.kind == "number":
        return number(value), ""
    return value, ""


def _answer(question: Question, name: str, form: MultiDict[str, str]) -> dict[str, Any] | None:
    """The answer in the request's form; None for a field left empty."""
    given = [text for text in form.getlist(name) if text.strip()]
    # What is written counts before the mark beside it.
    marks = [] if given and question.kind in WRITTEN else form.getlist(f"{name}.mark")
    for mark, status in ((NONE, "none"), (UNKNOWN, "unknown")):
        if mark in given or mark in marks:
            return {"status": status, "value": None}
    value: Any = given if question.kind == "choices" else (given[0].strip() if given else "")
    if not value:
        return None
    if question.kind == "yes_no":
        value = value == "yes"
    elif question.kind == "number":
        value = _number(value)
    elif question.kind == "duration":
        count = form.get(f"{name}.count", "").strip()
        typed = whole_number(count)
        value = {"unit": value, "count": (count or None) if typed is None else typed}
    return {"status": "answered", "value": value}


def _number(text: str) -> Any:
    """A number as French types it, "39,2"; the text itself when it is none, to be refused in words."""
    plain = text.replace(",", ".").replace("\u00a0", "").replace(" ", "")
    try:
        found = float(plain)
    except ValueError:
        return text
    return int(found) if found.is_integer() else found
