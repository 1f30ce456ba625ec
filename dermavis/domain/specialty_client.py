"""What the guided request needs of a specialty, as compact JSON: nothing of the expert's form."""

from __future__ import annotations

from typing import Any

from dermavis.domain.specialty_schema import Specialty
from dermavis.domain.specialty_wording import DURATIONS

_SHARED = {
    "id",
    "version",
    "name",
    "uses_pictures",
    "uses_lesions",
    "most_lesions",
    "question_required",
    "motives",
    "views",
    "view_rules",
    "site_zooms",
    "body_sites",
    "counts",
    "palpations",
    "elementary_lesions",
    "screens",
    "questions",
    "tiers",
    "red_flags",
    "skip_reasons",
}
_READ_BY_EXPERTS = ("row", "alarming", "usual_min", "usual_max")
_ALWAYS = ("uses_pictures", "uses_lesions", "most_lesions")


def as_client(specialty: Specialty) -> dict[str, Any]:
    """The requester's half of the file, without the keys at their default value.

    `uses_pictures`, `uses_lesions`, `most_lesions` and a question's `motives` are always there.

    `durations` adds the units of a `duration` question, in order, with their labels.
    """
    content = specialty.model_dump(mode="json", include=_SHARED, exclude_defaults=True)
    for key in _ALWAYS:
        content[key] = getattr(specialty, key)
    for question, written in zip(specialty.questions, content.get("questions", ()), strict=True):
        written["motives"] = question.motives
        for key in _READ_BY_EXPERTS:
            written.pop(key, None)
    content["durations"] = [{"id": unit, "label": words[0]} for unit, words in DURATIONS.items()]
    return content
