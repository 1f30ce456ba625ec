"""What the measures of a photo say of it, and the same in words for those who look at it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dermavis.domain.photo_quality import RULES_VERSION, Verdict, judge, state_words
from dermavis.domain.pictures import DIAGNOSTIC_LONG_SIDE
from dermavis.models import PhotoMeasure


def measures_of(rows: Iterable[PhotoMeasure]) -> dict[str, Any]:
    """Return what was measured of one photo by the newest measures: on its diagnostic picture, which is looked at.

    ``long_side`` is the original's, in pixels; it is not known while only a diagnostic picture of full size has come.
    """
    newest: dict[str, PhotoMeasure] = {}
    for row in sorted(rows, key=lambda row: row.version):
        newest[row.source] = row
    if not newest:
        return {}
    version = max(row.version for row in newest.values())
    sources = {source: row.values for source, row in newest.items() if row.version == version}
    measures = {"version": version, **(sources.get("diagnostic") or sources.get("original") or {})}
    side = sources["original"].get("width") if "original" in sources else measures.get("width")
    if isinstance(side, int) and ("original" in sources or side < DIAGNOSTIC_LONG_SIDE):
        measures["long_side"] = side
    return measures


def verdict_on(measures: dict[str, Any]) -> Verdict:
    """Return the verdict; what was measured before there were limits is not judged."""
    if measures.get("version", 0) < RULES_VERSION:
        return Verdict("green", ())
    return judge(measures)


def quality_words(measures: dict[str, Any], retries: int) -> str:
    """Return what an expert is told of a picture that is not beyond doubt: "un peu floue, après 2 reprises"."""
    words = state_words(verdict_on(measures))
    if not words or not retries:
        return words
    return f"{words}, après {retries}\u00a0reprise{'s' if retries > 1 else ''}"
