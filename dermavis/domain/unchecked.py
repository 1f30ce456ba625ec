"""Reading JSON that nobody has checked: a part of the wrong kind is an absent part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard


def mapping_of(value: object) -> Mapping[str, Any]:
    """The object itself, or an empty one."""
    return value if isinstance(value, Mapping) else {}


def list_of(value: object) -> list[Any]:
    """The list itself, or an empty one."""
    return value if isinstance(value, list) else []


def texts_of(value: object) -> list[str]:
    """The texts of a list, whatever else it holds."""
    return [item for item in list_of(value) if isinstance(item, str)]


def text_of(value: object) -> str:
    """A text without its outer blanks, or an empty one."""
    return value.strip() if isinstance(value, str) else ""


def is_number(value: object) -> TypeGuard[float]:
    """Whether this is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)
