"""The answers of the history: plain values within bounds; which questions there are is the specialty's."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from dermavis.domain.fields import Ident, Part, wrong
from dermavis.domain.text import clean


class HistoryAnswer(Part):
    """An answer of the history: a value, "aucun" or "inconnu"."""

    status: Literal["answered", "none", "unknown"] = "answered"
    value: Any = None

    @field_validator("value")
    @classmethod
    def _plain_value(cls, value: Any) -> Any:
        return _plain(value)

    @model_validator(mode="after")
    def _none_has_no_value(self) -> Self:
        if self.status != "answered" and self.value is not None:
            return self.model_copy(update={"value": None})
        return self


def _plain(value: Any, depth: int = 0) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _bounded(clean(value, multiline=True))
    if isinstance(value, int | float) and math.isfinite(value) and abs(value) < 1e9:
        return value
    if depth == 0 and isinstance(value, list) and len(value) <= 50:
        return [_plain(item, 1) for item in value]
    if depth == 0 and isinstance(value, dict) and len(value) <= 20:
        return {_bounded(clean(str(key))): _plain(item, 1) for key, item in value.items()}
    raise wrong("Cette réponse est illisible.")


def _bounded(text: str) -> str:
    if len(text) > 4000:
        raise wrong("4000 caractères au plus.")
    return text


History = Annotated[dict[Ident, HistoryAnswer], Field(max_length=200)]
