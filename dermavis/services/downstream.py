"""The appointment follows the opinion in force: needed anew, still wanted, of another kind, or no longer needed."""

from __future__ import annotations

from uuid import uuid4

from dermavis.domain.case_states import Machine, State, Transition, Who
from dermavis.models import Appointment, Case, Opinion
from dermavis.services.appointments import last_appointment, watch_appointment
from dermavis.services.moves import move
from dermavis.services.notices import announce
from dermavis.services.opinion_versions import replaced_of
from dermavis.services.teams import centre_secretaries
from dermavis.services.work import Work

TO_HONOUR = frozenset({State.TO_PLAN, State.PLANNED, State.MISSED})


def follow_opinion(work: Work, case: Case, signed: Opinion, wanted: bool) -> None:
    """Have the appointment follow a version just signed; ``wanted``: it asks for one.

    What stays wanted as it was is left as people have arranged it. What is wanted of another kind is another
    appointment, unless no date was given for the first.
    """
    row, state = last_appointment(work, case), State(case.downstream)
    arranged = state in TO_HONOUR or _was_wanted(work, signed)
    if not wanted:
        _drop(work, case, signed, row)
    elif row is None or state is State.NONE:
        _step(work, case, None, Transition.NEED)
        row = _add(work, case, signed)
        watch_appointment(work, case, row)
    elif row.kind == signed.destination and arranged:
        return
    elif state in {State.TO_PLAN, State.MISSED}:
        row.kind, row.updated_at = signed.destination, work.now
    else:
        if state is State.PLANNED:
            _step(work, case, row, Transition.DROP)
        _step(work, case, None, Transition.PLAN_AGAIN)
        watch_appointment(work, case, _add(work, case, signed))


def _drop(work: Work, case: Case, signed: Opinion, row: Appointment | None) -> None:
    """Nothing is due any more; who gave a date is told that it has lost its reason."""
    state = State(case.downstream)
    if row is None or state not in TO_HONOUR:
        return
    _step(work, case, row, Transition.DROP)
    watch_appointment(work, case, row)
    if state is State.PLANNED and case.centre_id is not None:
        told = centre_secretaries(work, case.centre_id)
        announce(work, "appointment_dropped", case, told, not_before=signed.effective_at)


def _was_wanted(work: Work, signed: Opinion) -> bool:
    """Whether the version before asked for the same: somebody has said since what became of it."""
    before = replaced_of(work, signed)
    return before is not None and before.destination == signed.destination


def _add(work: Work, case: Case, signed: Opinion) -> Appointment:
    row = Appointment(
        id=uuid4(),
        case_id=case.id,
        state=case.downstream,
        kind=signed.destination,
        created_at=work.now,
        updated_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    return row


def _step(work: Work, case: Case, row: Appointment | None, step: Transition) -> None:
    move(work, case, step, Who.EXPERT, machine=Machine.DOWNSTREAM)
    if row is not None:
        row.state, row.updated_at = case.downstream, work.now
