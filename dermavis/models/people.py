"""People, what they are in which organisation, and how they prove who they are."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from dermavis.models.base import Base, Code, Id


class Person(Base):
    """A professional with an account. ``state``: invited, active, revoked. Secrets are sealed under the master key."""

    __tablename__ = "persons"

    id: Mapped[Id]
    state: Mapped[Code] = mapped_column(default="invited")
    title: Mapped[Code] = mapped_column(default="")
    first_name: Mapped[str]
    last_name: Mapped[str]
    email: Mapped[str] = mapped_column(unique=True)
    phone: Mapped[Code] = mapped_column(default="")
    profession: Mapped[Code] = mapped_column(default="")
    rpps: Mapped[Code] = mapped_column(default="")
    password_hash: Mapped[str] = mapped_column(default="")
    second_factor: Mapped[Code] = mapped_column(default="")
    totp_sealed: Mapped[bytes | None]
    substitute_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    absent_from: Mapped[datetime | None]
    absent_to: Mapped[datetime | None]
    preferences: Mapped[dict[str, Any]] = mapped_column(default=dict)
    photo_course_at: Mapped[datetime | None]
    demonstration: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Membership(Base):
    """A role of a person in an organisation, from a day to a day (local dates, ``valid_to`` included)."""

    __tablename__ = "memberships"
    __table_args__ = (Index("ix_memberships_person", "person_id"),)

    id: Mapped[Id]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    role: Mapped[Code]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class Device(Base):
    """An enrolled phone or computer: for 30 days the second factor is not asked again on it.

    ``code_proof_hash``: of what the device's own code opens, and gives back to unlock a session; null without a code.
    ``destroy_asked_at``: when its person said that it was lost or stolen; ``destroyed_at``: when it answered that its
    drafts are gone.
    """

    __tablename__ = "devices"

    id: Mapped[Id]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    label: Mapped[str] = mapped_column(default="")
    code_proof_hash: Mapped[bytes | None]
    destroy_asked_at: Mapped[datetime | None]
    destroyed_at: Mapped[datetime | None]
    enrolled_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class UserSession(Base):
    """A session; the cookie carries a random token of which only the hash is kept.

    ``stage``: second_factor (password given), full. ``organization_id`` is the acting organisation.
    """

    __tablename__ = "user_sessions"

    id: Mapped[Id]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    stage: Mapped[Code] = mapped_column(default="full")
    organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organizations.id"))
    device_id: Mapped[UUID | None] = mapped_column(ForeignKey("devices.id"))
    label: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class DraftStub(Base):
    """A request that only a phone holds; ``id`` is the one it will have. ``device`` tells a person's phones apart."""

    __tablename__ = "draft_stubs"

    id: Mapped[Id]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    device: Mapped[UUID]
    touched_at: Mapped[datetime]


class OneTimeCode(Base):
    """A code sent by e-mail: hashed, used once, ten minutes, few tries."""

    __tablename__ = "one_time_codes"

    id: Mapped[Id]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    purpose: Mapped[Code]
    code_hash: Mapped[bytes]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]


class TotpUse(Base):
    """A time step of a person's authenticator that was accepted: it is never accepted again."""

    __tablename__ = "totp_uses"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), primary_key=True)
    step: Mapped[int] = mapped_column(primary_key=True)
    used_at: Mapped[datetime]


class RecoveryCode(Base):
    """One of ten codes to keep on paper; hashed, used once."""

    __tablename__ = "recovery_codes"

    id: Mapped[Id]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    code_hash: Mapped[bytes]
    used_at: Mapped[datetime | None]


class AccessToken(Base):
    """A link sent by e-mail: ``purpose`` is invitation, password_reset or factor_reset. Only its hash is kept."""

    __tablename__ = "access_tokens"

    id: Mapped[Id]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    purpose: Mapped[Code]
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class FactorReset(Base):
    """A lost authenticator: one administrator asks, another one agrees."""

    __tablename__ = "factor_resets"

    id: Mapped[Id]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    requested_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    requested_at: Mapped[datetime]
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    approved_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]


class HeldForm(Base):
    """What a person had typed when their session ended, sealed until they sign in again (one hour)."""

    __tablename__ = "held_forms"

    id: Mapped[Id]
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    path: Mapped[str]
    sealed: Mapped[bytes]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class RateCount(Base):
    """How often something was tried within one window. ``key`` holds a hash, never an address or a name."""

    __tablename__ = "rate_counts"
    __table_args__ = (UniqueConstraint("key", "window_start"),)

    id: Mapped[Id]
    key: Mapped[str]
    window_start: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
