"""What a coordination sees of its members' requests: those to read again, those that skipped it, those that left.

Nothing here shows an opinion. A board is read whole, since nobody reads hundreds of requests again by hand; what left
comes by pages, found again by the place (submitted_at, id) of their last row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select

from dermavis.domain.calendars import working_days
from dermavis.domain.case_states import State, state_seen
from dermavis.domain.deadlines import DEFAULT_DELAYS, due, patient_waiting
from dermavis.domain.permissions import Permission
from dermavis.domain.request_search import Wanted, matches, read_query
from dermavis.domain.wording import ago_words, duration_words
from dermavis.models import Case, Organization, Patient
from dermavis.models.queries.coordination_lists import pooled_and_sent, pooled_now, skipped_pooling
from dermavis.services.access import require
from dermavis.services.lists import SHARED_PLACES, ListRow, rows_of, summary_of_row
from dermavis.services.names import PersonNames, PlaceNames, organizations, people, short_name
from dermavis.services.work import Work

MOST_SHOWN = 300
PAGE = 25
LOOKED_THROUGH = 500
"""Rows opened at a time while searching through what left."""

MOST_NAMED = 3
"""Missing parts that a row names; the panel names them all."""

PROVISIONAL = "Identité provisoire"
WORDS: dict[str, tuple[str, str]] = {
    "submitted": ("Envoyée", "send"),
    "claimed": ("Prise en charge", "user-check"),
    "on_hold": ("Précision demandée", "message-circle-question-mark"),
    "answered": ("Avis rendu", "mail-open"),
    "closed": ("Close", "circle-check"),
    "declined": ("Déclinée", "corner-up-right"),
    "cancelled": ("Annulée", "ban"),
    "entered_in_error": ("Saisie par erreur", "ban"),
}
"""Where a request stands once it left, for somebody who reads no opinion."""


@dataclass(frozen=True)
class PoolRow:
    """A request on the board. ``lacks``: what keeps it from leaving; ``advice``: what would be better.

    ``waits``: why it waits here. ``direct``: it left without being read again, as urgent. ``waiting`` and ``since``:
    the patient's clock, never paused, and when it began.
    ``answers``: who has it, once it left. ``stands`` and ``icon`` say where it is then.
    """

    shown: ListRow
    asker: str
    place: str
    lacks: tuple[str, ...]
    advice: str
    waits: str
    waiting: str
    since: str
    late: bool
    direct: bool
    answers: str
    stands: str
    icon: str

    @property
    def id(self) -> UUID:
        """The case's id."""
        return self.shown.id

    @property
    def file(self) -> str:
        """Return "waits", "to_complete" or "complete": what the row, the head and the bar of what is chosen all say."""
        if self.waits:
            return "waits"
        return "to_complete" if self.lacks or self.advice else "complete"

    @property
    def lacks_words(self) -> str:
        """Return "Échelle, allergies", or with more "Échelle, allergies et 3 autres"."""
        first, *others = self.lacks or ("",)
        words = [first, *(label[:1].lower() + label[1:] for label in others)]
        if len(words) <= MOST_NAMED:
            return ", ".join(words)
        return f"{', '.join(words[: MOST_NAMED - 1])} et {len(words) - MOST_NAMED + 1} autres"


@dataclass(frozen=True)
class Board:
    """The requests to read again, the longest wait first, and the urgent ones that went straight to who answers.

    ``total``, ``complete``, ``to_complete``, ``waiting`` and ``late`` are about the whole board, also while searching.
    """

    rows: list[PoolRow]
    skipped: list[PoolRow]
    total: int
    complete: int
    to_complete: int
    waiting: int
    late: int
    searched: bool


@dataclass(frozen=True)
class SentPage:
    """Requests that left, the latest first. ``after`` continues behind them; empty when these are the last."""

    rows: list[PoolRow]
    after: str
    searched: bool


def board(work: Work, query: str = "") -> Board:
    """Return the actor's board, or what of it ``query`` looks for (patient, requester, place, number, birth date).

    Signs alone find nothing. Raises Forbidden.
    """
    require(work, Permission.POOL_LIST)
    coordination = work.acting.organization_id
    rows = _rows(work, work.session.execute(pooled_now(coordination).limit(MOST_SHOWN)).all())
    skipped = _rows(work, work.session.execute(skipped_pooling(coordination).limit(MOST_SHOWN)).all())
    searched = bool(query.strip())
    wanted = read_query(query)
    files = Counter(row.file for row in rows)
    return Board(
        rows=[row for row in rows if not searched or _is_wanted(work, wanted, row)],
        skipped=[row for row in skipped if not searched or _is_wanted(work, wanted, row)],
        total=len(rows),
        complete=files["complete"],
        to_complete=files["to_complete"],
        waiting=files["waits"],
        late=sum(row.late for row in rows),
        searched=searched,
    )


def sent(work: Work, query: str = "", after: str = "") -> SentPage:
    """Return a page of what left, or what of it ``query`` looks for. An unknown place is as none. Raises Forbidden."""
    require(work, Permission.POOL_LIST)
    chosen = pooled_and_sent(work.acting.organization_id)
    if query.strip():
        return SentPage(_looked_for(work, chosen, read_query(query)), "", True)
    place = _place(after)
    found = work.session.execute((_behind(chosen, place) if place else chosen).limit(PAGE + 1)).all()
    shown = found[:PAGE]
    return SentPage(_rows(work, shown), _written(shown[-1]) if len(found) > PAGE else "", False)


def count_pooled(work: Work) -> int:
    """Return how many requests wait to be read again. Raises Forbidden."""
    require(work, Permission.POOL_LIST)
    waiting = pooled_now(work.acting.organization_id).order_by(None).limit(MOST_SHOWN).subquery()
    return work.session.scalar(select(func.count()).select_from(waiting)) or 0


def coordination_name(work: Work) -> str:
    """Return the name of the coordination that the actor acts for. Raises Forbidden."""
    require(work, Permission.POOL_LIST)
    row = work.session.get_one(Organization, work.acting.organization_id)
    return row.short_name or row.name


def names_of(work: Work, case_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return the patients' names of requests that are or went through here, for the result of a batch."""
    require(work, Permission.POOL_LIST)
    coordination = work.acting.organization_id
    found: dict[UUID, str] = {}
    for chosen in (pooled_now(coordination), pooled_and_sent(coordination)):
        rows = work.session.execute(chosen.where(Case.id.in_(case_ids))).all()
        found |= {row.id: row.name or row.number for row in rows_of(work, rows)}
    return found


def _rows(work: Work, rows: Sequence[Any]) -> list[PoolRow]:
    persons = people(work, [row.requester_id for row in rows])
    places = organizations(work, [place for row in rows for place in (row.site_id, row.centre_id)])
    provisional = _provisional(work, [row.id for row in rows if row.state == "pooled"])
    direct = _direct(work, [row.id for row in rows if row.submitted_at])
    return [
        _shown(work, row, persons, places, row.id in provisional, row.id in direct)
        for row in rows_of(work, rows)
    ]


def _shown(
    work: Work,
    row: ListRow,
    persons: dict[UUID, PersonNames],
    places: dict[UUID, PlaceNames],
    provisional: bool,
    direct: bool,
) -> PoolRow:
    case = row.case
    asker, place = _two_lines(places.get(case.site_id), persons.get(case.requester_id))
    centre = places.get(case.centre_id)
    stands, icon = WORDS.get(state_seen(State(case.state), case.answered_at, work.now), ("", ""))
    pooled = case.state == "pooled"
    return PoolRow(
        shown=row,
        asker=asker,
        place=place,
        lacks=tuple(case.to_complete or ()) if pooled else (),
        advice=PROVISIONAL if provisional else "",
        waits=case.pool_waits if pooled else "",
        waiting=duration_words(patient_waiting(case.sent_at, work.now, case.answered_at))
        if case.sent_at
        else "",
        since=ago_words(case.sent_at, work.now, work.acting.time_zone, True) if case.sent_at else "",
        late=pooled and _is_late(work, case.sent_at, row.urgency),
        direct=direct,
        answers=row.holder or ((centre.short_name or centre.name) if centre else ""),
        stands=stands,
        icon=icon,
    )


def _two_lines(site: PlaceNames | None, requester: PersonNames | None) -> tuple[str, str]:
    """Return "Dr Rameau" and "Givry"; of a house known by its own name, that name and "Dr Duvernay"."""
    if site is None or requester is None:
        return (short_name(requester) if requester else "", "")
    if site.site_kind in SHARED_PLACES - {"msp"}:
        return site.short_name or site.name, short_name(requester)
    return short_name(requester), site.commune


def _is_late(work: Work, sent_at: datetime | None, urgency: str) -> bool:
    """Whether the patient would have the answer by now, had the request gone straight to somebody who answers."""
    if sent_at is None:
        return False
    delay = DEFAULT_DELAYS.get(urgency, DEFAULT_DELAYS["routine"])
    return work.now > due(sent_at, delay.target, working_days(work.acting.time_zone))


def _provisional(work: Work, case_ids: list[UUID]) -> set[UUID]:
    rows = work.session.scalars(
        select(Case.id)
        .join(Patient, Patient.id == Case.patient_id)
        .where(Case.id.in_(case_ids), Patient.identity_status == "provisional")
    )
    return set(rows)


def _direct(work: Work, case_ids: list[UUID]) -> set[UUID]:
    rows = work.session.scalars(select(Case.id).where(Case.id.in_(case_ids), Case.asked_urgency == "urgent"))
    return set(rows)


def _is_wanted(work: Work, wanted: Wanted, row: PoolRow) -> bool:
    around = (row.shown.requester, row.shown.site, row.asker, row.place)
    return matches(wanted, summary_of_row(work, row.shown.case), row.shown.number, around)


def _looked_for(work: Work, chosen: Select[Any], wanted: Wanted) -> list[PoolRow]:
    found: list[PoolRow] = []
    place: tuple[datetime, UUID] | None = None
    more = bool(wanted)
    while more and len(found) < MOST_SHOWN:
        query = _behind(chosen, place) if place else chosen
        rows = work.session.execute(query.limit(LOOKED_THROUGH)).all()
        found += [row for row in _rows(work, rows) if _is_wanted(work, wanted, row)]
        more = len(rows) == LOOKED_THROUGH
        place = (rows[-1].submitted_at, rows[-1].id) if rows else None
    return found[:MOST_SHOWN]


def _behind(chosen: Select[Any], place: tuple[datetime, UUID]) -> Select[Any]:
    at, last = place
    return chosen.where(or_(Case.submitted_at < at, and_(Case.submitted_at == at, Case.id > last)))


def _place(written: str) -> tuple[datetime, UUID] | None:
    instant, _, last = written.partition("~")
    try:
        at, case_id = datetime.fromisoformat(instant), UUID(last)
    except ValueError:
        return None
    return (at, case_id) if at.tzinfo is not None else None


def _written(row: Any) -> str:
    return f"{row.submitted_at.isoformat()}~{row.id}"
