"""A lost authenticator: one administrator asks, another one agrees, the person enrols anew.

Nobody does it alone, and nobody for themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import Select, delete, select, update

from dermavis.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from dermavis.domain.permission_map import ORGANIZATION_RULES
from dermavis.domain.permissions import Permission
from dermavis.models import FactorReset, Membership, Organization, Person, RecoveryCode
from dermavis.models.queries.validity import holds_on
from dermavis.services import access_links, devices, passwords, rate_limits, sessions
from dermavis.services.access import require
from dermavis.services.letters import write_letter
from dermavis.services.names import full_name
from dermavis.services.sign_in import Opened, Visitor
from dermavis.services.work import System, Work, reading, writing

VALID_FOR = timedelta(days=2)
"""How long a demand waits for the second administrator."""


@dataclass(frozen=True)
class WaitingReset:
    """A demand that waits for another administrator. ``mine``: the reader asked, so another one must agree."""

    id: UUID
    person_id: UUID
    name: str
    requested_by: str
    requested_at: datetime
    mine: bool


def ask(work: Work, person_id: UUID) -> UUID:
    """Ask that a person's second factor be withdrawn; the other administrators are told.

    Raises Forbidden, NotFound, Conflict.
    """
    require(work, Permission.FACTOR_RESET)
    person = _person_of_network(work, person_id)
    if person_id == work.acting.person_id:
        raise Forbidden("Pour votre propre second facteur, deux autres administrateurs sont nécessaires.")
    if person.state != "active":
        raise Conflict("not_active", "Ce compte n’est pas ouvert : invitez plutôt cette personne de nouveau.")
    waiting = work.session.scalar(_waiting(work.now).where(FactorReset.person_id == person_id))
    if waiting is not None:
        raise Conflict(
            "already_asked", "Cette demande est déjà faite : un autre administrateur doit l’accepter."
        )
    row = FactorReset(
        id=uuid4(),
        person_id=person_id,
        requested_by=work.acting.person_id,
        requested_at=work.now,
        expires_at=work.now + VALID_FOR,
    )
    work.session.add(row)
    _tell_other_administrators(work, row.id, person_id)
    work.audit("factor_reset.asked", subject_kind="person", subject_id=person_id)
    return row.id


def approve(work: Work, reset_id: UUID) -> None:
    """Agree to another administrator's demand: the factor, devices and sessions end, and a link to enrol anew leaves.

    Raises Forbidden, NotFound, and Conflict when it was decided meanwhile.
    """
    require(work, Permission.FACTOR_RESET)
    row = work.session.get(FactorReset, reset_id)
    if row is None:
        raise NotFound
    person = _person_of_network(work, row.person_id)
    me = work.acting.person_id
    if me == row.requested_by:
        raise Forbidden("Vous avez fait cette demande : un autre administrateur doit l’accepter.")
    if me == row.person_id:
        raise Forbidden("Il s’agit de votre propre second facteur : un autre administrateur doit l’accepter.")
    approved = work.session.execute(
        update(FactorReset)
        .where(
            FactorReset.id == reset_id, FactorReset.approved_at.is_(None), FactorReset.expires_at > work.now
        )
        .values(approved_by=me, approved_at=work.now)
        .returning(FactorReset.id)
    ).all()
    if not approved:
        raise Conflict("already_decided", "Cette demande est déjà acceptée, ou trop vieille.")
    _withdraw(work, person)
    link = access_links.new_link(work, person.id, access_links.FACTOR_RESET)
    write_letter(work, "factor_reset", person.email, person.id, link=link, duration="un jour")
    work.audit("factor_reset.approved", subject_kind="person", subject_id=person.id)


def waiting_resets(work: Work) -> list[WaitingReset]:
    """Return the demands of the actor's network that wait for an administrator. Raises Forbidden."""
    require(work, Permission.FACTOR_RESET)
    found = []
    for row in work.session.scalars(_waiting(work.now).order_by(FactorReset.requested_at)):
        person = work.session.get_one(Person, row.person_id)
        if _is_of_network(work, person.id):
            asker = work.session.get_one(Person, row.requested_by)
            mine = row.requested_by == work.acting.person_id
            found.append(
                WaitingReset(row.id, person.id, full_name(person), full_name(asker), row.requested_at, mine)
            )
    return found


def find_person(system: System, token: str) -> str:
    """Return the address of the account that a link lets enrol anew. Raises NotFound, in words."""
    with reading(system) as work:
        link = access_links.find_link(work, token, access_links.FACTOR_RESET)
        return work.session.get_one(Person, link.person_id).email


def begin_enrolment(system: System, token: str, password: str, visitor: Visitor) -> Opened:
    """Open a session that may enrol a factor, for the link together with the password.

    Raises NotFound, InvalidInput, TooMany.
    """
    with reading(system) as work:
        link = access_links.find_link(work, token, access_links.FACTOR_RESET)
        person = work.session.get_one(Person, link.person_id)
        address, password_hash = person.email, person.password_hash
    rate_limits.count_try(
        system,
        (rate_limits.PASSWORD_BY_ACCOUNT, address),
        (rate_limits.PASSWORD_BY_ADDRESS, visitor.address_subject),
    )
    if not passwords.matches(password_hash, password):
        raise InvalidInput({"password": "Mot de passe incorrect."}, "Mot de passe incorrect.")
    with writing(system) as work:
        link = access_links.find_link(work, token, access_links.FACTOR_RESET)
        opened = sessions.open_session(work, link.person_id, stage="enrolment", label=visitor.label)
        work.audit("factor_reset.opened", subject_kind="person", subject_id=link.person_id)
        return Opened(opened, "enrolment", link.person_id)


def _tell_other_administrators(work: Work, reset_id: UUID, person_id: UUID) -> None:
    today = work.now.date()
    administrators = (
        select(Membership.person_id)
        .join(Organization, Organization.id == Membership.organization_id)
        .where(
            Organization.network_id == work.acting.facts.network_id,
            Membership.role.in_([role.value for role in ORGANIZATION_RULES[Permission.FACTOR_RESET]]),
            holds_on(Membership, today),
        )
    )
    others = work.session.scalars(
        select(Person).where(
            Person.id.in_(administrators),
            Person.id.not_in([work.acting.person_id, person_id]),
            Person.state == "active",
        )
    )
    page = f"{work.system.settings.origin}/administration/factor-resets/{reset_id}"
    for administrator in others:
        write_letter(work, "factor_reset_asked", administrator.email, administrator.id, link=page)


def _withdraw(work: Work, person: Person) -> None:
    person.second_factor = ""
    person.totp_sealed = None
    work.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    devices.revoke_devices(work, person.id)
    sessions.revoke_all(work, person.id)


def _person_of_network(work: Work, person_id: UUID) -> Person:
    person = work.session.get(Person, person_id)
    if person is None or not _is_of_network(work, person_id):
        raise NotFound
    return person


def _is_of_network(work: Work, person_id: UUID) -> bool:
    place = work.session.scalar(
        select(Membership.id)
        .join(Organization, Organization.id == Membership.organization_id)
        .where(Membership.person_id == person_id, Organization.network_id == work.acting.facts.network_id)
        .limit(1)
    )
    return place is not None


def _waiting(now: datetime) -> Select[FactorReset]:
    return select(FactorReset).where(FactorReset.approved_at.is_(None), FactorReset.expires_at > now)
