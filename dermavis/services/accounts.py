"""A person's own account: name, absence, acting organisation, sessions and devices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select

from dermavis.domain.errors import InvalidInput, NotFound
from dermavis.domain.roles import ROLE_NAMES, Role
from dermavis.domain.text import clean
from dermavis.models import Device, Membership, Organization, Person, UserSession
from dermavis.models.queries.validity import holds_on
from dermavis.services import devices, second_factor, sessions
from dermavis.services.absences import colleagues
from dermavis.services.names import full_name, name_of
from dermavis.services.work import Work

LONGEST_NAME = 100


@dataclass(frozen=True)
class Place:
    """An organisation in which the person holds roles today."""

    organization_id: UUID
    name: str
    roles: str
    acting: bool


@dataclass(frozen=True)
class OpenSession:
    """One of the person's live sessions."""

    id: UUID
    label: str
    seen_at: datetime
    opened_at: datetime
    this: bool


@dataclass(frozen=True)
class KnownDevice:
    """One of the person's enrolled devices."""

    id: UUID
    label: str
    enrolled_at: datetime
    expires_at: datetime
    this: bool


@dataclass(frozen=True)
class Account:
    """Everything that the account page shows. ``absent_from`` and ``absent_to`` are local dates, both included."""

    name: str
    title: str
    first_name: str
    last_name: str
    email: str
    phone: str
    second_factor: str
    recovery_codes_left: int
    substitute_id: UUID | None
    substitute_name: str
    absent_from: date | None
    absent_to: date | None
    substitutes: tuple[tuple[UUID, str], ...]
    places: tuple[Place, ...]
    sessions: tuple[OpenSession, ...]
    devices: tuple[KnownDevice, ...]


@dataclass(frozen=True)
class Profile:
    """What a person may change about themselves; dates are ISO dates as typed, empty for none."""

    first_name: str
    last_name: str
    title: str
    phone: str


def read_account(work: Work) -> Account:
    """Return the actor's account."""
    me = work.acting
    person = work.session.get_one(Person, me.person_id)
    zone = ZoneInfo(me.time_zone)
    present = work.session.get(UserSession, me.session_id) if me.session_id else None
    return Account(
        name=full_name(person),
        title=person.title,
        first_name=person.first_name,
        last_name=person.last_name,
        email=person.email,
        phone=person.phone,
        second_factor=person.second_factor,
        recovery_codes_left=second_factor.recovery_codes_left(work, person.id),
        substitute_id=person.substitute_id,
        substitute_name=name_of(work, person.substitute_id) if person.substitute_id else "",
        absent_from=person.absent_from.astimezone(zone).date() if person.absent_from else None,
        absent_to=person.absent_to.astimezone(zone).date() if person.absent_to else None,
        substitutes=_substitutes(work),
        places=_places(work, person.id),
        sessions=_sessions(work, person.id),
        devices=_devices(work, person.id, present.device_id if present else None),
    )


def change_profile(work: Work, profile: Profile) -> None:
    """Change the actor's name and telephone. Raises InvalidInput."""
    first_name, last_name = clean(profile.first_name), clean(profile.last_name)
    errors = {}
    for field, value, missing in (
        ("first_name", first_name, "Le prénom manque."),
        ("last_name", last_name, "Le nom manque."),
    ):
        if not value:
            errors[field] = missing
        elif len(value) > LONGEST_NAME:
            errors[field] = f"{LONGEST_NAME} caractères au plus."
    phone = clean(profile.phone)
    if phone and not 6 <= sum(sign.isdigit() for sign in phone) <= 15:
        errors["phone"] = "Un numéro de téléphone est attendu, comme 06 12 34 56 78."
    if errors:
        raise InvalidInput(errors)
    person = work.session.get_one(Person, work.acting.person_id)
    person.first_name, person.last_name = first_name, last_name
    person.title = clean(profile.title)[:20]
    person.phone = phone[:30]
    work.audit("account.changed", subject_kind="person", subject_id=person.id)


def set_absence(work: Work, substitute_id: UUID | None, first: date | None, last: date | None) -> None:
    """Say who stands in for the actor, from a day to a day (both included); None ends it. Raises InvalidInput."""
    me = work.acting
    if substitute_id is not None and substitute_id not in {known for known, _ in _substitutes(work)}:
        raise InvalidInput({"substitute": "Choisissez une personne de votre structure."})
    if substitute_id is not None and first is None:
        raise InvalidInput({"absent_from": "Le premier jour d’absence manque."})
    if first is not None and substitute_id is None:
        raise InvalidInput({"substitute": "Qui vous remplace pendant cette absence ?"})
    if first is not None and last is not None and last < first:
        raise InvalidInput({"absent_to": "Le retour ne peut pas précéder le départ."})
    person = work.session.get_one(Person, me.person_id)
    zone = ZoneInfo(me.time_zone)
    person.substitute_id = substitute_id
    person.absent_from = datetime.combine(first, time.min, zone) if first else None
    end = last + timedelta(days=1) if last else None
    person.absent_to = datetime.combine(end, time.min, zone) - timedelta(seconds=1) if end else None
    work.audit("account.absence", subject_kind="person", subject_id=person.id)


def act_for(work: Work, organization_id: UUID) -> None:
    """Choose the organisation that the actor's session acts for. Raises NotFound."""
    session_id = work.acting.session_id
    if session_id is None or not sessions.act_for(work, session_id, organization_id):
        raise NotFound
    work.audit("account.acts_for", subject_kind="organization", subject_id=organization_id)


def end_session(work: Work, session_id: UUID) -> None:
    """End one of the actor's sessions. Raises NotFound."""
    if not sessions.revoke(work, session_id, work.acting.person_id):
        raise NotFound
    work.audit("session.ended", subject_kind="session", subject_id=session_id)


def end_other_sessions(work: Work) -> int:
    """End every session of the actor but the present one, and forget the other devices; return how many ended."""
    me = work.acting
    devices.revoke_devices(work, me.person_id, keep_session=me.session_id)
    ended = sessions.revoke_all(work, me.person_id, keep=me.session_id)
    work.audit("session.ended_others", subject_kind="person", subject_id=me.person_id, count=ended)
    return ended


def forget_device(work: Work, device_id: UUID) -> None:
    """Forget one of the actor's devices; its sessions end. Raises NotFound."""
    if not devices.revoke_device(work, device_id, work.acting.person_id):
        raise NotFound
    work.audit("device.forgotten", subject_kind="device", subject_id=device_id)


def renew_recovery_codes(work: Work) -> list[str]:
    """Replace the actor's recovery codes; they are shown this once."""
    codes = second_factor.new_recovery_codes(work, work.acting.person_id)
    work.audit("recovery_codes.renewed", subject_kind="person", subject_id=work.acting.person_id)
    return codes


def _places(work: Work, person_id: UUID) -> tuple[Place, ...]:
    held: dict[UUID, tuple[str, list[str]]] = {}
    today = work.now.date()
    rows = work.session.execute(
        select(Organization.id, Organization.name, Membership.role)
        .join(Membership, Membership.organization_id == Organization.id)
        .where(
            Membership.person_id == person_id,
            holds_on(Membership, today),
            Organization.closed_at.is_(None),
        )
        .order_by(Membership.valid_from, Organization.name)
    )
    for organization_id, name, role in rows:
        held.setdefault(organization_id, (name, []))[1].append(ROLE_NAMES[Role(role)])
    acting = work.acting.organization_id
    return tuple(Place(key, name, ", ".join(roles), key == acting) for key, (name, roles) in held.items())


def _substitutes(work: Work) -> tuple[tuple[UUID, str], ...]:
    """Return who may stand in for the actor: the colleagues of the acting organisation who may do the same."""
    me = work.acting
    return tuple(
        (row.id, full_name(row)) for row in colleagues(work, me.person_id, me.organization_id, me.roles)
    )


def _sessions(work: Work, person_id: UUID) -> tuple[OpenSession, ...]:
    rows = work.session.scalars(
        select(UserSession)
        .where(
            UserSession.person_id == person_id,
            UserSession.revoked_at.is_(None),
            UserSession.expires_at > work.now,
            UserSession.stage == "full",
            or_(UserSession.device_id.is_not(None), UserSession.seen_at > work.now - sessions.IDLE),
        )
        .order_by(UserSession.seen_at.desc())
    )
    mine = work.acting.session_id
    return tuple(
        OpenSession(row.id, row.label or "Appareil inconnu", row.seen_at, row.created_at, row.id == mine)
        for row in rows
    )


def _devices(work: Work, person_id: UUID, present: UUID | None) -> tuple[KnownDevice, ...]:
    rows = work.session.scalars(
        select(Device)
        .where(Device.person_id == person_id, Device.revoked_at.is_(None), Device.expires_at > work.now)
        .order_by(Device.enrolled_at.desc())
    )
    return tuple(
        KnownDevice(
            row.id, row.label or "Appareil inconnu", row.enrolled_at, row.expires_at, row.id == present
        )
        for row in rows
    )
