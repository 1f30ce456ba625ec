"""The rows of a list as people read them: names opened with each case's key, places, motive, delay in words.

``rows_of`` takes what the queries of ``dermavis.models.queries.case_lists`` return. A page of rows costs four queries
for all its people, places and hours, and one opening a row. What was opened is remembered until it is sealed anew, and
a row as it was made for a few seconds, as long as nothing that it shows has changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from dermavis.domain.deadlines import URGENCY_WORDS
from dermavis.domain.specialty_answer_schema import Outcome
from dermavis.domain.wording import age_words, ago_words, birth_date_words
from dermavis.services.names import PersonNames, PlaceNames, full_name, organizations, people, short_name
from dermavis.services.promises import Promise, Promises
from dermavis.services.readings import record_soon
from dermavis.services.recent import Recent
from dermavis.services.vault import Sealer
from dermavis.services.work import Actor, System, Work

CIVILITY = {"F": "Mme", "M": "M."}
SHARED_PLACES = frozenset({"ehpad", "msp", "medico_social", "prison"})
"""Sites known by their own name rather than by the person who asks."""

ERASED = "Télédossier effacé"
"""Stands in a list for a name that is gone."""

MOST_OPENED = 5_000
MOST_MADE = 2_000

HOLDS_S = 15
"""How long, in seconds, a row may stand as it was made: delays are told in hours and minutes."""


@dataclass(frozen=True)
class ListRow:
    """One case of a list. ``case`` is the row of ``LIST_COLUMNS``: its state, version, instants and ids.

    ``place``: "Dr Hennequin, Buxy" or "EHPAD Les Tilleuls"; ``holder``: who has it when it is not the actor;
    ``thumb``: the address of the first picture, or nothing. ``sent``, ``answered`` and ``asked_again`` say when in
    words; ``outcome`` is the destination of the opinion in force, as the specialty words it.
    ``second``: where a second opinion asked for it stands, on the lists of who asked.
    ``drawn``: what a page keeps of its drawings of the row, by what else they depend on.
    """

    case: Any
    id: UUID
    number: str
    name: str
    birth_date: str
    age: str
    sex: str
    question: str
    motive: str
    urgency: str
    urgency_words: str
    requester: str
    site: str
    place: str
    mine: bool
    holder: str
    promise: Promise | None
    thumb: str
    sent: str
    answered: str
    asked_again: str
    outcome: Outcome | None
    second: str = ""
    drawn: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)


def rows_of(work: Work, rows: Sequence[Any]) -> list[ListRow]:
    """Return the rows of a list in their order, ready to be shown to the actor."""
    persons = people(work, [person for row in rows for person in (row.requester_id, row.claimed_by)])
    places = organizations(work, [row.site_id for row in rows])
    view = _View(work, persons, places)
    return [view.row(row) for row in rows]


def summary_of_row(work: Work, row: Any) -> dict[str, Any]:
    """Open what a list shows of a case: names, birth date, question, first lesion, first picture."""
    if row.summary_sealed is None:
        return {}
    key = (row.id, bytes(row.summary_sealed))
    found = _opened.get(key)
    if found is None:
        sealer = Sealer.of_case(work.system.cipher, row.id, row.data_key)
        found = sealer.open(row.summary_sealed, "cases", row.id, "summary_sealed")
        _opened.keep(key, found)
    return found


def patient_name(traits: dict[str, Any]) -> str:
    """Return "Mme Hélène Vautrin": the used name where there is one, as it was typed."""
    parts = (
        CIVILITY.get(traits.get("sex") or "", ""),
        traits.get("first_name"),
        traits.get("used_name") or traits.get("birth_name"),
    )
    return " ".join(part for part in parts if part)


def place_words(site: PlaceNames | None, requester: PersonNames | None) -> str:
    """Return where a request comes from: "EHPAD Les Tilleuls", "Dr Hennequin, Buxy"."""
    if site is None:
        return full_name(requester) if requester else ""
    if requester is None or site.site_kind in SHARED_PLACES:
        return site.short_name or site.name
    return ", ".join(part for part in (short_name(requester), site.commune) if part)


def motive_label(work: Work, specialty_id: str, motive: str) -> str:
    """Return the short label of a motive, nothing for one that the specialty no longer has."""
    specialty = work.system.specialties.get(specialty_id)
    if specialty is None:
        return ""
    return next((row.short_label for row in specialty.motives if row.id == motive), "")


def note_list(system: System, actor: Actor, name: str, case_ids: Iterable[UUID], chosen: str = "") -> None:
    """Audit that the actor saw a list: its name, the code of its filter, its case ids. Thumbnails count with it."""
    cases = [str(case_id) for case_id in case_ids]
    if cases:
        record_soon(system, actor, "list.read", subject_kind=name, filter=chosen, cases=cases)


class _View:
    """How rows look to one actor at one moment, with the people and places that they name."""

    def __init__(self, work: Work, persons: dict[UUID, PersonNames], places: dict[UUID, PlaceNames]) -> None:
        self.work, self.persons, self.places = work, persons, places
        self.promises = Promises(work)
        self.today = work.now.astimezone(ZoneInfo(work.acting.time_zone)).date()
        self.moment = int(work.now.timestamp()) // HOLDS_S

    def row(self, row: Any) -> ListRow:
        """Return the row as it was made for whoever sees the same, or make it."""
        mine = row.claimed_by == self.work.acting.person_id
        place = (row.id, mine, self.work.acting.time_zone)
        basis = self._basis(row)
        found, made = _made.get(place) or (None, None)
        if made is None or found != basis:
            made = _shown(self.work, row, self.persons, self.places, self.promises, self.today)
            _made.keep(place, (basis, made))
        return made

    def _basis(self, row: Any) -> tuple[Any, ...]:
        """Return all that a row's look depends on besides whose it is."""
        requester, holder = self.persons.get(row.requester_id), self.persons.get(row.claimed_by)
        return (tuple(row), requester, holder, self.places.get(row.site_id), self.moment)


def _shown(
    work: Work,
    row: Any,
    persons: dict[UUID, PersonNames],
    places: dict[UUID, PlaceNames],
    promises: Promises,
    today: date,
) -> ListRow:
    summary = summary_of_row(work, row)
    born = date.fromisoformat(summary["birth_date"]) if summary.get("birth_date") else None
    site, requester = places.get(row.site_id), persons.get(row.requester_id)
    mine = row.claimed_by == work.acting.person_id
    holder = persons.get(row.claimed_by) if row.claimed_by and not mine else None
    photo = summary.get("photo")
    return ListRow(
        case=row,
        id=row.id,
        number=row.number or "",
        name=ERASED if row.erased_at else patient_name(summary),
        birth_date=birth_date_words(born) if born else "",
        age=age_words(born, today) if born else "",
        sex=summary.get("sex") or "",
        question=summary.get("question") or "",
        motive=_motive(motive_label(work, row.specialty_id, row.motive), summary),
        urgency=row.urgency,
        urgency_words=URGENCY_WORDS.get(row.urgency, ""),
        requester=full_name(requester) if requester else "",
        site=(site.short_name or site.name) if site else "",
        place=place_words(site, requester),
        mine=mine,
        holder=short_name(holder) if holder else "",
        promise=promises.of(row),
        thumb=f"/cases/{row.id}/photos/{photo}/thumb" if photo else "",
        sent=_when(work, row.sent_at),
        answered=_when(work, row.answered_at),
        asked_again=_when(work, row.asked_again_at),
        outcome=_outcome(work, row.specialty_id, row.destination),
    )


def _motive(label: str, summary: dict[str, Any]) -> str:
    """Return "Kératose", or "Kératose, 3 lésions" where there are several."""
    lesions = summary.get("lesions", 1)
    return f"{label}, {lesions}\u00a0lésions" if lesions > 1 else label


def _when(work: Work, instant: datetime | None) -> str:
    return ago_words(instant, work.now, work.acting.time_zone) if instant else ""


def _outcome(work: Work, specialty_id: str, destination: str) -> Outcome | None:
    specialty = work.system.specialties.get(specialty_id)
    return next((row for row in specialty.outcomes if row.id == destination), None) if specialty else None


def forget() -> None:
    """Forget what was opened and what was made of it."""
    _opened.clear()
    _made.clear()


_opened: Recent[tuple[UUID, bytes], dict[str, Any]] = Recent(MOST_OPENED)
"""By case and sealed bytes: a summary sealed anew is opened anew."""

_made: Recent[tuple[UUID, bool, str], tuple[tuple[Any, ...], ListRow]] = Recent(MOST_MADE)
"""By case, whether it is the reader's own and their time zone: what it was made of, and the row."""
