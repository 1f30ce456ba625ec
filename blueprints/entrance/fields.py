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
    try:
        return UUID(request.form.get(name, ""))
    except ValueError:
        return None
