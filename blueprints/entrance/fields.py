"""What stands in and beside the fields of a form: nothing, where nothing was said of a field."""

from __future__ import annotations

from uuid import UUID

from flask import request


class Fields(dict[str, str]):
    """Field name → text; empty for a field that is not named."""

    def __missing__(self, field: str) -> str:
        return ""


def typed_id(name: str) -> UUID | None:
    """The id that a field of the form holds; None where it holds none."""
    return as_id(request.form.get(name, ""))


def as_id(text: str) -> UUID | None:
    """Read an id out of a form or an address; None when it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None
