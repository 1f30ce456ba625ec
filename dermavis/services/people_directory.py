"""The people of a network as an administrator sees them: a list with a search, and one person whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from dermavis.domain.permissions import Permission
from dermavis.domain.roles import ROLE_NAMES, Role
from dermavis.domain.text import normalise_name, search_words
from dermavis.models import Membership, Organization, Person, UserSession
from dermavis.models.queries.validity import holds_still_on
from dermavis.services.access import require
from dermavis.services.memberships import person_of_network
from dermavis.services.names import full_name
from dermavis.services.work import Work

PAGE = 50
STATES: dict[str, str] = {"invited": "Invitée", "active": "Active", "revoked": "Révoquée"}


@dataclass(frozen=True)
class HeldRole:
    """A role that a person holds today in an organisation of the network."""

    membership_id: UUID
    organization_id: UUID
    place: str
    role: Role
    role_words: str


@dataclass(frozen=True)
class ListedPerson:
    """A person of the list. ``seen_at``: when a session of theirs was last used, among those still kept."""

    id: UUID
    name: str
    email: str
    profession: str
    state: str
    state_words: str
    roles: tuple[HeldRole, ...]
    seen_at: datetime | None


@dataclass(frozen=True)
class Directory:
    """A page of the list. ``total`` counts all that was found; ``pages`` is at least 1."""

    people: tuple[ListedPerson, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True)
class PersonCard:
    """One person. ``me``: it is the actor, who neither closes nor resets their own account."""

    listed: ListedPerson
    phone: str
    rpps: str
    second_factor: str
    created_at: datetime
    revoked_at: datetime | None
    me: bool


def find_people(work: Work, words: str = "", state: str = "", page: int = 1) -> Directory:
    """Return a page of those whose names hold all the words, accents forgiven, by name. Raises Forbidden.

    Words without a letter or digit find nobody; no words find everybody.
    """
    require(work, Permission.PEOPLE_MANAGE)
    of_network = (
        select(Membership.person_id)
        .join(Organization, Organization.id == Membership.organization_id)
        .where(Organization.network_id == work.acting.facts.network_id)
    )
    found = select(Person).where(Person.id.in_(of_network))
    if state in STATES:
        found = found.where(Person.state == state)
    wanted = search_words(words)
    people = [
        person
        for person in work.session.scalars(found)
        if not words.strip() or (wanted and _answers(person, wanted))
    ]
    people.sort(key=lambda person: (normalise_name(person.last_name), normalise_name(person.first_name)))
    pages = max(1, -(-len(people) // PAGE))
    page = min(max(page, 1), pages)
    shown = people[(page - 1) * PAGE : page * PAGE]
    return Directory(_listed(work, shown), len(people), page, pages)


def read_person(work: Work, person_id: UUID) -> PersonCard:
    """Return one person of the network. Raises Forbidden, NotFound."""
    require(work, Permission.PEOPLE_MANAGE)
    person = person_of_network(work, person_id)
    [listed] = _listed(work, [person])
    return PersonCard(
        listed=listed,
        phone=person.phone,
        rpps=person.rpps,
        second_factor=person.second_factor,
        created_at=person.created_at,
        revoked_at=person.revoked_at,
        me=person_id == work.acting.person_id,
    )


def _answers(person: Person, wanted: Iterable[str]) -> bool:
    name = normalise_name(f"{person.first_name} {person.last_name} {person.email}")
    return all(word in name for word in wanted)


def _listed(work: Work, people: list[Person]) -> tuple[ListedPerson, ...]:
    ids = [person.id for person in people]
    roles = _roles_of(work, ids)
    seen: dict[UUID, datetime] = {
        row.person_id: row.seen_at
        for row in work.session.execute(
            select(UserSession.person_id, func.max(UserSession.seen_at).label("seen_at"))
            .where(UserSession.person_id.in_(ids), UserSession.stage == "full")
            .group_by(UserSession.person_id)
        )
    }
    return tuple(
        ListedPerson(
            id=person.id,
            name=full_name(person),
            email=person.email,
            profession=person.profession,
            state=person.state,
            state_words=STATES.get(person.state, person.state),
            roles=tuple(roles.get(person.id, ())),
            seen_at=seen.get(person.id),
        )
        for person in people
    )


def _roles_of(work: Work, ids: list[UUID]) -> dict[UUID, list[HeldRole]]:
    rows = work.session.execute(
        select(Membership, Organization)
        .join(Organization, Organization.id == Membership.organization_id)
        .where(
            Membership.person_id.in_(ids),
            Organization.network_id == work.acting.facts.network_id,
            holds_still_on(Membership, work.now.date()),
        )
        .order_by(Organization.name, Membership.role)
    )
    found: dict[UUID, list[HeldRole]] = {}
    for membership, place in rows:
        role = Role(membership.role)
        found.setdefault(membership.person_id, []).append(
            HeldRole(membership.id, place.id, place.name, role, ROLE_NAMES[role])
        )
    return found
