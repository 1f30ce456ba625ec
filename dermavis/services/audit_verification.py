"""Whether the audit is still what was sealed, what its witness remembers and what the cases say. Nothing is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import exists, func, select
from sqlalchemy.exc import SQLAlchemyError

from dermavis.domain import audit_faults
from dermavis.domain.audit_faults import Fault, witness_differs
from dermavis.domain.audit_seal import Cell, Seal, follows, head_of, leaf_hash, merkle_root, row_bytes
from dermavis.domain.audit_witness import Attested
from dermavis.models import AuditEvent, AuditSeal, Case
from dermavis.models.queries.audit_rows import cells_of, rows_between
from dermavis.services.audit_sealing import as_seal
from dermavis.services.audit_timestamping import stamp_faults, stamps_kept
from dermavis.services.work import System, Work, reading

SEALS_AT_A_TIME = 200
BEGINNING = "case.begin"
MOST_CASES = 100
"""Cases named of each kind of fault."""

UNREADABLE = (SQLAlchemyError, ValueError, TypeError)
"""What reading a table raises when somebody wrote into it what no program of ours would."""


@dataclass(frozen=True)
class Verification:
    """What was found. ``rows`` stand under ``seals`` seals; ``unsealed`` rows came after, since ``unsealed_since``.

    ``attested`` is the number of lines that a witness was asked about, ``attested_to`` the last seal they name.
    ``stamps`` of an authority were kept, the newest for the seal ``stamped_to``.
    """

    faults: tuple[Fault, ...]
    seals: int
    rows: int
    unsealed: int
    unsealed_since: datetime | None
    attested: int
    attested_to: int
    stamps: int
    stamped_to: int


def verify(system: System, witness: Sequence[Attested] = ()) -> Verification:
    """Compare rows, seals, a witness's lines and cases, and tell everything that does not agree."""
    faults: list[Fault] = []
    remembered: dict[int, list[Attested]] = {}
    for line in witness:
        remembered.setdefault(line.number, []).append(line)
    last: Seal | None = None
    seals = rows = 0
    try:
        for seal in _seals(system):
            faults += _chain_faults(last, seal)
            lines = remembered.get(seal.number, [])
            faults += [witness_differs(line) for line in lines if line.head != seal.head]
            found, fault = _rows_of(system, seal)
            faults += [fault] if fault else []
            rows += found
            last, seals = seal, seals + 1
    except UNREADABLE:
        faults.append(audit_faults.seals_unreadable(seals + 1))
    faults += _lost_seals(last, witness)
    faults += _told(system, lambda work: _ends(work, last))
    faults += _told(system, _cases)
    faults += _told(system, stamp_faults)
    with reading(system) as work:
        stamps, stamped_to = stamps_kept(work)
    unsealed, since = _unsealed(system, last)
    attested_to = max(remembered, default=0)
    return Verification(
        tuple(faults), seals, rows, unsealed, since, len(remembered), attested_to, stamps, stamped_to
    )


def _seals(system: System) -> Iterator[Seal]:
    """The seals in their order, a few at a time: no transaction stays open while all rows are hashed."""
    page: list[Seal] | None = None
    while page is None or page:
        query = select(AuditSeal).order_by(AuditSeal.number).limit(SEALS_AT_A_TIME)
        with reading(system) as work:
            further = query.where(AuditSeal.number > page[-1].number) if page else query
            page = [as_seal(row) for row in work.session.scalars(further)]
        yield from page


def _chain_faults(before: Seal | None, seal: Seal) -> Iterator[Fault]:
    if not follows(before, seal):
        yield audit_faults.seals_missing(before, seal)
    elif seal.head != head_of(before, seal.first_id, seal.last_id, seal.root, seal.sealed_at):
        yield audit_faults.chain_broken(seal)


def _rows_of(system: System, seal: Seal) -> tuple[int, Fault | None]:
    """How many rows stand under a seal, and what is wrong with them."""
    ids: list[Cell] = []
    leaves = []
    try:
        with reading(system) as work:
            for row in work.session.execute(rows_between(seal.first_id, seal.last_id)):
                cells = cells_of(row)
                ids.append(cells["id"])
                leaves.append(leaf_hash(row_bytes(cells)))
    except UNREADABLE:
        return 0, audit_faults.rows_unreadable(seal)
    if merkle_root(leaves) == seal.root:
        return len(ids), None
    present = set(ids)
    absent = (row_id for row_id in range(seal.first_id, seal.last_id + 1) if row_id not in present)
    return len(ids), audit_faults.rows_changed(seal, list(islice(absent, audit_faults.MOST_NAMED + 1)))


def _lost_seals(last: Seal | None, witness: Sequence[Attested]) -> Iterator[Fault]:
    """The newest line of a witness, where it tells of a seal that the database has no more."""
    newest = max(witness, key=lambda line: line.number, default=None)
    if newest is not None and newest.number > (last.number if last else 0):
        yield audit_faults.seals_cut(newest, last.number if last else 0)


def _told(system: System, look: Callable[[Work], Iterator[Fault]]) -> list[Fault]:
    """What a look at the tables finds; that they cannot be read is a fault too."""
    try:
        with reading(system) as work:
            return list(look(work))
    except UNREADABLE:
        return [audit_faults.table_unreadable()]


def _ends(work: Work, last: Seal | None) -> Iterator[Fault]:
    first_id = work.session.scalar(select(func.min(AuditEvent.id)))
    if first_id is not None and first_id < 1:
        yield audit_faults.row_before_first(first_id)
    newest_id = work.session.scalar(select(func.max(AuditEvent.id))) or 0
    if last is not None and newest_id < last.last_id:
        yield audit_faults.tail_cut(last, newest_id)


def _cases(work: Work) -> Iterator[Fault]:
    """Cases that the audit says were begun and that are gone; cases whose beginning it does not hold."""
    gone = (
        select(AuditEvent.case_id, AuditEvent.at)
        .where(
            AuditEvent.action == BEGINNING,
            ~exists().where(Case.id == AuditEvent.case_id),
        )
        .order_by(AuditEvent.id)
        .limit(MOST_CASES)
    )
    for case_id, at in work.session.execute(gone):
        if case_id is not None:
            yield audit_faults.case_missing(case_id, at)
    begun = exists().where(AuditEvent.case_id == Case.id, AuditEvent.action == BEGINNING)
    unannounced = select(Case.id, Case.number).where(~begun).order_by(Case.created_at, Case.id)
    for case_id, number in work.session.execute(unannounced.limit(MOST_CASES)):
        yield audit_faults.case_unannounced(case_id, number)


def _unsealed(system: System, last: Seal | None) -> tuple[int, datetime | None]:
    """How many rows came after the last seal, and the instant of the first of them."""
    after = AuditEvent.id > (last.last_id if last else 0)
    with reading(system) as work:
        count = work.session.scalar(select(func.count()).select_from(AuditEvent).where(after)) or 0
        first = select(AuditEvent.at).where(after).order_by(AuditEvent.id).limit(1)
        try:
            return count, work.session.scalar(first)
        except UNREADABLE:
            return count, None
