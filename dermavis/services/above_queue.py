"""What an expert's queue shows above it: what does not wait to be claimed, and yet waits for somebody of the team."""

from __future__ import annotations

from dataclasses import dataclass, field

from dermavis.domain.watches import ASKED_AGAIN
from dermavis.services.lists import ListRow, rows_of
from dermavis.services.work import Work
from dermavis.services.worklist_questions import held_late, questions_asked, unread_opinions

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
    team_since = work.now - ASKED_AGAIN.reminder.duration
    return Above(
        unread=rows_of(work, unread_opinions(work, AT_MOST)),
        late=rows_of(work, held_late(work, AT_MOST)),
        questions=rows_of(work, questions_asked(work, AT_MOST, team_since)),
    )
