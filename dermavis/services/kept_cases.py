"""What a device may keep to be read without network: a requester's last opinions, and the open cases of an expert.

The copy is taken by the person themself, case by case, and each taking is noted as a reading. Nobody else's part of a
case is copied: a coordinator's board, a site's whole list and what a secretary sees stay with the network.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from dermavis.domain.errors import NotFound
from dermavis.domain.permissions import Permission
from dermavis.domain.roles import REQUESTING
from dermavis.models.queries.kept_cases import counts_of, last_opinions, taken_cases
from dermavis.services.access import may
from dermavis.services.case_part import Part
from dermavis.services.work import Work

MOST = 20
"""Of each kind."""


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
    chosen = _chosen(work)
    stamps = _stamps(work, chosen)
    return [KeptCase(case_id, part, stamps[case_id]) for case_id, part in chosen.items()]


def part_kept(work: Work, case_id: UUID) -> Part:
    """Return as whom the actor keeps this case. Raises NotFound for one that is not to be kept."""
    part = _chosen(work).get(case_id)
    if part is None:
        raise NotFound
    return part


def _chosen(work: Work) -> dict[UUID, Part]:
    actor = work.acting
    here, person, people = actor.organization_id, actor.person_id, actor.facts.people
    queries = {
        Part.REQUESTER: last_opinions(here, person, people, work.now, MOST),
        Part.EXPERT: taken_cases(here, person, MOST),
    }
    chosen: dict[UUID, Part] = {}
    for part in kinds_kept(work):
        chosen |= dict.fromkeys(work.session.scalars(queries[part]), part)
    return chosen


def _stamps(work: Work, case_ids: Collection[UUID]) -> dict[UUID, str]:
    """Case → a word that differs when anything was added to it or done about it."""
    seen: dict[UUID, list[str]] = {case_id: [] for case_id in case_ids}
    for query in counts_of(list(case_ids), work.now):
        found = {row[0]: row[1] for row in work.session.execute(query)}
        for case_id, words in seen.items():
            words.append(str(found.get(case_id, 0)))
    return {
        case_id: hashlib.sha256(".".join(words).encode()).hexdigest()[:16] for case_id, words in seen.items()
    }
