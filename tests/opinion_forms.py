"""The form of an opinion as an expert's page sends it."""

from __future__ import annotations

import re

JSON = {"Accept": "application/json"}


def filled(**changes: str) -> dict[str, str]:
    """A complete form of an ordinary opinion."""
    return {
        "lesions.0.diagnosis": "Kératose séborrhéique",
        "lesions.0.code": "L82",
        "lesions.0.certainty": "probable",
        "lesions.0.conduct": "Pas de biopsie.",
        "destination": "gp",
        "photo_quality": "good",
        "history_quality": "usable",
        "act": "sign",
        "case_revision": "1",
    } | changes


def lesion_of(page: str) -> str:
    """The id of the page's first lesion, as its form holds it."""
    found = re.search(r'name="lesions.0.lesion" value="([^"]+)"', page)
    assert found is not None
    return found[1]
