"""What the expert's lists ask of the database: each question written once for readers of as many teams and names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, case, func, or_, select

from dermavis.models.queries.case_lists import (
    answered_by,
    asked_again,
    late_with_others,
    on_hold,
    reader_values,
    team_queue,
    unread_in_time,
)
from dermavis.models.queries.quick import Question
from dermavis.services.work import Work

LISTS = {"queue": "due_at", "waiting": "held_at", "answered": "answered_at"}
"""The lists, and the column by which each is ordered."""

COUNTED = 99
"""Counts stop here: one more is asked for, which says that there are more."""

Place = tuple[datetime, UUID]
"""Where a row stands in its list."""

Side = Literal["all", "behind", "upto"]


def page_of(
    work: Work, name: str, most: int, *, motive: str = "", side: Side = "all", place: Place | None = None
) -> Sequence[Any]:
    """Return at most so many rows of a list in its order: all, behind a place, or up to it."""
    values = {"most": most, "motive": motive}
    if place is not None:
        values |= {"instant": place[0], "place": place[1]}
    return _ask(work, _page(name, *_shape(work), bool(motive), side if place else "all"), **values)


def queue_heads(work: Work, midnight: datetime) -> Sequence[Any]:
    """Return what the header says of the queue's first requests, by motive, the most frequent first.

    Each row: specialty_id, motive, ``number``, how many are ``late``, and how many are promised until ``midnight``.
    """
    return _ask(work, _heads(*_shape(work)), now=work.now, midnight=midnight, most=COUNTED + 1)


def waiting_count(work: Work) -> int:
    """Return how many requests wait for a word of their requester, ``COUNTED`` and one at most."""
    return int(_ask(work, _waiting(), most=COUNTED + 1)[0].number)


def unread_opinions(work: Work, most: int) -> Sequence[Any]:
    """Return the critical opinions that nobody acknowledged in their time."""
    return _ask(work, _unread(*_shape(work)), most=most)


def held_late(work: Work, most: int) -> Sequence[Any]:
    """Return the requests that a colleague claimed and holds beyond the promise."""
    return _ask(work, _late(*_shape(work)), most=most, now=work.now)


def questions_asked(work: Work, most: int, team_since: datetime) -> Sequence[Any]:
    """Return the questions after an opinion: the reader's, and those that a team has waited with since then."""
    return _ask(work, _asked_again(_shape(work)[0]), most=most, team_since=team_since)


def _ask(work: Work, question: Question, **values: Any) -> Sequence[Any]:
    facts = work.acting.facts
    reader = reader_values(facts.organization_id, facts.team_ids, facts.person_id, facts.substitute_for)
    return question.all(work.session, **reader, **values)


def _shape(work: Work) -> tuple[int, int]:
    facts = work.acting.facts
    return len(facts.team_ids), 1 + len(facts.substitute_for)


def _value(name: str) -> Any:
    """A bound value, of the kind of what it is compared with."""
    return bindparam(name)


_MOST = bindparam("most", type_=Integer())


def _list(name: str, teams: int, names: int) -> Select[Any]:
    if name == "queue":
        return team_queue(teams, names)
    return on_hold() if name == "waiting" else answered_by()


@lru_cache(maxsize=256)
def _page(name: str, teams: int, names: int, of_motive: bool, side: Side) -> Question:
    query = _list(name, teams, names)
    columns = query.selected_columns
    if of_motive:
        query = query.where(columns.motive == bindparam("motive"))
    if side != "all":
        query = query.where(_beside(columns[LISTS[name]], columns.id, side, backwards=name == "answered"))
    return Question(query.limit(_MOST))


def _beside(column: Any, row_id: Any, side: Side, backwards: bool) -> ColumnElement[bool]:
    """What stands behind a place, or up to it; ``backwards`` in time, the latest stands first."""
    instant, place = _value("instant"), _value("place")
    later = column < instant if backwards else column > instant
    earlier = column > instant if backwards else column < instant
    if side == "upto":
        return or_(earlier, and_(column == instant, row_id <= place))
    return or_(later, and_(column == instant, row_id > place))


@lru_cache(maxsize=64)
def _heads(teams: int, names: int) -> Question:
    queue = team_queue(teams, names)
    found = queue.selected_columns
    # With all that it is ordered by: SQLite then reads the ordered indexes side by side and sorts nothing.
    first = (
        queue.with_only_columns(found.specialty_id, found.motive, found.due_at, found.late_at, found.id)
        .limit(_MOST)
        .subquery("first")
        .c
    )
    now, midnight = _value("now"), _value("midnight")
    on_time = or_(first.late_at.is_(None), first.late_at >= now)
    number = func.count().label("number")
    return Question(
        select(
            first.specialty_id,
            first.motive,
            number,
            func.sum(case((first.late_at < now, 1), else_=0)).label("late"),
            func.sum(case((and_(first.due_at <= midnight, on_time), 1), else_=0)).label("today"),
        )
        .group_by(first.specialty_id, first.motive)
        .order_by(number.desc(), func.min(first.due_at), first.motive)
    )


@lru_cache(maxsize=1)
def _waiting() -> Question:
    whole = on_hold()
    ids = whole.with_only_columns(whole.selected_columns.id).order_by(None).limit(_MOST).subquery()
    return Question(select(func.count().label("number")).select_from(ids))


@lru_cache(maxsize=64)
def _unread(teams: int, names: int) -> Question:
    return Question(unread_in_time(teams, names).limit(_MOST))


@lru_cache(maxsize=64)
def _late(teams: int, names: int) -> Question:
    return Question(late_with_others(teams, names).limit(_MOST))


@lru_cache(maxsize=64)
def _asked_again(teams: int) -> Question:
    return Question(asked_again(teams).limit(_MOST))
