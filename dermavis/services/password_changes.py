"""A forgotten password, and a password changed by its owner."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from dermavis.domain.errors import Forbidden, InvalidInput
from dermavis.domain.passwords import normalise_password
from dermavis.domain.text import is_email, normalise_email
from dermavis.models import Membership, Organization, Person
from dermavis.services import access_links, devices, passwords, rate_limits, sessions
from dermavis.services.invitations import invite_again
from dermavis.services.letters import write_letter
from dermavis.services.sign_in import Visitor
from dermavis.services.work import Actor, System, Work, reading, writing


def forgotten(system: System, email: str, visitor: Visitor) -> None:
    """Mail a link where there is an account; to whom asks, nothing tells the difference.

    Raises InvalidInput for what is no address, and TooMany.
    """
    address = normalise_email(email)
    if not is_email(address):
        raise InvalidInput({"email": "Une adresse complète est attendue, comme prenom.nom@exemple.fr."})
    rate_limits.count_try(
        system,
        (rate_limits.LETTERS_BY_ACCOUNT, address),
        (rate_limits.LETTERS_BY_ADDRESS, visitor.address_subject),
    )
    with writing(system) as work:
        person = work.session.scalar(select(Person).where(Person.email == address))
        work.audit("password.forgotten", subject_kind="person", subject_id=person.id if person else None)
        if person is None or person.state == "revoked":
            return
        if person.state == "invited":
            _invite_again(work, person)
            return
        link = access_links.new_link(work, person.id, access_links.PASSWORD_RESET)
        write_letter(work, "password_reset", person.email, person.id, link=link, duration="une heure")


def find_reset(system: System, token: str) -> str:
    """Return the address of the account that a link resets. Raises NotFound, in words."""
    with reading(system) as work:
        link = access_links.find_link(work, token, access_links.PASSWORD_RESET)
        return work.session.get_one(Person, link.person_id).email


def reset(system: System, token: str, password: str, again: str, visitor: Visitor) -> None:
    """Set the password behind a link; sessions and devices end, so the second factor is asked again.

    Raises NotFound, InvalidInput, TooMany.
    """
    rate_limits.count_try(system, (rate_limits.LINKS_BY_ADDRESS, visitor.address_subject))
    with reading(system) as work:
        link = access_links.find_link(work, token, access_links.PASSWORD_RESET)
        passwords.check_choice(work.session.get_one(Person, link.person_id), password, again)
    password_hash = passwords.hashed(password)
    with writing(system) as work:
        link = access_links.find_link(work, token, access_links.PASSWORD_RESET)
        access_links.use_link(work, link.id)
        person = work.session.get_one(Person, link.person_id)
        person.password_hash = password_hash
        devices.revoke_devices(work, person.id)
        sessions.revoke_all(work, person.id)
        rate_limits.forget(work, (rate_limits.PASSWORD_BY_ACCOUNT, person.email))
        write_letter(work, "password_changed", person.email, person.id)
        work.audit("password.reset", subject_kind="person", subject_id=person.id)


def change(system: System, actor: Actor, old: str, password: str, again: str, visitor: Visitor) -> None:
    """Change one's own password; the other sessions and every device but this one's end.

    Raises InvalidInput and TooMany.
    """
    person_id = actor.person_id
    prove(system, person_id, old, visitor, field="old_password")
    with reading(system) as work:
        person = work.session.get_one(Person, person_id)
        passwords.check_choice(person, password, again)
    if normalise_password(old) == normalise_password(password):
        raise InvalidInput({"password": "C’est le mot de passe actuel : choisissez-en un autre."})
    password_hash = passwords.hashed(password)
    with writing(system, actor) as work:
        person = work.session.get_one(Person, person_id)
        person.password_hash = password_hash
        devices.revoke_devices(work, person_id, keep_session=actor.session_id)
        sessions.revoke_all(work, person_id, keep=actor.session_id)
        access_links.end_links(work, person_id, access_links.PASSWORD_RESET)
        write_letter(work, "password_changed", person.email, person.id)
        work.audit("password.changed", subject_kind="person", subject_id=person_id)


def prove(system: System, person_id: UUID, password: str, visitor: Visitor, field: str = "password") -> None:
    """Ask a signed-in person's password before something grave. Raises InvalidInput and TooMany."""
    by_person = (rate_limits.PASSWORD_BY_DEVICE, f"prove:{person_id}")
    rate_limits.count_try(system, by_person, (rate_limits.PASSWORD_BY_ADDRESS, visitor.address_subject))
    with reading(system) as work:
        person = work.session.get_one(Person, person_id)
        if person.state != "active":
            raise Forbidden
        password_hash = person.password_hash
    if not passwords.matches(password_hash, password):
        raise InvalidInput({field: "Mot de passe incorrect."}, "Mot de passe incorrect.")
    with writing(system) as work:
        rate_limits.forget(work, by_person)
        rate_limits.give_back(work, (rate_limits.PASSWORD_BY_ADDRESS, visitor.address_subject))


def _invite_again(work: Work, person: Person) -> None:
    invited = work.session.scalar(
        select(Organization.id)
        .join(Membership, Membership.organization_id == Organization.id)
        .where(Membership.person_id == person.id)
        .limit(1)
    )
    if invited is not None:
        invite_again(work, person.id)
