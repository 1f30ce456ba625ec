"""An account is closed at once, and may be opened again; what its person had open is taken over by a colleague."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, case, func, or_, select

from dermavis.domain.case_states import HELD, State
from dermavis.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from dermavis.domain.permissions import Permission
from dermavis.domain.roles import Role
from dermavis.models import Case, Membership, Organization, Person
from dermavis.models.queries.validity import holds_on
from dermavis.services import access_links, devices, sessions, subscriptions
from dermavis.services.absences import colleagues
from dermavis.services.access import require
from dermavis.services.claiming import release_all_of
from dermavis.services.names import full_name
from dermavis.services.work import Work

UNFINISHED = (
    State.DRAFT,
    State.POOLED,
    State.SUBMITTED,
    State.CLAIMED,
    State.ON_HOLD,
    State.ANSWERED,
    State.DECLINED,
)
"""A case in these states still waits for somebody: of its site, or of its centre; so does one to be sent anew."""

NOBODY = "nobody"
"""What an administrator answers who leaves unfinished work to no colleague."""


@dataclass(frozen=True)
class Unfinished:
    """What a person leaves behind: how many cases, how many of them ``held``, the colleagues who may take them over.

    ``colleagues``: id, "Dr Anne Valence (Cabinet de Buxy)"; ``chosen``: whom the person had named to stand in.
    """

    cases: int
    held: int
    colleagues: tuple[tuple[UUID, str], ...]
    chosen: UUID | None


def unfinished(work: Work, person_id: UUID) -> Unfinished:
    """Return what a person of the actor's network would leave behind. Raises Forbidden, NotFound."""
    person = _managed(work, person_id)
    held = and_(Case.claimed_by == person_id, Case.state.in_(HELD))
    found = work.session.execute(
        select(func.count(), func.coalesce(func.sum(case((held, 1), else_=0)), 0))
        .select_from(Case)
        .where(
            Case.network_id == work.acting.facts.network_id,
            or_(Case.requester_id == person_id, Case.claimed_by == person_id, Case.expert_id == person_id),
            or_(Case.state.in_(UNFINISHED), Case.anew_awaited),
            Case.erased_at.is_(None),
        )
    ).one()
    offered = _who_takes_over(work, person)
    chosen = person.substitute_id if person.substitute_id in dict(offered) else None
    return Unfinished(found[0], found[1], offered, chosen)


def revoke_person(work: Work, person_id: UUID, taken_over_by: str = "") -> None:
    """Close an account at once: sessions, devices, links and notifications end, and what it holds returns to its team.

    ``taken_over_by``: the id of the colleague who stands in for good, or ``nobody``; somebody has to be said where
    unfinished work is left to colleagues who could do it. Raises Forbidden, NotFound, Conflict, InvalidInput.
    """
    person = _managed(work, person_id)
    if work.actor is not None and person_id == work.actor.person_id:
        raise Forbidden("Un autre administrateur doit fermer votre compte.")
    if person.state == "revoked":
        raise Conflict("revoked", "Ce compte est déjà fermé.")
    if work.actor is not None:
        _hand_over(work, person, taken_over_by)
    person.state = "revoked"
    person.revoked_at = work.now
    devices.revoke_devices(work, person_id)
    sessions.revoke_all(work, person_id)
    subscriptions.unsubscribe_all(work, person_id)
    access_links.end_links(work, person_id)
    work.session.flush()
    release_all_of(work, person_id)
    work.audit("person.revoked", subject_kind="person", subject_id=person_id)


def restore_person(work: Work, person_id: UUID) -> None:
    """Open a closed account again: as invited when no second factor is there. Raises Forbidden, NotFound, Conflict."""
    person = _managed(work, person_id)
    if person.state != "revoked":
        raise Conflict("not_revoked", "Ce compte n’est pas fermé.")
    person.state = "active" if person.password_hash and person.second_factor else "invited"
    if person.absent_from is not None and person.absent_from == person.revoked_at:
        person.substitute_id = person.absent_from = person.absent_to = None
    person.revoked_at = None
    work.audit("person.restored", subject_kind="person", subject_id=person_id)


def _hand_over(work: Work, person: Person, taken_over_by: str) -> None:
    left = unfinished(work, person.id)
    chosen = next((key for key, _ in left.colleagues if str(key) == taken_over_by), None)
    if chosen is None and taken_over_by != NOBODY and left.cases and left.colleagues:
        raise InvalidInput(
            {"taken_over_by": "Dites qui reprend ses télédossiers, ou que personne ne les reprend."}
        )
    if chosen is not None:
        # A departure is an absence without an end: whoever stands in reads, answers and is told.
        person.substitute_id, person.absent_from, person.absent_to = chosen, work.now, None
        work.audit("person.taken_over", subject_kind="person", subject_id=person.id, by=str(chosen))
    elif taken_over_by == NOBODY:
        person.substitute_id = person.absent_from = person.absent_to = None


def _who_takes_over(work: Work, person: Person) -> tuple[tuple[UUID, str], ...]:
    held = work.session.execute(
        select(Membership.organization_id, Organization.name, Membership.role)
        .join(Organization, Organization.id == Membership.organization_id)
        .where(
            Membership.person_id == person.id,
            holds_on(Membership, work.now.date()),
            Organization.network_id == work.acting.facts.network_id,
        )
        .order_by(Organization.name)
    ).all()
    offered: dict[UUID, str] = {}
    for organization_id, place in dict.fromkeys((row.organization_id, row.name) for row in held):
        roles = frozenset(Role(row.role) for row in held if row.organization_id == organization_id)
        for colleague in colleagues(work, person.id, organization_id, roles):
            offered.setdefault(colleague.id, f"{full_name(colleague)} ({place})")
    return tuple(offered.items())


def _managed(work: Work, person_id: UUID) -> Person:
    """Return a person of the actor's network; commands, which have no actor, may manage anybody."""
    person = work.session.get(Person, person_id)
    if work.actor is not None:
        require(work, Permission.PEOPLE_MANAGE)
        networks = work.session.scalars(
            select(Organization.network_id)
            .join(Membership, Membership.organization_id == Organization.id)
            .where(Membership.person_id == person_id)
        ).all()
        if work.actor.facts.network_id not in networks:
            raise NotFound
    if person is None:
        raise NotFound
    return person
