"""What an expert still waits for: the views asked for, and whether a picture came for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID


def views_asked(
    questions: Sequence[tuple[UUID, Iterable[str]]], photos: Iterable[tuple[str, UUID | None]]
) -> Mapping[str, bool]:
    """Return each view asked for with whether a picture of it came since it was asked last.

    ``questions`` are those of one wait in their order, with the ids of their views; ``photos`` are views with the
    question that each picture answers.
    """
    place_of = {question: place for place, (question, _) in enumerate(questions)}
    asked = {view: place for place, (_, views) in enumerate(questions) for view in views}
    came: dict[str, int] = {}
    for view, question in photos:
        if question in place_of:
            came[view] = max(came.get(view, -1), place_of[question])
    return {view: came.get(view, -1) >= place for view, place in asked.items()}
