"""The expert's lists: what is to be answered, what waits for the requester, what was answered; a page at a time.

A page is found again by its last row's place, (due_at, id), so that requests which arrive or leave meanwhile make no
other row shown twice or missed. Counts stop at ``COUNTED``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, func, or_, select

from dermavis.domain.permissions import Permission
from dermavis.models import Case
from dermavis.models.queries.case_lists import answered_by, on_hold, team_queue
from dermavis.models.queries.quick import ask
from dermavis.services.above_queue import Above, above_queue
from dermavis.services.access import require
from dermavis.services.case_looks import unseen_completions
from dermavis.services.lists import ListRow, motive_label, rows_of
from dermavis.services.second_opinion_view import second_opinions_in_brief
from dermavis.services.work import Work

PAGE = 25
MOST_SHOWN = 500
COUNTED = 99
MINUTES_EACH = 3
"""What an answer takes, in minutes, before a centre has its own figure (DOMAIN: best published handling time 3.3)."""

Place = tuple[datetime, UUID]
"""Where a row stands in its list."""

LISTS = ("queue", "waiting", "answered")


@dataclass(frozen=True)
class Count:
    """How many there are, told exactly up to ``COUNTED``."""

    number: int

    @property
    def words(self) -> str:
        """Return "14" or "99+"."""
        return str(self.number) if self.number <= COUNTED else f"{COUNTED}+"


@dataclass(frozen=True)
class MotiveCount:
    """A motive of the queue; ``count`` is None when the queue is too long to be counted by motive."""

    id: str
    label: str
    count: int | None


@dataclass(frozen=True)
class Worklist:
    """One of the expert's lists. ``shown`` of ``count`` rows; ``last`` is the place of the last row shown.

    ``above`` is what stands above the queue's first page.
    ``completed`` are the rows whose request changed since the actor had it before them, each with how, in words.
    ``late``, ``today`` and ``minutes`` are about the whole queue, whatever motive is chosen.
    """

    name: str
    motive: str
    rows: list[ListRow]
    above: Above
    completed: dict[UUID, str]
    more: bool
    last: str
    count: Count
    queue: Count
    waiting: Count
    late: int
    today: int
    minutes: int
    motives: list[MotiveCount]


def worklist(work: Work, name: str, motive: str = "", after: str = "", through: str = "") -> Worklist:
    """Return a page of a list: what follows the place ``after``, or all from the start ``through`` a place.

    An unknown motive or place is as none. Raises Forbidden.
    """
    require(work, Permission.WORKLIST_LIST)
    name = name if name in LISTS else "queue"
    queue_facts = _facts(work)
    motives = _motives(work, queue_facts)
    motive = motive if motive in {row.id for row in motives} and name == "queue" else ""
    query = _queries(work, name).whole
    if motive:
        query = query.where(query.selected_columns.motive == motive)
    found, more = _page(work, query, name, _place(after), _place(through))
    waiting = ask(work.session, _queries(work, "waiting").counted).scalar_one()
    counts = {
        "queue": sum(row.motive == motive for row in queue_facts) if motive else len(queue_facts),
        "waiting": waiting,
        "answered": len(found),
    }
    return Worklist(
        name=name,
        motive=motive,
        rows=_with_second_opinions(work, rows_of(work, found)),
        above=above_queue(work) if name == "queue" and not after else Above(),
        completed=unseen_completions(work, [row.id for row in found]),
        more=more,
        last=_written(found[-1], name) if found else "",
        count=Count(counts[name]),
        queue=Count(len(queue_facts)),
        waiting=Count(waiting),
        late=sum(row.late_at is not None and row.late_at < work.now for row in queue_facts),
        today=sum(_is_for_today(work, row) for row in queue_facts),
        minutes=min(len(queue_facts), COUNTED) * MINUTES_EACH,
        motives=motives,
    )


def _with_second_opinions(work: Work, rows: list[ListRow]) -> list[ListRow]:
    words = second_opinions_in_brief(work, [row.id for row in rows if row.mine])
    return [replace(row, second=words[row.id], drawn={}) if row.id in words else row for row in rows]


def queue_after(work: Work, motive: str, after: UUID | None, limit: int) -> list[UUID]:
    """Return the ids of the queue in its order, from the row that follows the case ``after`` on."""
    require(work, Permission.WORKLIST_LIST)
    query = _queries(work, "queue").whole
    columns = query.selected_columns
    if motive:
        query = query.where(columns.motive == motive)
    if after is not None:
        query = _beyond(query, "queue", _place_of_case(work, after))
    return list(ask(work.session, query.with_only_columns(columns.id).limit(limit)).scalars())


def remaining(work: Work, motive: str, case_id: UUID) -> Count:
    """Return how many requests of the queue stand at or behind a case."""
    return Count(1 + len(queue_after(work, motive, case_id, COUNTED + 1)))


# Written once for a person who comes back: to write a query takes longer than to ask it.


@dataclass(frozen=True)
class _Queries:
    """One of a person's lists: whole, its first page, what the header counts of it, and how many there are."""

    whole: Select[Any]
    first_page: Select[Any]
    facts: Select[Any]
    counted: Select[Any]


def _queries(work: Work, name: str) -> _Queries:
    actor = work.acting
    facts = actor.facts
    return _queries_of(name, actor.organization_id, facts.team_ids, actor.person_id, facts.substitute_for)


@lru_cache(maxsize=256)
def _queries_of(
    name: str,
    centre_id: UUID,
    team_ids: frozenset[UUID],
    person_id: UUID,
    substitute_for: frozenset[UUID],
) -> _Queries:
    if name == "waiting":
        whole = on_hold(centre_id, person_id)
    elif name == "answered":
        whole = answered_by(centre_id, person_id)
    else:
        whole = team_queue(centre_id, team_ids, person_id, substitute_for)
    columns = whole.selected_columns
    facts = whole.with_only_columns(columns.motive, columns.specialty_id, columns.due_at, columns.late_at)
    ids = whole.with_only_columns(columns.id).order_by(None).limit(COUNTED + 1).subquery()
    return _Queries(
        whole=whole,
        first_page=whole.limit(PAGE + 1),
        facts=facts.limit(COUNTED + 1),
        counted=select(func.count()).select_from(ids),
    )


def _facts(work: Work) -> Sequence[Any]:
    """What the header and the chips count; the most pressing first."""
    return ask(work.session, _queries(work, "queue").facts).all()


def _motives(work: Work, facts: Sequence[Any]) -> list[MotiveCount]:
    counted = Counter((row.specialty_id, row.motive) for row in facts)
    whole = len(facts) <= COUNTED
    return [
        MotiveCount(motive, label, number if whole else None)
        for (specialty, motive), number in counted.most_common()
        if (label := motive_label(work, specialty, motive))
    ]


def _is_for_today(work: Work, row: Any) -> bool:
    """Promised for today, and not late yet."""
    zone = ZoneInfo(work.acting.time_zone)
    tomorrow = work.now.astimezone(zone).date() + timedelta(days=1)
    midnight = datetime.combine(tomorrow, time(0), zone).astimezone(UTC)
    late = row.late_at is not None and row.late_at < work.now
    return row.due_at is not None and row.due_at <= midnight and not late


def _page(
    work: Work, query: Select[Any], name: str, after: Place | None, through: Place | None
) -> tuple[Sequence[Any], bool]:
    if through is not None:
        upto = _beyond(query, name, through, upto=True)
        found = ask(work.session, upto.limit(MOST_SHOWN)).all()
        if found:
            rest = ask(work.session, _beyond(query, name, _place_of(found[-1], name)).limit(1)).first()
            return found, rest is not None
    if after is not None:
        query = _beyond(query, name, after)
    queries = _queries(work, name)
    page = queries.first_page if query is queries.whole else query.limit(PAGE + 1)
    found = ask(work.session, page).all()
    return found[:PAGE], len(found) > PAGE


_ORDERED_BY = {"queue": "due_at", "waiting": "held_at", "answered": "answered_at"}


def _beyond(query: Select[Any], name: str, place: Place, upto: bool = False) -> Select[Any]:
    """What stands behind a place, or up to it; ``answered`` goes backwards in time."""
    instant, case_id = place
    column, row_id = query.selected_columns[_ORDERED_BY[name]], query.selected_columns.id
    later = column < instant if name == "answered" else column > instant
    earlier = column > instant if name == "answered" else column < instant
    if upto:
        return query.where(or_(earlier, and_(column == instant, row_id <= case_id)))
    return query.where(or_(later, and_(column == instant, row_id > case_id)))


def _place_of(row: Any, name: str) -> Place:
    return getattr(row, _ORDERED_BY[name]), row.id


def _place_of_case(work: Work, case_id: UUID) -> Place:
    case = work.session.get_one(Case, case_id)
    return case.due_at or work.now, case_id


def _written(row: Any, name: str) -> str:
    instant, case_id = _place_of(row, name)
    return f"{instant:%Y%m%dT%H%M%S.%f}~{case_id}"


def _place(text: str) -> Place | None:
    instant, _, case_id = text.partition("~")
    try:
        return datetime.strptime(instant, "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC), UUID(case_id)
    except ValueError:
        return None
