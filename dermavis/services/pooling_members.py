"""The members of a coordination: whose requests are read again here, and how many came and left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import and_, func, select

from dermavis.domain.permissions import Permission
from dermavis.domain.phones import normalise_phone, phone_link, show_phone
from dermavis.domain.roles import REQUESTING
from dermavis.domain.wording import date_words
from dermavis.models import Case, Membership, Person, PoolingMember
from dermavis.models.queries.validity import holds_on
from dermavis.services.access import require
from dermavis.services.drafts import local_today
from dermavis.services.names import full_name, organizations, people
from dermavis.services.work import Work


@dataclass(frozen=True)
class Member:
    """A site whose requests are read again here, or one person of it. Counts are of requests."""

    name: str
    commune: str
    people: tuple[str, ...]
    phone: str
    phone_link: str
    since: str
    pooled: int
    sent: int


def members(work: Work) -> list[Member]:
    """Return the members who pool today, by name, with what waits here and what left. Raises Forbidden."""
    require(work, Permission.POOL_LIST)
    actor, today = work.acting, local_today(work, work.acting.time_zone)
    rows = work.session.scalars(
        select(PoolingMember).where(
            PoolingMember.coordination_id == actor.organization_id,
            holds_on(PoolingMember, today),
        )
    ).all()
    sites = organizations(work, [row.site_id for row in rows])
    named = people(work, [row.person_id for row in rows])
    asking = _asking(work, list(sites), today)
    pooled, left = _counts(work, actor.organization_id, True), _counts(work, actor.organization_id, False)
    found = []
    for row in rows:
        site, person = sites[row.site_id], named.get(row.person_id) if row.person_id else None
        phone = normalise_phone(site.phone)
        found.append(
            Member(
                name=site.name,
                commune=site.commune,
                people=(full_name(person),) if person else tuple(asking.get(site.id, ())),
                phone=show_phone(phone) if phone else site.phone,
                phone_link=phone_link(phone) if phone else "",
                since=date_words(row.valid_from),
                pooled=_of(pooled, row),
                sent=_of(left, row),
            )
        )
    return sorted(found, key=lambda member: (member.name, member.people))


def _asking(work: Work, sites: list[UUID], today: date) -> dict[UUID, list[str]]:
    rows = work.session.execute(
        select(Membership.organization_id, Person)
        .join(Person, Person.id == Membership.person_id)
        .where(
            Membership.organization_id.in_(sites),
            Membership.role.in_([role.value for role in REQUESTING]),
            holds_on(Membership, today),
            Person.state == "active",
        )
        .order_by(Person.last_name, Person.first_name)
    ).all()
    found: dict[UUID, list[str]] = {}
    for site_id, person in rows:
        names = found.setdefault(site_id, [])
        if full_name(person) not in names:
            names.append(full_name(person))
    return found


def _counts(work: Work, coordination_id: UUID, pooled: bool) -> dict[tuple[UUID, UUID], int]:
    left = and_(Case.submitted_at.is_not(None), Case.state != "entered_in_error")
    rows = work.session.execute(
        select(Case.site_id, Case.requester_id, func.count())
        .where(Case.pooled_by == coordination_id, Case.state == "pooled" if pooled else left)
        .group_by(Case.site_id, Case.requester_id)
    ).all()
    return {(site_id, requester_id): count for site_id, requester_id, count in rows}


def _of(counts: dict[tuple[UUID, UUID], int], member: PoolingMember) -> int:
    return sum(
        count
        for (site_id, requester_id), count in counts.items()
        if site_id == member.site_id and member.person_id in {None, requester_id}
    )
