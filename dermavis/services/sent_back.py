"""Why the coordination gave a request back: its requester reads it above what is to be completed."""

from __future__ import annotations

from dataclasses import dataclass

from dermavis.domain.case_states import State, Transition
from dermavis.domain.specialty import reason_label
from dermavis.models import Case
from dermavis.services.moves import last_step, words_of
from dermavis.services.names import name_of
from dermavis.services.work import Work


@dataclass(frozen=True)
class SentBack:
    """Who gave it back, the reason's label, and what was added in free words (may be empty)."""

    by: str
    reason: str
    words: str


def sent_back(work: Work, case: Case) -> SentBack | None:
    """Return why a draft came back from its coordination; None for one that was never sent, or has left again."""
    if case.state != State.DRAFT or case.number is None:
        return None
    step = last_step(work, case, Transition.SEND_BACK)
    if step is None:
        return None
    specialty = work.system.specialty(case.specialty_id, case.specialty_version)
    return SentBack(
        by=name_of(work, step.actor_id) if step.actor_id else "",
        reason=reason_label(specialty, step.reason),
        words=words_of(work, case, step),
    )
