"""The expert's lists as questions, each written once for readers of as many ``teams`` and ``names``.

Who reads is in the bound values of ``case_lists.reader_values``; each takes ``most``, the number of rows.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, case, func, or_, select

from dermavis.models.queries.case_lists import (
    answered_by,
    asked_again,
    late_with_others,
    on_hold,
    team_queue,
    unread_in_time,
)
from dermavis.models.queries.quick import Question

LISTS = {"queue": "due_at", "waiting": "held_at", "answered": "answered_at"}
"""The lists, and the column by which each is ordered."""

Side = Literal["all", "behind", "upto"]


def _value(name: str) -> Any:
    """A bound value, of the kind of what it is compared with."""
    return bindparam(name)


_MOST = bindparam("most", type_=Integer())


def _list(name: str, teams: int, names: int) -> Select[Any]:
    if name == "queue":
        return team_queue(teams, names)
    return on_hold() if name == "waiting" else answered_by()


@lru_cache(maxsize=256)
def page(name: str, teams: int, names: int, of_motive: bool, side: Side) -> Question:
    """A page of a list: all from its start, behind a place (``instant``, ``place``), or up to it; ``most`` rows."""
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
def heads(teams: int, names: int) -> Question:
    """What the header says of the queue's first requests, by motive: values ``now``, ``midnight``, ``most``."""
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
def waiting() -> Question:
    """How many requests of the reader wait for a word of their requester, ``most`` at most."""
    whole = on_hold()
    ids = whole.with_only_columns(whole.selected_columns.id).order_by(None).limit(_MOST).subquery()
    return Question(select(func.count().label("number")).select_from(ids))


@lru_cache(maxsize=64)
def unread(teams: int, names: int) -> Question:
    """Critical opinions that nobody acknowledged in their time."""
    return Question(unread_in_time(teams, names).limit(_MOST))


@lru_cache(maxsize=64)
def late(teams: int, names: int) -> Question:
    """Requests that a colleague claimed and holds beyond the promise: value ``now``."""
    return Question(late_with_others(teams, names).limit(_MOST))


@lru_cache(maxsize=64)
def questions(teams: int) -> Question:
    """Questions after an opinion: value ``team_since``."""
    return Question(asked_again(teams).limit(_MOST))
