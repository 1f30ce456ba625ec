"""What the expert's lists ask of the database, for the actor."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from dermavis.models.queries import expert_questions
from dermavis.models.queries.case_lists import reader_values
from dermavis.models.queries.expert_questions import Side
from dermavis.models.queries.quick import Question
from dermavis.services.work import Work

COUNTED = 99
"""Counts stop here: one more is asked for, which says that there are more."""

Place = tuple[datetime, UUID]
"""Where a row stands in its list."""


def page_of(
    work: Work, name: str, most: int, *, motive: str = "", side: Side = "all", place: Place | None = None
) -> Sequence[Any]:
    """Return at most so many rows of a list in its order: all, behind a place, or up to it."""
    values = {"most": most, "motive": motive}
    if place is not None:
        values |= {"instant": place[0], "place": place[1]}
    return _ask(
        work, expert_questions.page(name, *_shape(work), bool(motive), side if place else "all"), **values
    )


def queue_heads(work: Work, midnight: datetime) -> Sequence[Any]:
    """Return what the header says of the queue's first requests, by motive, the most frequent first.

    Each row: specialty_id, motive, ``number``, how many are ``late``, and how many are promised until ``midnight``.
    """
    return _ask(
        work, expert_questions.heads(*_shape(work)), now=work.now, midnight=midnight, most=COUNTED + 1
    )


def waiting_count(work: Work) -> int:
    """Return how many requests wait for a word of their requester, ``COUNTED`` and one at most."""
    return int(_ask(work, expert_questions.waiting(), most=COUNTED + 1)[0].number)


def unread_opinions(work: Work, most: int) -> Sequence[Any]:
    """Return the critical opinions that nobody acknowledged in their time."""
    return _ask(work, expert_questions.unread(*_shape(work)), most=most)


def held_late(work: Work, most: int) -> Sequence[Any]:
    """Return the requests that a colleague claimed and holds beyond the promise."""
    return _ask(work, expert_questions.late(*_shape(work)), most=most, now=work.now)


def questions_asked(work: Work, most: int, team_since: datetime) -> Sequence[Any]:
    """Return the questions after an opinion: the reader's, and those that a team has waited with since then."""
    return _ask(work, expert_questions.questions(_shape(work)[0]), most=most, team_since=team_since)


def _ask(work: Work, question: Question, **values: Any) -> Sequence[Any]:
    facts = work.acting.facts
    reader = reader_values(facts.organization_id, facts.team_ids, facts.person_id, facts.substitute_for)
    return question.all(work.session, **reader, **values)


def _shape(work: Work) -> tuple[int, int]:
    facts = work.acting.facts
    return len(facts.team_ids), 1 + len(facts.substitute_for)
