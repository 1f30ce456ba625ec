"""What is still told of a request that was cancelled, or entered in error: that, when and why, never about whom."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from dermavis.domain.case_states import State, Transition
from dermavis.domain.errors import NotFound
from dermavis.domain.permissions import Permission
from dermavis.domain.specialty import reason_label
from dermavis.domain.wording import moment_words
from dermavis.services.access import find_case
from dermavis.services.moves import last_step
from dermavis.services.work import Work


@dataclass(frozen=True)
class CancelledCase:
    """Its number, when it was cancelled (or marked ``in_error``), and the coded reason in words."""

    id: UUID
    in_error: bool
    number: str
    when: str
    reason: str


def cancelled_case(work: Work, case_id: UUID) -> CancelledCase:
    """Return what may be told. Raises NotFound for whoever it was not addressed to."""
    case = find_case(work, case_id, Permission.CANCELLATION_READ)
    in_error = case.state == State.ENTERED_IN_ERROR
    if case.submitted_at is None and not in_error:
        raise NotFound  # it never left its coordination
    step = last_step(work, case, Transition.MARK_ERROR if in_error else Transition.CANCEL)
    specialty = work.system.specialty(case.specialty_id, case.specialty_version)
    return CancelledCase(
        id=case.id,
        in_error=in_error,
        number=case.number or "",
        when=moment_words(step.at, work.acting.time_zone) if step else "",
        reason=reason_label(specialty, step.reason) if step else "",
    )
