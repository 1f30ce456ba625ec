"""What a notice is about: a case, or something else that has a page of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from dermavis.models import Case, OutboxItem
from dermavis.services.doors import may_judge_merge, may_open, may_open_demand
from dermavis.services.work import Work

MAY_OPEN: dict[str, Callable[[Work, UUID, UUID], bool]] = {
    "demand": may_open_demand,
    "merge": may_judge_merge,
}
"""Kind of thing → whether a person (the last id) could open it."""


@dataclass(frozen=True)
class Subject:
    """What a notice is about: a ``case``, or the ``kind`` and ``id`` of something else.

    ``number`` is the neutral one that people know it by, ``url`` its page.
    """

    number: str
    url: str
    case: Case | None = None
    kind: str = ""
    id: UUID | None = None

    @property
    def case_id(self) -> UUID | None:
        """The case; none where it is about something else."""
        return self.case.id if self.case is not None else None

    @property
    def key(self) -> str:
        """What tells it from everything else that notices are about."""
        return str(self.case_id) if self.case is not None else f"{self.kind}:{self.id}"


def of_case(case: Case, url: str = "") -> Subject:
    """Return a case as what a notice is about; ``url`` is another page than its own."""
    return Subject(case.number or "", url or f"/cases/{case.id}", case=case)


def of_item(work: Work, item: OutboxItem) -> Subject | None:
    """Return what a row of the outbox is about; None for one that is about nothing, as a letter with a code."""
    case = work.session.get(Case, item.case_id) if item.case_id else None
    number, url = item.payload.get("number", ""), item.payload.get("url", "")
    if case is not None:
        return Subject(number, url, case=case)
    if "subject" not in item.payload:
        return None
    kind, _, subject_id = item.payload["subject"].partition(":")
    return Subject(number, url, kind=kind, id=UUID(subject_id))


def may_open_subject(work: Work, subject: Subject, person_id: UUID) -> bool:
    """Tell whether a live account could open what a notice is about."""
    if subject.case is not None:
        return may_open(work, subject.case, person_id)
    return subject.id is not None and MAY_OPEN[subject.kind](work, subject.id, person_id)
