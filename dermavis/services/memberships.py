"""The roles that people hold in the organisations of a network: added, and ended at once."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select

from dermavis.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from dermavis.domain.permissions import Permission
from dermavis.domain.roles import ANSWERING, ROLE_NAMES, ROLES_OF_KIND, Role
from dermavis.models import Membership, Organization, Person, Team, TeamMember
from dermavis.models.queries.validity import holds_still_on
from dermavis.services.access import require
from dermavis.services.work import Work

ONE_DAY = timedelta(days=1)


def add_role(work: Work, person_id: UUID, organization_id: UUID, role: Role) -> Membership:
    """Give a person of the network one more role in one of its organisations, from today.

    Raises Forbidden, NotFound, InvalidInput, and Conflict for a closed account or a role that is held already.
    """
    require(work, Permission.PEOPLE_MANAGE)
    person = person_of_network(work, person_id)
    if person.state == "revoked":
        raise Conflict("revoked", "Ce compte est fermé\u00a0: rétablissez-le d’abord.")
    organization = work.session.get(Organization, organization_id)
    if organization is None or organization.network_id != work.acting.facts.network_id:
        raise NotFound
    check_place(organization, role)
    first = day_begun(work.now, organization.time_zone)
    if held(work, person_id, organization_id, role, first):
        raise Conflict("already_held", "Cette personne a déjà ce rôle dans cette organisation.")
    row = Membership(
        id=uuid4(),
        person_id=person_id,
        organization_id=organization_id,
        role=role.value,
        valid_from=first,
    )
    work.session.add(row)
    work.session.flush()
    work.audit(
        "role.added",
        subject_kind="person",
        subject_id=person_id,
        organization=str(organization_id),
        role=role.value,
    )
    return row


def end_role(work: Work, person_id: UUID, membership_id: UUID) -> None:
    """End a role at once; who no longer answers for an organisation leaves its teams too.

    Raises Forbidden, NotFound, and Conflict when it ended already.
    """
    require(work, Permission.PEOPLE_MANAGE)
    row = work.session.get(Membership, membership_id)
    place = work.session.get(Organization, row.organization_id) if row else None
    if row is None or place is None or row.person_id != person_id:
        raise NotFound
    if place.network_id != work.acting.facts.network_id:
        raise NotFound
    if person_id == work.acting.person_id and row.role == Role.ADMINISTRATOR:
        raise Forbidden("Un autre administrateur doit mettre fin à votre rôle.")
    eve = day_begun(work.now, place.time_zone) - ONE_DAY
    if row.valid_to is not None and row.valid_to <= eve:
        raise Conflict("ended", "Ce rôle est déjà terminé.")
    row.valid_to = eve
    work.session.flush()
    _leave_teams(work, person_id, place, eve)
    work.audit(
        "role.ended",
        subject_kind="person",
        subject_id=person_id,
        organization=str(row.organization_id),
        role=row.role,
    )


def check_place(organization: Organization, role: Role) -> None:
    """Check that a role belongs in a kind of organisation that is open. Raises InvalidInput by field."""
    if organization.closed_at is not None:
        raise InvalidInput({"organization": "Cette organisation est fermée."})
    fitting = ROLES_OF_KIND.get(organization.kind, frozenset())
    if role not in fitting:
        names = ", ".join(name for one, name in ROLE_NAMES.items() if one in fitting)
        raise InvalidInput({"role": f"Rôles possibles dans cette organisation\u00a0: {names}."})


def person_of_network(work: Work, person_id: UUID) -> Person:
    """Return somebody who has, or had, a role in the actor's network. Raises NotFound."""
    person = work.session.get(Person, person_id)
    if person is None or person_id not in people_of_network(work, [person_id]):
        raise NotFound
    return person


def people_of_network(work: Work, person_ids: list[UUID]) -> set[UUID]:
    """Return those of these people who have, or had, a role in the actor's network."""
    rows = work.session.scalars(
        select(Membership.person_id)
        .join(Organization, Organization.id == Membership.organization_id)
        .where(Organization.network_id == work.acting.facts.network_id, Membership.person_id.in_(person_ids))
    )
    return set(rows)


def day_begun(now: datetime, zone: str) -> date:
    """Return the earlier of the local day and the day in UTC.

    Some queries read the one and some the other: what begins on it holds at once everywhere, and what ended the day
    before holds nowhere any more.
    """
    return min(now.date(), now.astimezone(ZoneInfo(zone)).date())


def held(work: Work, person_id: UUID, organization_id: UUID, role: Role, day: date) -> bool:
    """Tell whether a person holds a role on a day, or will."""
    found = work.session.scalar(
        select(Membership.id)
        .where(
            Membership.person_id == person_id,
            Membership.organization_id == organization_id,
            Membership.role == role.value,
            holds_still_on(Membership, day),
        )
        .limit(1)
    )
    return found is not None


def _leave_teams(work: Work, person_id: UUID, place: Organization, eve: date) -> None:
    if any(held(work, person_id, place.id, role, eve + ONE_DAY) for role in (*ANSWERING, Role.JUNIOR)):
        return
    rows = work.session.scalars(
        select(TeamMember)
        .join(Team, Team.id == TeamMember.team_id)
        .where(
            Team.organization_id == place.id,
            TeamMember.person_id == person_id,
            or_(TeamMember.valid_to.is_(None), TeamMember.valid_to > eve),
        )
    )
    for row in rows:
        row.valid_to = eve
