"""What an expert's queue shows above it: what does not wait to be claimed, and yet waits for somebody of the team."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select

from dermavis.domain.watches import ASKED_AGAIN
from dermavis.models.queries.case_lists import asked_again, late_with_others, unread_in_time
from dermavis.models.queries.quick import ask
from dermavis.services.lists import ListRow, rows_of
from dermavis.services.work import Work

AT_MOST = 25
"""Rows of each kind."""


@dataclass(frozen=True)
class Above:
    """What stands above a queue, each the oldest first.

    ``unread`` are critical opinions that nobody acknowledged in their time, ``late`` requests that a colleague claimed
    and holds beyond the promise, ``questions`` those asked after an opinion.
    """

    unread: list[ListRow] = field(default_factory=list)
    late: list[ListRow] = field(default_factory=list)
    questions: list[ListRow] = field(default_factory=list)

    @property
    def rows(self) -> list[ListRow]:
        """All of them, in the order in which they stand."""
        return [*self.unread, *self.late, *self.questions]


def above_queue(work: Work) -> Above:
    """Return what stands above the actor's queue."""
    since = work.now - ASKED_AGAIN.reminder.duration
    return Above(
        unread=_rows(work, unread_in_time),
        late=_rows(work, late_with_others, now=work.now),
        questions=_rows(work, asked_again, team_since=since),
    )


def _rows(work: Work, kind: Callable[..., Select[Any]], **values: Any) -> list[ListRow]:
    facts = work.acting.facts
    query = _query(kind, facts.organization_id, facts.team_ids, facts.person_id, facts.substitute_for)
    return rows_of(work, ask(work.session, query, **values).all())


# Written once for a person who comes back: to write a query takes longer than to ask it.
@lru_cache(maxsize=768)
def _query(
    kind: Callable[..., Select[Any]],
    centre_id: UUID,
    team_ids: frozenset[UUID],
    person_id: UUID,
    substitute_for: frozenset[UUID],
) -> Select[Any]:
    for_others = () if kind is asked_again else (substitute_for,)
    return kind(centre_id, team_ids, person_id, *for_others).limit(AT_MOST)
