"""What comes due and when, for those who decide on it; a record's content is opened for nobody here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, extract, func, select

from dermavis.domain.case_states import STATE_WORDS, State
from dermavis.domain.permissions import Permission
from dermavis.domain.retention import TERM_RULES
from dermavis.models import Case
from dermavis.services.access import may, require
from dermavis.services.legal_holds import HoldStep, steps_of
from dermavis.services.names import organizations
from dermavis.services.numbered_cases import case_numbered
from dermavis.services.retention import term_of
from dermavis.services.work import Work

PAGE = 50


@dataclass(frozen=True)
class DueCase:
    """A case by its term. ``over``: nothing but a decision keeps it any more."""

    number: str
    site: str
    centre: str
    keep_until: datetime
    over: bool
    held: bool


@dataclass(frozen=True)
class Terms:
    """What comes due: how many in each year, a page of them in order, and how many are held or over."""

    rows: tuple[DueCase, ...]
    further: str
    years: tuple[tuple[int, int], ...]
    over: int
    held: int


@dataclass(frozen=True)
class CaseTerm:
    """The retention of one case. ``rule`` says in words what its term follows from; empty while it is open."""

    id: UUID
    number: str
    state: str
    site: str
    centre: str
    sent_at: datetime | None
    closed_at: datetime | None
    keep_until: datetime | None
    rule: str
    over: bool
    erased_at: datetime | None
    held: bool
    holds: tuple[HoldStep, ...]
    may_hold: bool


def read_terms(work: Work, after: str = "") -> Terms:
    """Return what comes due in the actor's network, the nearest term first; ``after`` a number continues the list.

    Raises Forbidden, NotFound for an unknown number.
    """
    require(work, Permission.RETENTION_READ)
    conditions = _with_term(work)
    page = select(Case).where(*conditions)
    if after:
        last = case_numbered(work, after)
        page = page.where(
            (Case.keep_until > last.keep_until) | ((Case.keep_until == last.keep_until) & (Case.id > last.id))
        )
    cases = work.session.scalars(page.order_by(Case.keep_until, Case.id).limit(PAGE + 1)).all()
    year = extract("year", Case.keep_until)
    counted = work.session.execute(
        select(year, func.count()).where(*conditions).group_by(year).order_by(year).limit(40)
    ).all()
    return Terms(
        rows=_rows(work, cases[:PAGE]),
        further=(cases[PAGE - 1].number or "") if len(cases) > PAGE else "",
        years=tuple((int(row[0]), row[1]) for row in counted),
        over=_count(work, *conditions, Case.keep_until <= work.now, Case.legal_hold.is_(False)),
        held=_count(work, *_of_network(work), Case.legal_hold.is_(True)),
    )


def read_case_term(work: Work, number: str) -> CaseTerm:
    """Return until when one case of the network is kept, and why. Raises Forbidden, NotFound."""
    require(work, Permission.RETENTION_READ)
    case = case_numbered(work, number)
    places = organizations(work, [case.site_id, case.centre_id])
    term = term_of(work, case) if case.erased_at is None else None
    return CaseTerm(
        id=case.id,
        number=case.number or "",
        state=STATE_WORDS.get(State(case.state), case.state),
        site=_name(places, case.site_id),
        centre=_name(places, case.centre_id),
        sent_at=case.sent_at,
        closed_at=case.closed_at,
        keep_until=case.keep_until,
        rule=TERM_RULES[term.rule] if term else "",
        over=_is_over(work, case),
        erased_at=case.erased_at,
        held=case.legal_hold,
        holds=tuple(steps_of(work, case)),
        may_hold=may(work, Permission.LEGAL_HOLD),
    )


def _of_network(work: Work) -> list[ColumnElement[bool]]:
    return [Case.network_id == work.acting.facts.network_id, Case.number.is_not(None)]


def _with_term(work: Work) -> list[ColumnElement[bool]]:
    over = [Case.closed_at.is_not(None), Case.erased_at.is_(None), Case.keep_until.is_not(None)]
    return [*_of_network(work), *over]


def _count(work: Work, *conditions: ColumnElement[bool]) -> int:
    return work.session.scalar(select(func.count()).select_from(Case).where(*conditions)) or 0


def _rows(work: Work, cases: Sequence[Case]) -> tuple[DueCase, ...]:
    places = organizations(work, [place for case in cases for place in (case.site_id, case.centre_id)])
    return tuple(
        DueCase(
            number=case.number or "",
            site=_name(places, case.site_id),
            centre=_name(places, case.centre_id),
            keep_until=case.keep_until,
            over=_is_over(work, case),
            held=case.legal_hold,
        )
        for case in cases
        if case.keep_until is not None
    )


def _is_over(work: Work, case: Case) -> bool:
    return case.keep_until is not None and case.keep_until <= work.now and not case.legal_hold


def _name(places: dict[UUID, Any], place_id: UUID | None) -> str:
    return str(places[place_id].name) if place_id in places else ""
