"""Who did and who read what; and the value that ties a database to its master key."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from dermavis.models.base import Base, BigId, Code, Id


class AuditEvent(Base):
    """One thing done or read. Ids and codes only, no names; never updated, never deleted."""

    __tablename__ = "audit_events"
    __table_args__ = (
        Index("ix_audit_events_case", "case_id", "id"),
        Index("ix_audit_events_actor", "actor_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    action: Mapped[Code]
    actor_id: Mapped[UUID | None]
    organization_id: Mapped[UUID | None]
    on_behalf_of: Mapped[UUID | None]
    session_id: Mapped[UUID | None]
    case_id: Mapped[UUID | None]
    subject_kind: Mapped[Code] = mapped_column(default="")
    subject_id: Mapped[UUID | None]
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)


class AuditSeal(Base):
    """A Merkle root over the rows ``first_id`` to ``last_id``, chained to the seal before."""

    __tablename__ = "audit_seals"

    id: Mapped[Id]
    number: Mapped[int] = mapped_column(unique=True)
    first_id: Mapped[int] = mapped_column(BigId)
    last_id: Mapped[int] = mapped_column(BigId)
    root: Mapped[bytes]
    head: Mapped[bytes]
    sealed_at: Mapped[datetime]
    witnessed_at: Mapped[datetime | None]


class AuditTimestamp(Base):
    """What an authority outside signed of a seal (RFC 3161): its answer, the number asked with it, and its time."""

    __tablename__ = "audit_timestamps"

    id: Mapped[Id]
    seal_number: Mapped[int] = mapped_column(unique=True)
    token: Mapped[bytes]
    nonce: Mapped[Code]
    stamped_at: Mapped[datetime]


class KeyCheck(Base):
    """A version of the master key that something in this database is still wrapped by: one, two during a rotation.

    ``lasting_sealed``: what an older version handed down, wrapped by this one; nothing beside the first version.
    """

    __tablename__ = "key_checks"

    version: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[bytes]
    lasting_sealed: Mapped[bytes | None]
    created_at: Mapped[datetime]
