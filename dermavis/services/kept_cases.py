"""What a device may keep to be read without network: a requester's last opinions, and the open cases of an expert.

The copy is taken by the person themself, case by case, and each taking is noted as a reading. Nobody else's part of a
case is copied: a coordinator's board, a site's whole list and what a secretary sees stay with the network.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select

from dermavis.domain.errors import NotFound
from dermavis.domain.permissions import Permission
from dermavis.domain.roles import REQUESTING
from dermavis.models import Case, CaseRevision, Delivery, Message, Opinion, Photo
from dermavis.services.access import may
from dermavis.services.case_part import Part
from dermavis.services.work import Work

MOST = 20
"""Of each kind."""

ANSWERED = ("answered", "closed")
OPEN = ("claimed", "on_hold")


@dataclass(frozen=True)
class KeptCase:
    """A case to keep; ``stamp`` changes whenever what its copy shows may have changed."""

    id: UUID
    part: Part
    stamp: str


def kinds_kept(work: Work) -> tuple[Part, ...]:
    """Return as whom the actor may keep cases: ``REQUESTER`` the last opinions, ``EXPERT`` what they answer."""
    kinds = {
        Part.REQUESTER: may(work, Permission.REQUESTS_LIST) and bool(work.acting.roles & REQUESTING),
        Part.EXPERT: may(work, Permission.WORKLIST_LIST),
    }
    return tuple(part for part, kept in kinds.items() if kept)


def cases_to_keep(work: Work) -> list[KeptCase]:
    """Return the cases of the actor that a device keeps: the last opinions first, then what they answer by its time."""
    chosen: dict[UUID, Part] = {}
    for part in kinds_kept(work):
        condition, order = _LISTS[part](work)
        query = (
            select(Case.id).where(condition, Case.erased_at.is_(None)).order_by(order, Case.id).limit(MOST)
        )
        chosen |= dict.fromkeys(work.session.scalars(query), part)
    stamps = _stamps(work, chosen)
    return [KeptCase(case_id, part, stamps[case_id]) for case_id, part in chosen.items()]


def part_kept(work: Work, case_id: UUID) -> Part:
    """Return as whom the actor keeps this case. Raises NotFound for one that is not to be kept."""
    for kept in cases_to_keep(work):
        if kept.id == case_id:
            return kept.part
    raise NotFound


def _last_opinions(work: Work) -> tuple[ColumnElement[bool], Any]:
    actor = work.acting
    people = sorted({actor.person_id, *actor.facts.substitute_for}, key=str)
    mine = or_(Case.requester_id.in_(people), Case.created_by == actor.person_id)
    given = Case.state.in_(ANSWERED) & (Case.answered_at <= work.now)
    return mine & (Case.site_id == actor.organization_id) & given, Case.answered_at.desc()


def _open_cases(work: Work) -> tuple[ColumnElement[bool], Any]:
    actor = work.acting
    mine = (Case.claimed_by == actor.person_id) & (Case.centre_id == actor.organization_id)
    return mine & Case.state.in_(OPEN), Case.due_at


_LISTS = {Part.REQUESTER: _last_opinions, Part.EXPERT: _open_cases}


def _stamps(work: Work, case_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Case → a word that differs when anything was added to it or done about it."""
    ids = list(case_ids)
    seen: dict[UUID, list[str]] = {case_id: [] for case_id in ids}
    ready = Photo.state == "ready", Photo.withdrawn_at.is_(None)
    read = Delivery.acknowledged_at.is_not(None)
    for query in (
        select(Case.id, Case.version).where(Case.id.in_(ids)),
        _counted(CaseRevision.case_id, ids),
        _counted(Message.case_id, ids),
        _counted(Photo.case_id, ids, *ready),
        _counted(Opinion.case_id, ids, Opinion.effective_at <= work.now),
        _counted(Delivery.case_id, ids, read),
    ):
        found = {row[0]: row[1] for row in work.session.execute(query)}
        for case_id, words in seen.items():
            words.append(str(found.get(case_id, 0)))
    return {
        case_id: hashlib.sha256(".".join(words).encode()).hexdigest()[:16] for case_id, words in seen.items()
    }


def _counted(of_case: Any, ids: list[UUID], *conditions: ColumnElement[bool]) -> Any:
    return select(of_case, func.count()).where(of_case.in_(ids), *conditions).group_by(of_case)
