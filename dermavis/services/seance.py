"""A sitting of the expert: the most pressing request is taken, answered or passed, and the next one comes by itself."""

from __future__ import annotations

from uuid import UUID

from dermavis.domain.case_states import State
from dermavis.domain.errors import Conflict, Forbidden, NotFound
from dermavis.domain.lifecycle import LifecycleError
from dermavis.domain.permissions import Permission
from dermavis.services.access import find_case, may
from dermavis.services.answering import draft_of
from dermavis.services.claiming import claim, release
from dermavis.services.work import Actor, System, reading, writing
from dermavis.services.worklist import queue_after

TRIES = 8
"""Colleagues may take the next ones at the same moment."""


def take_next(system: System, actor: Actor, motive: str = "", after: UUID | None = None) -> UUID | None:
    """Claim the most pressing request, or the one that follows ``after``; None when there is none left.

    Raises Forbidden for somebody who has no such list. A junior takes nothing: the next one is only opened.
    """
    with reading(system, actor) as work:
        candidates = queue_after(work, motive, after, TRIES)
    for case_id in candidates:
        try:
            with writing(system, actor) as work:
                if may(work, Permission.CASE_CLAIM, find_case(work, case_id)):
                    claim(work, case_id)
            return case_id
        except (Conflict, LifecycleError, NotFound, Forbidden):
            continue
    return None


def pass_on(system: System, actor: Actor, case_id: UUID) -> None:
    """Leave a request of the sitting for later: untouched, it returns to the queue and nobody is disturbed."""
    with writing(system, actor) as work:
        case = find_case(work, case_id)
        untouched = case.state == State.CLAIMED and draft_of(work, case).revision == 0
        if untouched and may(work, Permission.CASE_RELEASE, case):
            release(work, case_id, quietly=True)
