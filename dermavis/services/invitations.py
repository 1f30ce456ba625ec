"""An administrator invites a person into an organisation; the person's own link opens the account."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from sqlalchemy import select

from dermavis.domain.errors import Conflict, InvalidInput, NotFound
from dermavis.domain.identity import normalise_rpps
from dermavis.domain.permissions import Permission
from dermavis.domain.phones import normalise_phone
from dermavis.domain.roles import ROLE_NAMES, Role
from dermavis.domain.text import clean, is_email, normalise_email
from dermavis.models import Membership, Organization, Person
from dermavis.services import access_links, passwords, rate_limits, sessions
from dermavis.services.access import require
from dermavis.services.letters import write_letter
from dermavis.services.memberships import check_place, day_begun, held
from dermavis.services.names import full_name
from dermavis.services.sign_in import Opened, Visitor
from dermavis.services.work import System, Work, reading, writing

LONGEST = {"title": 20, "first_name": 100, "last_name": 100, "profession": 60}
"""Signs that a part of a name may have."""


@dataclass(frozen=True)
class Newcomer:
    """Who is invited."""

    email: str
    first_name: str
    last_name: str
    title: str = ""
    phone: str = ""
    profession: str = ""
    rpps: str = ""


@dataclass(frozen=True)
class Invited:
    """What an invitation led to. ``link`` is empty for somebody who has an account already."""

    person_id: UUID
    link: str


@dataclass(frozen=True)
class Invitation:
    """What the page of a link shows: who is invited, where, and as what."""

    person_id: UUID
    name: str
    email: str
    places: tuple[tuple[str, str], ...]


def invite(work: Work, newcomer: Newcomer, organization_id: UUID, role: Role) -> Invited:
    """Invite a person, or add a role to somebody known; a letter leaves in both cases.

    Raises Forbidden, NotFound for an organisation of another network, InvalidInput, and Conflict for a revoked person.
    """
    organization = _organization(work, organization_id)
    newcomer = check_newcomer(newcomer)
    check_place(organization, role)
    person = work.session.scalar(select(Person).where(Person.email == newcomer.email))
    if person is None:
        person = _new_person(work, newcomer)
    elif person.state == "revoked":
        raise Conflict("revoked", "Cette personne a été révoquée\u00a0: rétablissez-la d’abord.")
    _add_role(work, person, organization, role)
    work.audit(
        "person.invited",
        subject_kind="person",
        subject_id=person.id,
        organization=str(organization_id),
        role=role.value,
    )
    if person.state == "invited":
        return Invited(person.id, _send_link(work, person))
    home = f"{work.system.settings.origin}/"
    write_letter(work, "account_exists", person.email, person.id, link=home)
    return Invited(person.id, "")


def invite_again(work: Work, person_id: UUID) -> Invited:
    """Send an invited person a fresh link; the former one ends. Raises Forbidden, NotFound, Conflict."""
    if work.actor is not None:
        require(work, Permission.PEOPLE_MANAGE)
    person = work.session.get(Person, person_id)
    if person is None:
        raise NotFound
    if person.state != "invited":
        raise Conflict("not_invited", "Cette personne a déjà ouvert son compte.")
    organization_id = work.session.scalar(
        select(Membership.organization_id).where(Membership.person_id == person_id).limit(1)
    )
    if organization_id is None:
        raise NotFound
    _organization(work, organization_id)
    work.audit("person.invited", subject_kind="person", subject_id=person.id, again=True)
    return Invited(person.id, _send_link(work, person))


def find_invitation(system: System, token: str) -> Invitation:
    """Return what an invitation's page shows. Raises NotFound, in words, for a link that opens nothing."""
    with reading(system) as work:
        link = access_links.find_link(work, token, access_links.INVITATION)
        person = work.session.get_one(Person, link.person_id)
        rows = work.session.execute(
            select(Organization.name, Membership.role)
            .join(Membership, Membership.organization_id == Organization.id)
            .where(Membership.person_id == person.id)
            .order_by(Membership.valid_from, Organization.name)
        )
        places = tuple((name, ROLE_NAMES[Role(role)]) for name, role in rows)
        return Invitation(person.id, full_name(person), person.email, places)


def accept(system: System, token: str, password: str, again: str, visitor: Visitor) -> Opened:
    """Choose the password: opens a session that may enrol a second factor and nothing else.

    The link stays open until the second factor is there, so that whoever is interrupted opens it again.
    Raises NotFound, InvalidInput, TooMany.
    """
    rate_limits.count_try(system, (rate_limits.LINKS_BY_ADDRESS, visitor.address_subject))
    with reading(system) as work:
        link = access_links.find_link(work, token, access_links.INVITATION)
        passwords.check_choice(work.session.get_one(Person, link.person_id), password, again)
    password_hash = passwords.hashed(password)
    with writing(system) as work:
        link = access_links.find_link(work, token, access_links.INVITATION)
        person = work.session.get_one(Person, link.person_id)
        person.password_hash = password_hash
        sessions.revoke_all(work, person.id)
        opened = sessions.open_session(work, person.id, stage="enrolment", label=visitor.label)
        work.audit("invitation.opened", subject_kind="person", subject_id=person.id)
        return Opened(opened, "enrolment", person.id)


def _organization(work: Work, organization_id: UUID) -> Organization:
    organization = work.session.get(Organization, organization_id)
    if work.actor is not None:
        require(work, Permission.PEOPLE_MANAGE)
        if organization is not None and organization.network_id != work.actor.facts.network_id:
            raise NotFound
    if organization is None:
        raise NotFound
    return organization


def check_newcomer(newcomer: Newcomer) -> Newcomer:
    """Return what was typed of a newcomer as it is kept. Raises InvalidInput by field."""
    checked = Newcomer(
        email=normalise_email(newcomer.email),
        first_name=clean(newcomer.first_name),
        last_name=clean(newcomer.last_name),
        title=clean(newcomer.title),
        phone=clean(newcomer.phone),
        profession=clean(newcomer.profession),
        rpps=normalise_rpps(newcomer.rpps) or "",
    )
    errors = {
        name: f"{most} signes au plus."
        for name, most in LONGEST.items()
        if len(getattr(checked, name)) > most
    }
    if not is_email(checked.email):
        errors["email"] = "Une adresse complète est attendue, comme prenom.nom@exemple.fr."
    if not checked.first_name:
        errors["first_name"] = "Le prénom manque."
    if not checked.last_name:
        errors["last_name"] = "Le nom manque."
    phone = normalise_phone(checked.phone) if checked.phone else ""
    if phone is None:
        errors["phone"] = "Ce numéro de téléphone est incomplet ou impossible."
    if newcomer.rpps.strip() and not checked.rpps:
        errors["rpps"] = "Ce numéro RPPS ne correspond pas à sa clé\u00a0: onze chiffres."
    if errors:
        raise InvalidInput(errors)
    return replace(checked, phone=phone or "")


def _new_person(work: Work, newcomer: Newcomer) -> Person:
    person = Person(
        id=uuid4(),
        state="invited",
        title=newcomer.title,
        first_name=newcomer.first_name,
        last_name=newcomer.last_name,
        email=newcomer.email,
        phone=newcomer.phone,
        profession=newcomer.profession,
        rpps=newcomer.rpps,
        created_at=work.now,
    )
    work.session.add(person)
    work.session.flush()
    return person


def _add_role(work: Work, person: Person, organization: Organization, role: Role) -> None:
    today = day_begun(work.now, organization.time_zone)
    if held(work, person.id, organization.id, role, today):
        return
    work.session.add(
        Membership(
            id=uuid4(),
            person_id=person.id,
            organization_id=organization.id,
            role=role.value,
            valid_from=today,
        )
    )
    work.session.flush()


def _send_link(work: Work, person: Person) -> str:
    link = access_links.new_link(work, person.id, access_links.INVITATION)
    write_letter(work, "invitation", person.email, person.id, link=link, duration="sept jours")
    return link
