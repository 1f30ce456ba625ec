"""What must hold after each step of a case's life, read from the database itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, func, select

from dermavis.domain.case_states import FINAL, INITIAL, OPEN_QUESTION, Machine, State, Who, is_final
from dermavis.domain.case_states import Transition as Step
from dermavis.domain.lifecycle import TABLE, states_of
from dermavis.domain.treating_doctor import COPY
from dermavis.domain.watches import watch
from dermavis.models import AuditEvent, Base, Case
from dermavis.services.work import System

S = State

TIMERS: dict[State, str] = {
    S.DRAFT: "draft_reminder",
    S.POOLED: "pool_leave",
    S.SUBMITTED: "queue_reminder",
    S.CLAIMED: "idle_claim",
    S.ON_HOLD: "hold_return",
    S.DECLINED: "declined_reminder",
    S.ANSWERED: "close_answered",
}
TABLES = [
    table
    for table in Base.metadata.sorted_tables
    if "case_id" in table.columns and table.name != AuditEvent.__tablename__
]
SAVED_AT_EVERY_CHANGE = {"save", "write_opinion", "refer", "drop_referral"}
"""A text that is being written is kept at every change, and what goes with it; that is no event of the audit."""


@dataclass(frozen=True)
class Snapshot:
    """Every row that hangs on one case, by table, and how many rows of the audit speak of it."""

    rows: dict[str, tuple[Row[Any], ...]]
    audited: int

    @property
    def case(self) -> Row[Any]:
        return self.rows["cases"][0]

    def values(self, table: str, column: str) -> list[Any]:
        return [getattr(row, column) for row in self.rows[table]]


def snapshot(system: System, case_id: UUID) -> Snapshot:
    """Read all that the database holds of a case."""
    with system.engine.connect() as connection:
        rows = {
            table.name: _sorted(connection.execute(table.select().where(table.c.case_id == case_id)))
            for table in TABLES
        }
        cases = Case.__table__
        rows["cases"] = _sorted(connection.execute(cases.select().where(cases.c.id == case_id)))
        audited = connection.scalar(select(func.count()).where(AuditEvent.case_id == case_id))
    return Snapshot(rows, audited or 0)


def _sorted(rows: Iterable[Row[Any]]) -> tuple[Row[Any], ...]:
    return tuple(sorted(rows, key=lambda row: str(row.id)))


def check(system: System, case_id: UUID, found: Snapshot) -> None:
    """Check one case by itself, whatever led here."""
    _check_steps(found)
    _check_somebody_is_waited_for(found)
    _check_numbers(found)
    _check_deliveries(found)
    with system.engine.connect() as connection:
        _check_steps_are_audited(connection, case_id, found)


def check_change(before: Snapshot, after: Snapshot, deed: str, accepted: bool) -> None:
    """Check what one deed did: a refused one nothing at all, an accepted one nothing unseen."""
    if not accepted:
        assert after == before, f"{deed} was refused, and changed something"
    elif after.rows != before.rows and deed not in SAVED_AT_EVERY_CHANGE:
        assert after.audited > before.audited or _only_read(before, after), f"{deed} left no trace"
    check_delivery_steps(before, after)


def _only_read(before: Snapshot, after: Snapshot) -> bool:
    """Lines of somebody's list that were marked as read are no event."""
    unlike = {name for name in after.rows if after.rows[name] != before.rows[name]}
    return unlike <= {"notifications"}


def _check_steps(found: Snapshot) -> None:
    """Each state is where a chain of the table's own steps has led, without a gap, from the beginning."""
    stands = dict(INITIAL)
    steps = sorted(found.rows["transitions"], key=lambda row: row.case_version)
    for row in steps:
        machine = Machine(row.machine)
        assert row.from_state == stands[machine], f"{row.name} does not begin where the last one ended"
        known = [
            step
            for step in TABLE[machine]
            if (step.transition, step.start, step.end) == (row.name, row.from_state, row.to_state)
        ]
        assert known, f"{row.name} from {row.from_state} to {row.to_state} is not in the table"
        by_itself = row.actor_id is None
        parts = {who for step in known for who in step.who}
        assert not by_itself or Who.SYSTEM in parts, f"nobody made {row.name}"
        assert by_itself or parts != {Who.SYSTEM}, f"somebody made the clock's {row.name}"
        stands[machine] = State(row.to_state)
    assert found.case.state == stands[Machine.QUESTION], "a state without its step"
    assert found.case.downstream == stands[Machine.DOWNSTREAM], "an appointment without its step"
    last = found.rows["appointments"] and max(found.rows["appointments"], key=lambda row: row.created_at)
    assert (last.state if last else S.NONE) == found.case.downstream
    versions = [row.case_version for row in steps]
    assert versions == sorted(set(versions))
    assert not versions or versions[-1] <= found.case.version


def _check_steps_are_audited(connection: Connection, case_id: UUID, found: Snapshot) -> None:
    rows = connection.execute(
        select(AuditEvent.subject_id, AuditEvent.action, AuditEvent.actor_id).where(
            AuditEvent.case_id == case_id, AuditEvent.subject_kind == "transition"
        )
    )
    audited = sorted((str(subject), action, str(actor)) for subject, action, actor in rows)
    made = sorted((str(r.id), f"case.{r.name}", str(r.actor_id)) for r in found.rows["transitions"])
    assert audited == made, "each step is in the audit once, under who made it"


def _check_somebody_is_waited_for(found: Snapshot) -> None:
    """An open case has an owner who is somebody, a timer that lives, and a way out that the table knows."""
    case, state = found.case, State(found.case.state)
    alive = {row.kind for row in found.rows["due_rows"] if row.done_at is None}
    wanted = {TIMERS[state]} if state in OPEN_QUESTION else set()
    if State(case.downstream) not in FINAL:
        wanted.add("appointment_reminder")
    if case.asked_again_at is not None:
        wanted.add("question_after")
        assert state is S.ANSWERED
    # A treating doctor's copy is waited for by nobody.
    if any(State(row.state) not in FINAL and row.kind != COPY for row in found.rows["deliveries"]):
        wanted.add("unread_opinion")
    assert wanted <= alive, f"nothing would remind anybody of {wanted - alive}"
    for machine, where in ((Machine.QUESTION, state), (Machine.DOWNSTREAM, State(case.downstream))):
        kept = watch(machine, where)
        assert (kept is None) == is_final(where)
    owners = {
        S.SUBMITTED: case.team_id,
        S.CLAIMED: case.claimed_by,
        S.ON_HOLD: case.claimed_by,
        S.POOLED: case.pooled_by,
    }
    assert owners.get(state, case.requester_id) is not None, f"{state} is nobody's"
    assert (case.closed_at is not None) == is_final(state)
    assert (case.held_at is not None) == (state is S.ON_HOLD)
    assert (case.answered_at is not None) == (state in {S.ANSWERED, S.CLOSED})
    assert (case.number is not None) or state in {S.DRAFT, S.CANCELLED}


def _check_numbers(found: Snapshot) -> None:
    numbers = sorted(found.values("case_revisions", "number"))
    assert numbers == list(range(1, len(numbers) + 1)), "a revision is missing"
    signed = sorted(row.version for row in found.rows["opinions"] if row.signed_at is not None)
    assert signed == list(range(1, len(signed) + 1)), "a signed version is missing"
    every = found.values("opinions", "version")
    assert len(every) == len(set(every))


def _check_deliveries(found: Snapshot) -> None:
    """Each signed version has its deliveries, one for each person and part; only the last one's may be waited for.

    Nothing of it is given before it leaves.
    """
    signed = sorted(
        (row for row in found.rows["opinions"] if row.signed_at is not None), key=lambda row: row.version
    )
    assert set(found.values("deliveries", "opinion_id")) == {row.id for row in signed}
    for row, later in zip(signed, [*signed, None][1:], strict=True):
        assert row.superseded_by == (later.id if later else None)
        given = [delivery for delivery in found.rows["deliveries"] if delivery.opinion_id == row.id]
        readers = [(delivery.kind, delivery.recipient_id) for delivery in given]
        assert len(readers) == len(set(readers)), "given twice to one reader"
        kinds = [delivery.kind for delivery in given]
        assert (kinds.count("requester"), kinds.count(COPY)) in {(1, 0), (1, 1)}
        for delivery in given:
            state = State(delivery.state)
            assert state in states_of(Machine.DELIVERY)
            assert later is None or state in {S.REPLACED, S.ACKNOWLEDGED}
            assert delivery.sent_at >= row.effective_at, "given before the signature is one"
            assert (state is S.ACKNOWLEDGED) <= (delivery.acknowledged_at is not None)


def check_delivery_steps(before: Snapshot, after: Snapshot) -> None:
    """A delivery moves by steps of its table, a signature taken back included."""
    was = {row.id: State(row.state) for row in before.rows["deliveries"]}
    for row in after.rows["deliveries"]:
        start = was.get(row.id, INITIAL[Machine.DELIVERY])
        assert State(row.state) in _within(start, 3), f"a delivery went from {start} to {row.state}"


def _within(start: State, steps: int) -> set[State]:
    """States that the delivery's table reaches from one in so many steps."""
    seen = {start}
    for _ in range(steps):
        seen |= {
            step.end
            for step in TABLE[Machine.DELIVERY]
            if step.start in seen and (step.transition is not Step.TAKE_BACK or start is S.REPLACED)
        }
    return seen
