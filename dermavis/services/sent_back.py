"""Why the coordination gave a request back: its requester reads it above what is to be completed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from dermavis.domain.lifecycle import State
from dermavis.domain.lifecycle import Transition as Step
from dermavis.models import Case, CaseText, Transition
from dermavis.services.moves import read_text
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
    step = work.session.scalars(
        select(Transition)
        .where(Transition.case_id == case.id, Transition.name == Step.SEND_BACK.value)
        .order_by(Transition.case_version.desc())
        .limit(1)
    ).first()
    if step is None:
        return None
    specialty = work.system.specialty(case.specialty_id, case.specialty_version)
    labels = {reason.id: reason.label for reason in specialty.reasons}
    text = work.session.scalars(
        select(CaseText).where(CaseText.subject_id == step.id, CaseText.kind == "reason")
    ).first()
    return SentBack(
        by=name_of(work, step.actor_id) if step.actor_id else "",
        reason=labels.get(step.reason, step.reason),
        words=read_text(work, case, text) if text else "",
    )
