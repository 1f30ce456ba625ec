"""What stands in and beside the fields of a form: nothing, where nothing was said of a field."""

from __future__ import annotations


class Fields(dict[str, str]):
    """Field name → text; empty for a field that is not named."""

    def __missing__(self, field: str) -> str:
        return ""
