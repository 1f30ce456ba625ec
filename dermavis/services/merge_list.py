"""Proposals to join two records of a site, what was decided, and who is awaited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import literal, select, tuple_
from sqlalchemy.orm import aliased

from dermavis.domain.calendars import local_day
from dermavis.domain.duplicates import Likeness
from dermavis.domain.errors import NotFound
from dermavis.domain.joining import Confirmation, Second, awaited_words, confirmation
from dermavis.domain.permissions import Permission
from dermavis.domain.wording import date_words, moment_words
from dermavis.models import Patient, PatientMerge
from dermavis.services.access import may, require
from dermavis.services.merge_reminders import people_of_site
from dermavis.services.names import full_name, name_of, people
from dermavis.services.patient_duplicates import Record, note_compared, records_of
from dermavis.services.patient_merges import find_merge, newer
from dermavis.services.work import Work

PAGE = 25


@dataclass(frozen=True)
class Awaited:
    """Who confirms, and until when, in ``words``. ``now``: it is the actor's turn."""

    second: Second
    words: str
    now: bool


@dataclass(frozen=True)
class ShownMerge:
    """A joining of two records and where it stands. ``state``: proposed, done, refused.

    ``awaited``: who confirms what is proposed. ``undoes``: whether the actor may undo it. ``newer``: requests sent on
    the kept record since. ``alone``: one person read both records twice.
    """

    id: UUID
    state: str
    kept: Record
    merged: Record
    likeness: Likeness
    proposed_by: str
    decided_by: str
    awaited: Awaited | None
    undoes: bool
    newer: int
    alone: bool


@dataclass(frozen=True)
class MergePage:
    """Some joinings in their order. ``after``: the last of them where others follow."""

    rows: list[ShownMerge]
    after: UUID | None = None


def proposals(work: Work, after: UUID | None = None) -> MergePage:
    """Return the proposals of the acting site, the oldest first, 25 behind ``after``. Raises Forbidden, NotFound."""
    return _page(work, ("proposed",), after, PatientMerge.proposed_at, newest_first=False)


def decisions(work: Work, after: UUID | None = None) -> MergePage:
    """Return what was joined or kept apart in the acting site, the last decided first, 25 behind ``after``.

    Raises Forbidden, NotFound.
    """
    return _page(work, ("done", "refused"), after, PatientMerge.decided_at, newest_first=True)


def _page(
    work: Work, states: tuple[str, ...], after: UUID | None, by: Any, *, newest_first: bool
) -> MergePage:
    require(work, Permission.PATIENT_MERGE_PROPOSE)
    kept, merged = aliased(Patient), aliased(Patient)
    found = (
        select(PatientMerge)
        .join(kept, kept.id == PatientMerge.kept_id)
        .join(merged, merged.id == PatientMerge.merged_id)
        .where(
            PatientMerge.organization_id == work.acting.organization_id,
            PatientMerge.state.in_(states),
            kept.erased_at.is_(None),
            merged.erased_at.is_(None),
        )
    )
    order = (by, PatientMerge.id)
    if after is not None:
        # Where it stood it stands, whatever was decided about it meanwhile.
        last = work.session.get(PatientMerge, after)
        if last is None or last.organization_id != work.acting.organization_id:
            raise NotFound
        place = tuple_(literal(getattr(last, by.key), by.type), literal(last.id, PatientMerge.id.type))
        found = found.where(tuple_(*order) < place if newest_first else tuple_(*order) > place)
    ordered = found.order_by(*(column.desc() if newest_first else column for column in order))
    rows = work.session.scalars(ordered.limit(PAGE + 1)).all()
    return MergePage(_all_shown(work, rows[:PAGE]), rows[PAGE - 1].id if len(rows) > PAGE else None)


def proposal(work: Work, merge_id: UUID) -> ShownMerge | None:
    """Return a proposal of the acting site with both records; None once it was decided. Raises Forbidden, NotFound.

    One audit row notes that they were compared.
    """
    require(work, Permission.PATIENT_MERGE_PROPOSE)
    row = find_merge(work, merge_id)
    shown = next(iter(_all_shown(work, [row])), None) if row.state == "proposed" else None
    if shown is not None:
        note_compared(work, [shown.kept.id, shown.merged.id])
    return shown


def who_would_confirm(work: Work) -> Awaited:
    """Return who would confirm what the actor proposed now."""
    here = people_of_site(work, work.acting.organization_id)
    return _awaited(work, confirmation(work.acting.person_id, work.now, *here))


def waiting_for_me(work: Work) -> int:
    """Return how many proposals the actor may confirm now."""
    if not may(work, Permission.PATIENT_MERGE_CONFIRM):
        return 0
    rows = select(PatientMerge.proposed_by, PatientMerge.proposed_at).where(
        PatientMerge.organization_id == work.acting.organization_id, PatientMerge.state == "proposed"
    )
    found = work.session.execute(rows).all()
    here = people_of_site(work, work.acting.organization_id) if found else (frozenset(), frozenset())
    return sum(_is_my_turn(work, confirmation(row.proposed_by, row.proposed_at, *here)) for row in found)


def _is_my_turn(work: Work, found: Confirmation) -> bool:
    return work.acting.person_id in found.people and work.now >= found.since


def _awaited(work: Work, found: Confirmation) -> Awaited:
    others = people(work, found.people - {work.acting.person_id}).values()
    named = sorted(full_name(name) for name in others)
    named += ["vous"] if work.acting.person_id in found.people else []
    names = " ou ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)
    zone = work.acting.time_zone
    until = date_words(local_day(found.until, zone))
    words = awaited_words(found.second, names, moment_words(found.since, zone), until)
    return Awaited(found.second, words, _is_my_turn(work, found))


def _all_shown(work: Work, rows: Sequence[PatientMerge]) -> list[ShownMerge]:
    records = records_of(work, [id_ for row in rows for id_ in (row.kept_id, row.merged_id)])
    here = people_of_site(work, work.acting.organization_id)
    return [
        _shown(work, row, records[row.kept_id], records[row.merged_id], here)
        for row in rows
        if row.kept_id in records and row.merged_id in records
    ]


def _shown(
    work: Work,
    row: PatientMerge,
    kept: Record,
    merged: Record,
    here: tuple[frozenset[UUID], frozenset[UUID]],
) -> ShownMerge:
    proposed, done = row.state == "proposed", row.state == "done"
    return ShownMerge(
        id=row.id,
        state=row.state,
        kept=kept,
        merged=merged,
        likeness=Likeness(row.likeness),
        proposed_by=name_of(work, row.proposed_by),
        decided_by=name_of(work, row.decided_by) if row.decided_by else "",
        awaited=_awaited(work, confirmation(row.proposed_by, row.proposed_at, *here)) if proposed else None,
        undoes=done and may(work, Permission.PATIENT_MERGE_UNDO) and not kept.joined,
        newer=newer(work, row) if done else 0,
        alone=done and row.decided_by == row.proposed_by,
    )
