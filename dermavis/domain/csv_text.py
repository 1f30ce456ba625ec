"""A table as a file that spreadsheets open: semicolons, a byte order mark, and no cell that could be a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

BYTE_ORDER_MARK = "\ufeff"
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula (OWASP, "CSV Injection")."""


def csv_text(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return the whole file, with its byte order mark, lines ended as RFC 4180 says."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    writer.writerow([safe_cell(cell) for cell in header])
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return BYTE_ORDER_MARK + written.getvalue()


def safe_cell(text: str) -> str:
    """Return a cell that is text to every spreadsheet: an apostrophe goes before what would begin a formula.

    Blanks that stand before the sign do not hide it: some spreadsheets drop them.
    """
    bare = text.lstrip(" \u00a0\u202f\ufeff")
    return f"'{text}" if bare.startswith(FORMULA_SIGNS) or text.startswith(FORMULA_SIGNS) else text
