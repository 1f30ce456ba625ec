"""Signing in: the password, then the second factor unless the device is known.

The answer and the work done are the same whether or not an account exists. A try is counted before it is answered, the
password is verified outside any transaction, and what it proves is checked again inside the one that uses it.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from dermavis.domain.errors import Conflict, InvalidInput
from dermavis.domain.text import normalise_email
from dermavis.models import Person, UserSession
from dermavis.services import devices, email_codes, passwords, rate_limits, second_factor, sessions
from dermavis.services.letters import write_letter
from dermavis.services.work import System, Work, reading, writing

WRONG_PASSWORD = "Adresse ou mot de passe incorrects."  # noqa: S105 - a sentence
WRONG_CODE = "Ce code n’est pas le bon, ou il a déjà servi. Attendez le suivant."
WRONG_EMAIL_CODE = "Ce code n’est pas le bon, ou il n’est plus valable."
WRONG_RECOVERY_CODE = "Ce code de secours n’est pas le bon, ou il a déjà servi."

SIGN_IN = "sign_in"
"""The purpose of the codes mailed here."""


@dataclass(frozen=True)
class Visitor:
    """The browser that knocks: its address, what it calls itself, and the device tokens that it keeps."""

    address: str
    label: str = ""
    device_tokens: tuple[str, ...] = ()

    @property
    def address_subject(self) -> str:
        """What its address is counted as."""
        return rate_limits.address_subject(self.address)


@dataclass(frozen=True)
class Opened:
    """A session was opened or renewed; ``device_token`` when the browser was enrolled with it."""

    token: str
    stage: str
    person_id: UUID
    device_token: str | None = None


def with_password(system: System, email: str, password: str, visitor: Visitor) -> Opened:
    """Open a session for the right password. Raises InvalidInput, the same for everybody, and TooMany."""
    address = normalise_email(email)
    _refuse_empty(address, password)
    with reading(system) as work:
        person = _active(work, address)
        person_id = person.id if person else None
        device_id = devices.recognise(work, person.id, visitor.device_tokens) if person else None
        password_hash = person.password_hash if person else ""
    by_account = (
        (rate_limits.PASSWORD_BY_DEVICE, str(device_id))
        if device_id
        else (rate_limits.PASSWORD_BY_ACCOUNT, address)
    )
    by_address = (rate_limits.PASSWORD_BY_ADDRESS, visitor.address_subject)
    rate_limits.count_try(system, by_account, by_address)
    right = passwords.matches(password_hash, password)
    newer_hash = (
        passwords.hashed(password) if right and passwords.is_outdated(password_hash) else password_hash
    )
    opened = None
    with writing(system) as work:
        person = _active(work, address)
        if right and person is not None and person.password_hash == password_hash:
            person.password_hash = newer_hash
            rate_limits.forget(work, by_account)
            rate_limits.give_back(work, by_address)
            opened = _open(work, person, visitor)
        else:
            work.audit("sign_in.refused", subject_kind="person", subject_id=person_id)
    if opened is None:
        raise InvalidInput({"password": WRONG_PASSWORD}, WRONG_PASSWORD)
    return opened


def with_code(
    system: System, session_id: UUID, typed: str, visitor: Visitor, keep_device: bool = False
) -> Opened:
    """Complete a session with the authenticator's or the mailed code. Raises InvalidInput, TooMany, Conflict."""

    def accept(work: Work, person: Person) -> str | None:
        if person.second_factor == "email":
            right = email_codes.accept_code(work, person.id, SIGN_IN, typed)
            return None if right else WRONG_EMAIL_CODE
        secret = second_factor.secret_of(work, person) if person.second_factor == "totp" else None
        right = secret is not None and second_factor.accept_totp(work, person.id, secret, typed)
        return None if right else WRONG_CODE

    return _complete(system, session_id, accept, visitor, keep_device)


def with_recovery_code(
    system: System, session_id: UUID, typed: str, visitor: Visitor, keep_device: bool = False
) -> Opened:
    """Complete a session with a recovery code, and say so by mail. Raises InvalidInput, TooMany, Conflict."""

    def accept(work: Work, person: Person) -> str | None:
        if not second_factor.accept_recovery_code(work, person.id, typed):
            return WRONG_RECOVERY_CODE
        left = second_factor.recovery_codes_left(work, person.id)
        write_letter(work, "recovery_code_used", person.email, person.id, left=str(left))
        return None

    return _complete(system, session_id, accept, visitor, keep_device)


def send_another_code(system: System, session_id: UUID, visitor: Visitor) -> int:
    """Mail another code; return the seconds to wait before yet another. Raises TooMany."""
    person_id = _pending_person(system, session_id)
    rate_limits.count_try(
        system,
        (rate_limits.LETTERS_BY_ACCOUNT, str(person_id)),
        (rate_limits.LETTERS_BY_ADDRESS, visitor.address_subject),
    )
    with writing(system) as work:
        person = work.session.get_one(Person, person_id)
        if person.second_factor == "email":
            email_codes.send_code(work, person, SIGN_IN)
        return email_codes.seconds_to_resend(work, person_id, SIGN_IN)


def _refuse_empty(address: str, password: str) -> None:
    errors = {}
    if not address:
        errors["email"] = "L’adresse e-mail manque."
    if not password:
        errors["password"] = "Le mot de passe manque."  # noqa: S105 - a sentence
    if errors:
        raise InvalidInput(errors)


def _active(work: Work, address: str) -> Person | None:
    person = work.session.scalar(select(Person).where(Person.email == address))
    return person if person is not None and person.state == "active" else None


def _open(work: Work, person: Person, visitor: Visitor) -> Opened:
    device_id = devices.recognise(work, person.id, visitor.device_tokens)
    stage = "full" if device_id and person.second_factor else "second_factor"
    if stage == "second_factor" and person.second_factor == "email":
        email_codes.send_code(work, person, SIGN_IN)
    token = sessions.open_session(
        work, person.id, stage=stage, label=visitor.label, device_id=device_id if stage == "full" else None
    )
    action = "sign_in.completed" if stage == "full" else "sign_in.password_accepted"
    work.audit(action, subject_kind="person", subject_id=person.id)
    return Opened(token, stage, person.id)


def _pending_person(system: System, session_id: UUID) -> UUID:
    with reading(system) as work:
        return work.session.get_one(UserSession, session_id).person_id


def _complete(
    system: System,
    session_id: UUID,
    accept: second_factor.Acceptance,
    visitor: Visitor,
    keep_device: bool,
) -> Opened:
    person_id = _pending_person(system, session_id)
    by_address = (rate_limits.CODE_BY_ADDRESS, visitor.address_subject)
    by_person = (
        (rate_limits.CODE_BY_PERSON, str(person_id)),
        (rate_limits.CODE_BY_DAY, str(person_id)),
    )
    rate_limits.count_try(system, *by_person, by_address)
    with writing(system) as work:
        person = work.session.get_one(Person, person_id)
        refusal = accept(work, person)
        if refusal is None:
            opened = _admit(work, session_id, person, visitor, keep_device)
            rate_limits.forget(work, *by_person)
            rate_limits.give_back(work, by_address)
            return opened
        work.audit("sign_in.code_refused", subject_kind="person", subject_id=person_id)
    raise InvalidInput({"code": refusal}, refusal)


def _admit(work: Work, session_id: UUID, person: Person, visitor: Visitor, keep_device: bool) -> Opened:
    device_id, device_token = devices.enrol(work, person.id, visitor.label) if keep_device else (None, None)
    token = sessions.complete(work, session_id, device_id)
    if token is None:
        raise Conflict("session_ended", "Trop de temps a passé : redonnez votre mot de passe.")
    if keep_device:
        page = f"{work.system.settings.origin}/account"
        write_letter(
            work, "new_device", person.email, person.id, device=visitor.label or "inconnu", link=page
        )
    work.audit("sign_in.completed", subject_kind="person", subject_id=person.id, device=keep_device)
    return Opened(token, "full", person.id, device_token)
