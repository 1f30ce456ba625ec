"""« Mes demandes »: what waits for the person, what is under way, what is over; and a search through all of it.

A site's secretary sees every request of the site; a requester their own and those of whom they stand in for. A page
begins after a cursor (instant and id of the last row shown), so that rows that arrive meanwhile move nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, false, not_, or_, select

from dermavis.domain.errors import InvalidInput
from dermavis.domain.permissions import Permission
from dermavis.domain.request_search import matches, read_query
from dermavis.domain.roles import REQUESTING, Role
from dermavis.models import Case, Delivery, Opinion
from dermavis.models.queries.case_lists import prepared_by, requests_of, site_requests
from dermavis.services.access import require
from dermavis.services.lists import summary_of_row
from dermavis.services.request_rows import RequestRow, rows_of_requests
from dermavis.services.teams import preparers
from dermavis.services.work import Work

PAGE = 25
MOST_FOUND = 50
LOOKED_THROUGH = 500
"""Rows opened at a time while searching."""

TO_ORGANIZE = ("to_plan", "planned", "missed")


class Section(StrEnum):
    """A part of the list; its value stands in addresses."""

    FOR_YOU = "for-you"
    RUNNING = "running"
    OVER = "over"


@dataclass(frozen=True)
class Page:
    """Some rows of a section in their order. ``after`` continues behind them; empty when these are the last."""

    rows: list[RequestRow]
    after: str


@dataclass(frozen=True)
class Found:
    """What a search found; ``more`` when there are others than those shown."""

    rows: list[RequestRow]
    more: bool


def sees_whole_site(work: Work) -> bool:
    """Whether the actor's list is the site's rather than their own."""
    return work.acting.roles & {Role.SITE_SECRETARY, *REQUESTING} == {Role.SITE_SECRETARY}


def page_of(work: Work, section: Section, after: str = "") -> Page:
    """Return one page of a section. Raises Forbidden, and InvalidInput for a cursor that is none."""
    require(work, Permission.REQUESTS_LIST)
    chosen = _list(work).where(_condition(work, section))
    if after:
        chosen = chosen.where(_behind(after))
    rows = work.session.execute(chosen.limit(PAGE + 1)).all()
    shown = rows[:PAGE]
    return Page(
        rows=rows_of_requests(work, shown, _unread(work, shown)),
        after=_cursor(shown[-1]) if len(rows) > PAGE else "",
    )


def search(work: Work, query: str) -> Found:
    """Look through the whole list by patient, number or birth date, the latest first. Raises Forbidden."""
    require(work, Permission.REQUESTS_LIST)
    wanted = read_query(query)
    found: list[Any] = []
    start, more_rows = "", bool(wanted)
    while more_rows and len(found) <= MOST_FOUND:
        chosen = _list(work).where(_behind(start)) if start else _list(work)
        rows = work.session.execute(chosen.limit(LOOKED_THROUGH)).all()
        found += [row for row in rows if matches(wanted, summary_of_row(work, row), row.number or "")]
        more_rows = len(rows) == LOOKED_THROUGH
        start = _cursor(rows[-1]) if rows else ""
    shown = found[:MOST_FOUND]
    return Found(rows_of_requests(work, shown, _unread(work, shown)), len(found) > MOST_FOUND)


def _list(work: Work) -> Select[Any]:
    actor = work.acting
    if sees_whole_site(work):
        return site_requests(actor.organization_id)
    return requests_of(actor.organization_id, actor.facts.people, preparers(work, actor.organization_id))


def _condition(work: Work, section: Section) -> ColumnElement[bool]:
    for_you = or_(
        Case.state.in_(("on_hold", "declined")),
        Case.anew_awaited,
        and_(Case.state == "draft", Case.number.is_not(None)),
        and_(Case.state.in_(("answered", "closed")), _delivery_unread(work)),
        _to_send(work),
    )
    retake = exists().where(
        Opinion.case_id == Case.id,
        Opinion.signed_at.is_not(None),
        Opinion.superseded_by.is_(None),
        Opinion.retake,
    )
    nothing_awaited = and_(Case.downstream.not_in(TO_ORGANIZE), not_(retake))
    read = and_(Case.state == "answered", Case.answered_at <= work.now)
    over = or_(Case.closed_at.is_not(None), and_(read, nothing_awaited))
    if section is Section.FOR_YOU:
        return for_you
    if section is Section.OVER:
        return and_(over, not_(for_you))
    return and_(not_(over), not_(for_you))


def _to_send(work: Work) -> ColumnElement[bool]:
    """What the secretary prepared waits for those who may send it, not for the secretary."""
    return false() if sees_whole_site(work) else prepared_by(preparers(work, work.acting.organization_id))


def _delivery_unread(work: Work) -> ColumnElement[bool]:
    """A version that has left and that nobody has read; one that has not left yet is not there."""
    return exists().where(
        Delivery.case_id == Case.id,
        Delivery.kind == "requester",
        Delivery.state.in_(("sent", "opened")),
        Delivery.sent_at <= work.now,
    )


def _unread(work: Work, rows: Sequence[Any]) -> dict[UUID, str]:
    """Case → level, of those whose opinion nobody has acknowledged."""
    answered = [row.id for row in rows if row.state in {"answered", "closed"}]
    if not answered:
        return {}
    unread = (
        Delivery.case_id.in_(answered),
        Delivery.kind == "requester",
        Delivery.state.in_(("sent", "opened")),
        Delivery.sent_at <= work.now,
    )
    found = work.session.execute(select(Delivery.case_id, Delivery.level).where(*unread))
    return {row.case_id: row.level for row in found}


def _behind(cursor: str) -> ColumnElement[bool]:
    instant, _, last = cursor.partition("~")
    try:
        at, case_id = datetime.fromisoformat(instant), UUID(last)
    except ValueError:
        raise InvalidInput({"after": "Cette page de la liste n’existe pas."}) from None
    if at.tzinfo is None:
        raise InvalidInput({"after": "Cette page de la liste n’existe pas."})
    return or_(Case.created_at < at, and_(Case.created_at == at, Case.id > case_id))


def _cursor(row: Any) -> str:
    return f"{row.created_at.isoformat()}~{row.id}"
