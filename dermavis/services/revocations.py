"""An account is closed at once, and may be opened again."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from dermavis.domain.errors import Conflict, Forbidden, NotFound
from dermavis.domain.permissions import Permission
from dermavis.models import Membership, Organization, Person
from dermavis.services import access_links, devices, sessions, subscriptions
from dermavis.services.access import require
from dermavis.services.work import Work


def revoke_person(work: Work, person_id: UUID) -> None:
    """Close an account at once: sessions, devices, links and notifications end.

    Raises Forbidden, NotFound, Conflict.
    """
    person = _managed(work, person_id)
    if work.actor is not None and person_id == work.actor.person_id:
        raise Forbidden("Un autre administrateur doit fermer votre compte.")
    if person.state == "revoked":
        raise Conflict("revoked", "Ce compte est déjà fermé.")
    person.state = "revoked"
    person.revoked_at = work.now
    devices.revoke_devices(work, person_id)
    sessions.revoke_all(work, person_id)
    subscriptions.unsubscribe_all(work, person_id)
    access_links.end_links(work, person_id)
    work.audit("person.revoked", subject_kind="person", subject_id=person_id)


def restore_person(work: Work, person_id: UUID) -> None:
    """Open a closed account again: as invited when no second factor is there. Raises Forbidden, NotFound, Conflict."""
    person = _managed(work, person_id)
    if person.state != "revoked":
        raise Conflict("not_revoked", "Ce compte n’est pas fermé.")
    person.state = "active" if person.password_hash and person.second_factor else "invited"
    person.revoked_at = None
    work.audit("person.restored", subject_kind="person", subject_id=person_id)


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
