"""The register of patients' demands, and one demand as its readers see it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select

from dermavis.domain.calendars import local_day
from dermavis.domain.demands import (
    ACCESS,
    ASKERS,
    CHECKS_OF,
    IDENTITY_CHECKS,
    KINDS,
    OUTCOMES,
    STEPS,
    Window,
    demand_number,
    handing_over,
    is_due_soon,
    may_extend,
)
from dermavis.domain.permissions import Permission
from dermavis.domain.text import normalise_name, search_words
from dermavis.models import Case, DataDemand, DataDemandStep, Patient
from dermavis.services.access import may, require
from dermavis.services.demand_reminders import who_answers_demand
from dermavis.services.demands import find_demand
from dermavis.services.lists import patient_name
from dermavis.services.names import full_name, organizations, people
from dermavis.services.patients import kept_record, read_identity
from dermavis.services.readings import record_reading, record_soon
from dermavis.services.vault import Sealer
from dermavis.services.work import Actor, System, Work, reading

PAGE = 50
MOST = 5000
STANDINGS = {"open": "En cours", "late": "En retard", "closed": "Répondues"}


@dataclass(frozen=True)
class Wanted:
    """What is looked for: ``kind`` of demand, ``standing``, and ``words``: a number or a patient's name."""

    kind: str = ""
    standing: str = ""
    words: str = ""


@dataclass(frozen=True)
class DemandRow:
    """A line of the register; no patient is named in it. ``soon``: due within a week, and not late yet."""

    id: UUID
    number: str
    kind: str
    case_number: str
    site: str
    asked_by: str
    received_on: date
    due_on: date
    late: bool
    soon: bool
    outcome: str
    closed_at: datetime | None
    registered_by: str


@dataclass(frozen=True)
class Register:
    """Lines of the register, the nearest due day first, then the answered ones, the latest first."""

    rows: tuple[DemandRow, ...]
    more: bool
    late: int


@dataclass(frozen=True)
class StepShown:
    """A step in words. ``detail``: how an identity was checked, what was answered."""

    what: str
    detail: str
    words: str
    who: str
    place: str
    at: datetime


@dataclass(frozen=True)
class DemandShown:
    """One demand. ``patient`` and the words are empty once the patient was erased.

    ``answered_by``: who is told that it waits.
    ``window``: for an access, the days on which the record is handed over. The rest is what the actor may do now.
    """

    row: DemandRow
    kind: str
    patient: str
    who: str
    words: str
    identity_check: str
    extended: bool
    answered_by: str
    window: Window | None
    steps: tuple[StepShown, ...]
    checks: tuple[tuple[str, str], ...]
    outcomes: tuple[tuple[str, str], ...]
    may_check: bool
    may_extend: bool
    may_close: bool
    may_hand_over: bool
    case_id: UUID | None


def read_register(system: System, actor: Actor, wanted: Wanted, most: int = PAGE) -> Register:
    """Return the register of the network for who looks after it, of the actor's site for the site. Raises Forbidden."""
    with reading(system, actor) as work:
        require(work, Permission.DEMANDS_REGISTER)
        conditions = [*_own(work), *_standing(work, wanted)]
        if wanted.kind in KINDS:
            conditions.append(DataDemand.kind == wanted.kind)
        found: Sequence[DataDemand] = work.session.scalars(
            select(DataDemand)
            .where(*conditions)
            .order_by(DataDemand.closed_at.is_not(None), DataDemand.due_on, DataDemand.number.desc())
            .limit(MOST if wanted.words else most + 1)
        ).all()
        if wanted.words:
            found = [demand for demand in found if _answers(work, demand, wanted.words)]
        late = work.session.scalars(
            select(DataDemand.id).where(*_own(work), *_standing(work, Wanted(standing="late")))
        ).all()
        register = Register(_rows(work, found[:most]), len(found) > most, len(late))
    record_soon(
        system, actor, "list.read", subject_kind="demands", demands=[str(row.id) for row in register.rows]
    )
    return register


def export_register(system: System, actor: Actor, wanted: Wanted) -> Register:
    """Return the register for a file; durable in the audit before. Raises Forbidden."""
    with reading(system, actor) as work:
        require(work, Permission.DEMANDS_READ_ALL)
    register = read_register(system, actor, wanted, MOST)
    record_reading(system, actor, "demand.list", subject_kind="demands", rows=len(register.rows))
    return register


def read_demand(system: System, actor: Actor, demand_id: UUID) -> DemandShown:
    """Return one demand with its history; noted before it is shown. Raises NotFound."""
    with reading(system, actor) as work:
        shown = _shown(work, find_demand(work, demand_id))
    record_reading(
        system, actor, "demand.read", case_id=shown.case_id, subject_kind="demand", subject_id=demand_id
    )
    return shown


def _own(work: Work) -> list[ColumnElement[bool]]:
    own = [DataDemand.network_id == work.acting.facts.network_id]
    if not may(work, Permission.DEMANDS_READ_ALL):
        own.append(DataDemand.site_id == work.acting.organization_id)
    return own


def _standing(work: Work, wanted: Wanted) -> list[ColumnElement[bool]]:
    today = local_day(work.now, work.acting.time_zone)
    conditions: dict[str, list[ColumnElement[bool]]] = {
        "open": [DataDemand.closed_at.is_(None)],
        "late": [DataDemand.closed_at.is_(None), DataDemand.due_on < today],
        "closed": [DataDemand.closed_at.is_not(None)],
    }
    return conditions.get(wanted.standing, [])


def _answers(work: Work, demand: DataDemand, words: str) -> bool:
    """Whether the demand or its case bears the number typed, or its patient the name."""
    typed = "".join(words.split()).upper()
    case = work.session.get(Case, demand.case_id) if demand.case_id else None
    if typed in {demand_number(demand.number), case.number if case else ""}:
        return True
    wanted = search_words(words)
    name = normalise_name(_patient_of(work, demand))
    return bool(wanted) and all(word in name for word in wanted)


def _rows(work: Work, demands: Iterable[DataDemand]) -> tuple[DemandRow, ...]:
    demands = list(demands)
    today = local_day(work.now, work.acting.time_zone)
    sites = organizations(work, [demand.site_id for demand in demands])
    names = people(work, [demand.registered_by for demand in demands])
    ids = [demand.case_id for demand in demands if demand.case_id]
    numbered = work.session.execute(select(Case.id, Case.number).where(Case.id.in_(ids)))
    numbers = {row.id: row.number for row in numbered}
    return tuple(
        DemandRow(
            id=demand.id,
            number=demand_number(demand.number),
            kind=KINDS.get(demand.kind, demand.kind),
            case_number=(numbers.get(demand.case_id) or "") if demand.case_id else "",
            site=sites[demand.site_id].name,
            asked_by=ASKERS.get(demand.asked_by, demand.asked_by),
            received_on=demand.received_on,
            due_on=demand.due_on,
            late=demand.closed_at is None and demand.due_on < today,
            soon=demand.closed_at is None and demand.due_on >= today and is_due_soon(demand.due_on, today),
            outcome=OUTCOMES.get(demand.kind, {}).get(demand.outcome, demand.outcome),
            closed_at=demand.closed_at,
            registered_by=full_name(names[demand.registered_by]),
        )
        for demand in demands
    )


def _shown(work: Work, demand: DataDemand) -> DemandShown:
    is_open = demand.closed_at is None
    content = _content(work, demand)
    ends = Permission.ACCESS_HAND_OVER if demand.kind == "access" else Permission.DEMANDS_DECIDE
    today = local_day(work.now, work.acting.time_zone)
    checks = tuple(
        (code, IDENTITY_CHECKS[code]) for code in IDENTITY_CHECKS if code in CHECKS_OF[demand.asked_by]
    )
    return DemandShown(
        row=_rows(work, [demand])[0],
        kind=demand.kind,
        patient=_patient_of(work, demand),
        who=str(content.get("who", "")),
        words=str(content.get("words", "")),
        identity_check=IDENTITY_CHECKS.get(demand.identity_check, ""),
        extended=demand.extended,
        answered_by=_answered_by(work, demand) if is_open else "",
        window=replace(handing_over(demand.received_on), last=demand.due_on)
        if demand.kind == ACCESS
        else None,
        steps=_steps(work, demand),
        checks=checks,
        outcomes=tuple(OUTCOMES[demand.kind].items()),
        may_check=is_open and not demand.identity_check,
        may_extend=may(work, Permission.DEMANDS_DECIDE)
        and may_extend(demand.kind, demand.received_on, demand.extended, not is_open, today),
        may_close=is_open and may(work, ends),
        may_hand_over=is_open and demand.kind == "access" and may(work, Permission.ACCESS_HAND_OVER),
        case_id=demand.case_id,
    )


def _answered_by(work: Work, demand: DataDemand) -> str:
    names = people(work, who_answers_demand(work, demand))
    return ", ".join(sorted(full_name(name) for name in names.values()))


def _steps(work: Work, demand: DataDemand) -> tuple[StepShown, ...]:
    rows = work.session.scalars(
        select(DataDemandStep)
        .where(DataDemandStep.demand_id == demand.id)
        .order_by(DataDemandStep.made_at.desc(), DataDemandStep.id)
    ).all()
    names = people(work, [row.made_by for row in rows])
    places = organizations(work, [row.organization_id for row in rows])
    details = IDENTITY_CHECKS | OUTCOMES[demand.kind]
    return tuple(
        StepShown(
            what=STEPS.get(row.kind, row.kind),
            detail=details.get(row.detail, ""),
            words=_opened(work, demand, row.sealed, "data_demand_steps", row.id, "sealed") or "",
            who=full_name(names[row.made_by]),
            place=places[row.organization_id].name,
            at=row.made_at,
        )
        for row in rows
    )


def _content(work: Work, demand: DataDemand) -> dict[str, Any]:
    opened = _opened(work, demand, demand.content_sealed, "data_demands", demand.id, "content_sealed")
    return dict(opened) if opened else {}


def _patient_of(work: Work, demand: DataDemand) -> str:
    patient = kept_record(work, demand.patient_id)
    return (
        "" if patient is None or patient.erased_at is not None else patient_name(read_identity(work, patient))
    )


def _opened(work: Work, demand: DataDemand, sealed: bytes | None, table: str, row: UUID, column: str) -> Any:
    """Open words under the patient's key; nothing once the patient was erased."""
    patient = work.session.get_one(Patient, demand.patient_id)
    if not sealed or patient.erased_at is not None:
        return None
    return Sealer(work.system.cipher, patient).open(sealed, table, row, column)
