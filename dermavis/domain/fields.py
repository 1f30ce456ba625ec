"""Field types shared by the request and the opinion: cleaned at entry, bounded, wrong ones told in French.

Contents are lenient: a part that is absent, null or empty takes its default; what nobody knows is dropped.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from dermavis.domain.errors import InvalidInput
from dermavis.domain.identity import normalise_nir
from dermavis.domain.phones import normalise_phone
from dermavis.domain.places import normalise_commune_code, normalise_postcode
from dermavis.domain.text import clean


class Part(BaseModel):
    """A part of a content: unknown keys are dropped, null and empty mean absent, nothing changes afterwards."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _absent_is_default(cls, raw: Any) -> Any:
        if not isinstance(raw, Mapping):
            return raw
        return {key: value for key, value in raw.items() if value is not None and value != ""}


P = TypeVar("P", bound=Part)


def wrong(message: str) -> PydanticCustomError:
    """An error whose message is already the French sentence to show."""
    return PydanticCustomError("dermavis", "{message}", {"message": message})


def _text(limit: int, multiline: bool = False) -> BeforeValidator:
    """Cleaned at entry, ``limit`` characters at most; anything but text is left to be refused."""

    def entered(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        cleaned = clean(value, multiline)
        if len(cleaned) > limit:
            raise wrong(f"{limit} caractères au plus.")
        return cleaned

    return BeforeValidator(entered)


Name = Annotated[str, _text(100)]
Line = Annotated[str, _text(300)]
Paragraph = Annotated[str, _text(4000, multiline=True)]
Ident = Annotated[str, _text(64), StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.\-]*$|^$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]

# Normalised when possible, kept as typed otherwise: a draft loses nothing; `faults` tells what is wrong.
Phone = Annotated[Line, AfterValidator(lambda typed: normalise_phone(typed) or typed)]
Postcode = Annotated[Name, AfterValidator(lambda typed: normalise_postcode(typed) or typed)]
CommuneCode = Annotated[Name, AfterValidator(lambda typed: normalise_commune_code(typed) or typed)]
NationalNumber = Annotated[Name, AfterValidator(lambda typed: normalise_nir(typed) or typed)]


def _local_date(value: Any) -> Any:
    """``YYYY-MM-DD`` or ``DD/MM/YYYY``: a day, never an instant that a time zone could move."""
    if not isinstance(value, str):
        if type(value) is date:
            return value
        raise wrong("Cette date est illisible. Exemple\u00a0: 12/03/1958.")
    text = clean(value)
    if found := re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", text):
        year, month, day = found.groups()
    elif found := re.fullmatch(r"([0-9]{1,2})[/. -]([0-9]{1,2})[/. -]([0-9]{4})", text):
        day, month, year = found.groups()
    else:
        raise wrong("Cette date est illisible. Exemple\u00a0: 12/03/1958.")
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise wrong("Cette date n’existe pas.") from None


def _instant(value: Any) -> Any:
    if isinstance(value, str | datetime):
        return value
    raise wrong("Cet horaire est illisible.")


LocalDate = Annotated[date, BeforeValidator(_local_date)]
Instant = Annotated[AwareDatetime, BeforeValidator(_instant)]

_EXACT: dict[str, str] = {
    "missing": "Cette réponse manque.",
    "literal_error": "Choisissez une des réponses proposées.",
    "enum": "Choisissez une des réponses proposées.",
    "uuid_parsing": "Cet identifiant est illisible.",
    "uuid_type": "Cet identifiant est illisible.",
    "timezone_aware": "Cet horaire n’indique pas son fuseau.",
    "datetime_from_date_parsing": "Cet horaire est illisible.",
    "datetime_parsing": "Cet horaire est illisible.",
    "string_pattern_mismatch": "Cette valeur n’est pas reconnue.",
    "string_type": "Un texte est attendu.",
    "string_unicode": "Ce texte est illisible.",
    "finite_number": "Indiquez un nombre.",
}

_FAMILIES: tuple[tuple[str, str], ...] = (
    ("int_", "Indiquez un nombre entier."),
    ("float_", "Indiquez un nombre."),
    ("bool_", "Répondez par oui ou par non."),
    ("datetime_", "Cet horaire est illisible."),
    ("date_", "Cette date est illisible. Exemple\u00a0: 12/03/1958."),
)


def french_errors(error: ValidationError) -> dict[str, str]:
    """Field path (``patient.birth_date``, ``lesions.0.size_mm``) → French sentence; the first of each field."""
    found: dict[str, str] = {}
    for fault in error.errors(include_url=False, include_input=False):
        path = ".".join(str(step) for step in fault["loc"])
        found.setdefault(path, _sentence(fault["type"], fault.get("ctx") or {}))
    return found


def _sentence(kind: str, facts: Mapping[str, Any]) -> str:
    if kind == "dermavis":
        return str(facts["message"])
    if kind in _EXACT:
        return _EXACT[kind]
    if kind == "too_long":
        return f"{facts['max_length']} éléments au plus."
    if kind in {"greater_than_equal", "greater_than"}:
        return f"Indiquez au moins {facts.get('ge', facts.get('gt'))}."
    if kind in {"less_than_equal", "less_than"}:
        return f"Indiquez au plus {facts.get('le', facts.get('lt'))}."
    for family, sentence in _FAMILIES:
        if kind.startswith(family):
            return sentence
    return "Cette réponse est illisible."


def read(kind: type[P], raw: object, context: Mapping[str, Any]) -> P:
    """A content read from JSON; raises ``InvalidInput`` with French sentences by field path."""
    try:
        return kind.model_validate(raw, context=dict(context))
    except ValidationError as error:
        raise InvalidInput(french_errors(error)) from None


def canonical(part: Part, leave_out: frozenset[str] = frozenset()) -> bytes:
    """The one JSON form of a content: sorted keys, defaults written, UTF-8, no blank."""
    content = part.model_dump(mode="json", exclude=set(leave_out))
    return json.dumps(
        content, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":")
    ).encode()


def fingerprint_of(content: bytes) -> str:
    """SHA-256 of a canonical content, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
