"""What the addressed team still learns of a request that its requester cancelled: that, when and why, never who."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from dermavis.domain.errors import NotFound
from dermavis.domain.permissions import Permission
from dermavis.domain.wording import moment_words
from dermavis.models import Case, Transition
from dermavis.services.access import find_case
from dermavis.services.work import Work


@dataclass(frozen=True)
class CancelledCase:
    """A cancelled request: its number, when it was cancelled, and its coded reason in words."""

    id: UUID
    number: str
    when: str
    reason: str


def cancelled_case(work: Work, case_id: UUID) -> CancelledCase:
    """Return what may be told. Raises NotFound for whoever it was not addressed to."""
    case = find_case(work, case_id, Permission.CANCELLATION_READ)
    if case.submitted_at is None:
        raise NotFound  # it never left its coordination
    step = work.session.scalars(
        select(Transition)
        .where(Transition.case_id == case.id, Transition.name == "cancel")
        .order_by(Transition.case_version.desc())
        .limit(1)
    ).first()
    return CancelledCase(
        id=case.id,
        number=case.number or "",
        when=moment_words(step.at, work.acting.time_zone) if step else "",
        reason=_label(work, case, step.reason) if step and step.reason else "",
    )


def _label(work: Work, case: Case, code: str) -> str:
    reasons = work.system.specialty(case.specialty_id, case.specialty_version).reasons
    return next((reason.label for reason in reasons if reason.id == code), "")
