"""The signed versions of an opinion, as the page of a case shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import ceil
from uuid import UUID

from sqlalchemy import select

from dermavis.domain.amendments import AMENDMENTS
from dermavis.domain.opinions import OpinionContent
from dermavis.domain.permissions import Permission
from dermavis.domain.wording import moment_words
from dermavis.models import Case, Opinion
from dermavis.services.access import may
from dermavis.services.names import full_name, people
from dermavis.services.opinion_versions import open_opinion, sees_leaving
from dermavis.services.work import Work


@dataclass(frozen=True)
class OpinionVersion:
    """A signed version of the opinion. ``signed`` is the moment in words; ``superseded`` by a later version.

    ``amends`` ("Correction") and ``why`` are a later version's. ``leaves_in``: the seconds for which its signer may
    still take it back; 0 once it has left. ``rests_on``: the revision of the request that its signer had read.
    """

    id: UUID
    version: int
    signed_by: str
    signed: str
    signed_at: datetime
    superseded: bool
    level: str
    amends: str
    why: str
    leaves_in: int
    rests_on: int
    content: OpinionContent


def versions_shown(work: Work, case: Case) -> list[OpinionVersion]:
    """Return the signed versions that are there for the actor, the first one first; none for who may not read them."""
    if not may(work, Permission.OPINION_READ, case):
        return []
    there = Opinion.signed_at.is_not(None) if sees_leaving(work, case) else Opinion.effective_at <= work.now
    rows = work.session.scalars(
        select(Opinion).where(Opinion.case_id == case.id, there).order_by(Opinion.version)
    ).all()
    signers = people(work, [row.signed_by for row in rows])
    names = {person_id: full_name(person) for person_id, person in signers.items()}
    return [_version(work, case, row, names, superseded=row is not rows[-1]) for row in rows]


def _version(
    work: Work, case: Case, row: Opinion, names: dict[UUID, str], *, superseded: bool
) -> OpinionVersion:
    content = open_opinion(work, case, row)
    signed_at, leaves_at = row.signed_at or row.updated_at, row.effective_at or work.now
    return OpinionVersion(
        id=row.id,
        version=row.version,
        signed_by=names.get(row.signed_by, "") if row.signed_by else "",
        signed=moment_words(signed_at, work.acting.time_zone),
        signed_at=signed_at,
        superseded=superseded,
        level=row.level,
        amends=AMENDMENTS.get(content.amends, ""),
        why=content.amends_why,
        rests_on=row.case_revision,
        leaves_in=max(0, ceil((leaves_at - work.now).total_seconds())),
        content=content,
    )
