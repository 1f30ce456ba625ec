"""Installing a second factor: the first one behind an invitation, a new one after a loss, or another one by choice."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from dermavis.domain.errors import Conflict, InvalidInput
from dermavis.models import Person, UserSession
from dermavis.services import access_links, devices, email_codes, rate_limits, second_factor, sessions
from dermavis.services.letters import write_letter
from dermavis.services.sign_in import WRONG_CODE, WRONG_EMAIL_CODE, Opened, Visitor
from dermavis.services.work import System, Work, reading, writing

ENROLMENT = "enrolment"
"""The purpose of the codes mailed here."""

SESSION_ENDED = "Trop de temps a passé : rouvrez le lien reçu."


@dataclass(frozen=True)
class Seed:
    """What the authenticator reads: the seed in base32, and the address that its QR code carries."""

    secret: str
    uri: str


@dataclass(frozen=True)
class Enrolled:
    """A factor was installed. ``opened`` when that completed a session; the recovery codes are shown this once."""

    recovery_codes: list[str]
    opened: Opened | None


def seed_for(system: System, session_id: UUID) -> Seed:
    """Return the seed to install in this session: the same at each reload, another one once it is installed."""
    with reading(system) as work:
        row = work.session.get_one(UserSession, session_id)
        person = work.session.get_one(Person, row.person_id)
        secret = _secret(work, session_id, person)
        return Seed(secret, second_factor.provisioning_uri(person, secret))


def send_code(system: System, session_id: UUID, visitor: Visitor) -> int:
    """Mail the code that proves the address; return the seconds to wait before another one. Raises TooMany."""
    with reading(system) as work:
        person_id = work.session.get_one(UserSession, session_id).person_id
        wait = email_codes.seconds_to_resend(work, person_id, ENROLMENT)
    if wait:
        return wait
    rate_limits.count_try(
        system,
        (rate_limits.LETTERS_BY_ACCOUNT, str(person_id)),
        (rate_limits.LETTERS_BY_ADDRESS, visitor.address_subject),
    )
    with writing(system) as work:
        email_codes.send_code(work, work.session.get_one(Person, person_id), ENROLMENT)
        return email_codes.seconds_to_resend(work, person_id, ENROLMENT)


def with_authenticator(
    system: System, session_id: UUID, typed: str, visitor: Visitor, keep_device: bool = False
) -> Enrolled:
    """Install the authenticator that shows this code. Raises InvalidInput, TooMany, Conflict."""

    def accept(work: Work, person: Person) -> str | None:
        secret = _secret(work, session_id, person)
        if not second_factor.accept_totp(work, person.id, secret, typed):
            return WRONG_CODE
        second_factor.keep_secret(work, person, secret)
        second_factor.accept_totp(work, person.id, secret, typed)
        person.second_factor = "totp"
        return None

    return _install(system, session_id, accept, visitor, keep_device)


def with_email(
    system: System, session_id: UUID, typed: str, visitor: Visitor, keep_device: bool = False
) -> Enrolled:
    """Choose codes by e-mail, proved by the mailed one. Raises InvalidInput, TooMany, Conflict."""

    def accept(work: Work, person: Person) -> str | None:
        if not email_codes.accept_code(work, person.id, ENROLMENT, typed):
            return WRONG_EMAIL_CODE
        person.totp_sealed = None
        person.second_factor = "email"
        return None

    return _install(system, session_id, accept, visitor, keep_device)


def _secret(work: Work, session_id: UUID, person: Person) -> str:
    """Return a seed that only the master key's holder can tell, without keeping it before it is installed."""
    present = sha256(person.totp_sealed or b"").hexdigest()
    drawn = work.system.cipher.lasting_hash("authenticator-seed", f"{session_id}:{person.id}:{present}")
    return base64.b32encode(drawn[:20]).decode("ascii")


def _install(
    system: System,
    session_id: UUID,
    accept: second_factor.Acceptance,
    visitor: Visitor,
    keep_device: bool,
) -> Enrolled:
    with reading(system) as work:
        person_id = work.session.get_one(UserSession, session_id).person_id
    by_person = (rate_limits.CODE_BY_PERSON, str(person_id))
    rate_limits.count_try(system, by_person, (rate_limits.CODE_BY_ADDRESS, visitor.address_subject))
    with writing(system) as work:
        row = work.session.get_one(UserSession, session_id, with_for_update=True)
        person = work.session.get_one(Person, person_id, with_for_update=True)
        if row.revoked_at is not None or row.stage not in {"enrolment", "full"}:
            raise Conflict("session_ended", SESSION_ENDED)
        refusal = accept(work, person)
        if refusal is None:
            rate_limits.forget(work, by_person)
            codes = second_factor.new_recovery_codes(work, person.id)
            if row.stage == "enrolment":
                return Enrolled(codes, _open_account(work, session_id, person, visitor, keep_device))
            write_letter(work, "factor_changed", person.email, person.id)
            work.audit("factor.changed", subject_kind="person", subject_id=person.id)
            return Enrolled(codes, None)
    raise InvalidInput({"code": refusal}, refusal)


def _open_account(
    work: Work, session_id: UUID, person: Person, visitor: Visitor, keep_device: bool
) -> Opened:
    """End the link that led here and complete the session. Raises Conflict when the link has ended meanwhile."""
    if not access_links.end_links(work, person.id, access_links.INVITATION, access_links.FACTOR_RESET):
        raise Conflict("link_used", "Ce lien a déjà servi : connectez-vous, ou demandez-en un autre.")
    person.state = "active"
    device_id, device_token = devices.enrol(work, person.id, visitor.label) if keep_device else (None, None)
    token = sessions.complete(work, session_id, device_id)
    if token is None:
        raise Conflict("session_ended", SESSION_ENDED)
    sessions.revoke_all(work, person.id, keep=session_id)
    work.audit("factor.enrolled", subject_kind="person", subject_id=person.id, factor=person.second_factor)
    return Opened(token, "full", person.id, device_token)
