"""Changes of state: the lifecycle's table decides, the version check arbitrates, an immutable row remembers."""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy import select

from dermavis.domain.case_states import Machine, State, Who, is_final
from dermavis.domain.case_states import Transition as Step
from dermavis.domain.lifecycle import apply
from dermavis.models import Case, CaseText, Transition
from dermavis.services.retention import write_term
from dermavis.services.vault import Sealer
from dermavis.services.work import Work


def move(
    work: Work,
    case: Case,
    step: Step,
    who: Who,
    *,
    machine: Machine = Machine.QUESTION,
    reason: str = "",
    words: str = "",
    on_behalf_of: UUID | None = None,
) -> Transition:
    """Take a case from one state to the next and write the row that says so.

    ``reason`` is a code, ``words`` free text that is sealed apart. Raises LifecycleError when the table has no such
    step from where the case stands now.
    """
    column = "downstream" if machine is Machine.DOWNSTREAM else "state"
    before = State(getattr(case, column))
    after = apply(machine, step, before, who)
    setattr(case, column, after.value)
    case.version += 1
    case.updated_at = work.now
    if machine is Machine.QUESTION:
        case.closed_at = work.now if is_final(after) else None
    actor = work.actor
    row = Transition(
        id=uuid4(),
        case_id=case.id,
        case_version=case.version,
        machine=machine.value,
        name=step.value,
        from_state=before.value,
        to_state=after.value,
        actor_id=actor.person_id if actor else None,
        organization_id=actor.organization_id if actor else None,
        on_behalf_of=on_behalf_of,
        reason=reason,
        at=work.now,
    )
    work.session.add(row)
    if words:
        write_text(work, case, "reason", words, row.id)
    work.audit(
        f"case.{step.value}", case_id=case.id, subject_kind="transition", subject_id=row.id, to=after.value
    )
    work.session.flush()
    if case.number is not None:
        write_term(work, case)
    return row


def last_step(work: Work, case: Case, step: Step) -> Transition | None:
    """Return the row of the last such step of a case."""
    return work.session.scalar(
        select(Transition)
        .where(Transition.case_id == case.id, Transition.name == step.value)
        .order_by(Transition.case_version.desc())
        .limit(1)
    )


def words_of(work: Work, case: Case, row: Transition | None) -> str:
    """Return the free words given beside the coded reason of a step; empty where there are none."""
    text = row and work.session.scalar(
        select(CaseText).where(CaseText.case_id == case.id, CaseText.subject_id == row.id)
    )
    return read_text(work, case, text) if text else ""


def write_text(work: Work, case: Case, kind: str, words: str, subject_id: UUID | None = None) -> CaseText:
    """Keep a free text of a case, sealed under its key."""
    text_id = uuid4()
    row = CaseText(
        id=text_id,
        case_id=case.id,
        kind=kind,
        subject_id=subject_id,
        sealed=Sealer(work.system.cipher, case).seal(words, "case_texts", text_id, "sealed"),
        made_by=work.actor.person_id if work.actor else None,
        made_at=work.now,
    )
    work.session.add(row)
    return row


def read_text(work: Work, case: Case, row: CaseText) -> str:
    """Open a free text of a case."""
    return str(Sealer(work.system.cipher, case).open(row.sealed, "case_texts", row.id, "sealed"))
