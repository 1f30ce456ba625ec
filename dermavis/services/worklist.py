"""The expert's lists: what is to be answered, what waits for the requester, what was answered; a page at a time.

A page is found again by its last row's place, (due_at, id), so that requests which arrive or leave meanwhile make no
other row shown twice or missed. Counts stop at ``COUNTED``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from dermavis.domain.permissions import Permission
from dermavis.models import Case
from dermavis.models.queries.expert_questions import LISTS
from dermavis.services.above_queue import Above, above_queue
from dermavis.services.access import require
from dermavis.services.case_looks import unseen_completions
from dermavis.services.lists import ListRow, motive_label, rows_of
from dermavis.services.second_opinion_view import second_opinions_in_brief
from dermavis.services.work import Work
from dermavis.services.worklist_questions import (
    COUNTED,
    Place,
    page_of,
    queue_heads,
    waiting_count,
)

PAGE = 25
MOST_SHOWN = 500
MINUTES_EACH = 3
"""What an answer takes, in minutes, before a centre has its own figure (DOMAIN: best published handling time 3.3)."""


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
    heads = queue_heads(work, _midnight(work))
    length = sum(row.number for row in heads)
    motives = _motives(work, heads, length)
    motive = motive if motive in {row.id for row in motives} and name == "queue" else ""
    found, more = _page(work, name, motive, _place(after), _place(through))
    waiting = waiting_count(work)
    counts = {
        "queue": sum(row.number for row in heads if row.motive == motive) if motive else length,
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
        queue=Count(length),
        waiting=Count(waiting),
        late=sum(row.late for row in heads),
        today=sum(row.today for row in heads),
        minutes=min(length, COUNTED) * MINUTES_EACH,
        motives=motives,
    )


def _with_second_opinions(work: Work, rows: list[ListRow]) -> list[ListRow]:
    words = second_opinions_in_brief(work, [row.id for row in rows if row.mine])
    return [replace(row, second=words[row.id], drawn={}) if row.id in words else row for row in rows]


def queue_after(work: Work, motive: str, after: UUID | None, limit: int) -> list[UUID]:
    """Return the ids of the queue in its order, from the row that follows the case ``after`` on."""
    require(work, Permission.WORKLIST_LIST)
    place = _place_of_case(work, after) if after is not None else None
    return [row.id for row in page_of(work, "queue", limit, motive=motive, side="behind", place=place)]


def remaining(work: Work, motive: str, case_id: UUID) -> Count:
    """Return how many requests of the queue stand at or behind a case."""
    return Count(1 + len(queue_after(work, motive, case_id, COUNTED + 1)))


def _motives(work: Work, heads: Sequence[Any], length: int) -> list[MotiveCount]:
    return [
        MotiveCount(row.motive, label, row.number if length <= COUNTED else None)
        for row in heads
        if (label := motive_label(work, row.specialty_id, row.motive))
    ]


def _midnight(work: Work) -> datetime:
    """When the actor's day ends."""
    zone = ZoneInfo(work.acting.time_zone)
    tomorrow = work.now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(0), zone).astimezone(UTC)


def _page(
    work: Work, name: str, motive: str, after: Place | None, through: Place | None
) -> tuple[Sequence[Any], bool]:
    if through is not None:
        found = page_of(work, name, MOST_SHOWN, motive=motive, side="upto", place=through)
        if found:
            last = _place_of(found[-1], name)
            return found, bool(page_of(work, name, 1, motive=motive, side="behind", place=last))
    found = page_of(work, name, PAGE + 1, motive=motive, side="behind", place=after)
    return found[:PAGE], len(found) > PAGE


def _place_of(row: Any, name: str) -> Place:
    return getattr(row, LISTS[name]), row.id


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
