"""A specialty as data: reading its file, and what every part of the project asks of it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from dermavis.domain.answers import answer_problem
from dermavis.domain.completeness import Missing, advisable, missing
from dermavis.domain.lesion_wording import lesion_names, lesion_title
from dermavis.domain.specialty_checks import Problem, problems_of
from dermavis.domain.specialty_client import as_client
from dermavis.domain.specialty_rules import (
    flags_of,
    gravest_outcome,
    highest_tier,
    is_shown,
    optional_views,
    questions_for,
    reason_label,
    reasons_for,
    required_views,
)
from dermavis.domain.specialty_schema import Specialty
from dermavis.domain.specialty_wording import Fact, describe
from dermavis.domain.toml_lines import line_of

__all__ = [
    "Fact",
    "Missing",
    "Specialty",
    "SpecialtyError",
    "advisable",
    "answer_problem",
    "as_client",
    "describe",
    "flags_of",
    "gravest_outcome",
    "highest_tier",
    "is_shown",
    "lesion_names",
    "lesion_title",
    "missing",
    "optional_views",
    "parse",
    "questions_for",
    "reason_label",
    "reasons_for",
    "required_views",
]

_KINDS = {
    "string_type": "un texte est attendu",
    "int_type": "un nombre entier est attendu",
    "float_type": "un nombre est attendu",
    "bool_type": "true ou false est attendu",
    "list_type": "une liste est attendue",
    "model_type": "une table est attendue",
    "string_too_short": "ce texte ne peut pas être vide",
    "too_short": "cette liste ne peut pas être vide",
    "string_pattern_mismatch": "un identifiant s’écrit en minuscules sans accent, chiffres et _, lettre d’abord",
    "greater_than_equal": "ce nombre est trop petit",
    "less_than_equal": "ce nombre est trop grand",
}


class SpecialtyError(Exception):
    """A specialty file that cannot be used: its name, the line (from 1) and the reason in French."""

    def __init__(self, name: str, line: int, reason: str) -> None:
        super().__init__(f"{name}, ligne {line}\u00a0: {reason}")
        self.name = name
        self.line = line
        self.reason = reason


def parse(text: str, name: str) -> Specialty:
    """Reads a specialty file. `name` is said in errors.

    Raises SpecialtyError at the first faulty line: TOML syntax, unknown or missing key, wrong kind of value,
    id that is unknown, doubled or retired, instruction of more than eight words.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SpecialtyError(name, *_syntax(str(error), text)) from error
    try:
        specialty = Specialty.model_validate(content)
    except ValidationError as error:
        details = error.errors()
        # A misspelt key is both unknown and missing: the unknown one says more.
        written = [detail for detail in details if detail["type"] != "missing"]
        raise _first(name, text, [_told(detail) for detail in written or details]) from error
    problems = list(problems_of(specialty))
    if problems:
        raise _first(name, text, problems)
    return specialty


def _syntax(message: str, text: str) -> tuple[int, str]:
    place = re.search(r"\(at line (\d+), column (\d+)\)", message)
    said = re.sub(r"\s*\(at .*\)$", "", message)
    if place is None:
        return max(1, len(text.splitlines())), f"le fichier s’arrête avant sa fin (TOML\u00a0: {said})"
    return int(place[1]), f"colonne {place[2]}, ceci n’est pas du TOML ({said})"


def _told(detail: ErrorDetails) -> Problem:
    path = detail["loc"]
    kind = detail["type"]
    if kind == "missing":
        return Problem(path, f"il manque «\u00a0{path[-1]}\u00a0»")
    if kind == "extra_forbidden":
        return Problem(path, f"«\u00a0{path[-1]}\u00a0» n’est pas une clé connue ici")
    if kind == "literal_error":
        expected = detail["ctx"]["expected"].replace(" or ", ", ").replace("'", "")
        return Problem(
            path,
            f"«\u00a0{detail['input']}\u00a0» n’est pas permis pour «\u00a0{_key(path)}\u00a0»\u00a0: {expected}",
        )
    if kind == "value_error":
        return Problem(path, f"«\u00a0{_key(path)}\u00a0»\u00a0: {detail['ctx']['error']}")
    return Problem(path, f"«\u00a0{_key(path)}\u00a0»\u00a0: {_KINDS.get(kind, detail['msg'])}")


def _key(path: tuple[int | str, ...]) -> str:
    return next((part for part in reversed(path) if isinstance(part, str)), "")


def _first(name: str, text: str, problems: Iterable[Problem]) -> SpecialtyError:
    line, reason = min((line_of(text, problem.path), problem.reason) for problem in problems)
    return SpecialtyError(name, line, reason)
