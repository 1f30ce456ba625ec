"""What must reach people, and what must happen at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from dermavis.models.base import Base, Code, Id


class Notification(Base):
    """A line of a person's in-app list: an event and a neutral number, never a name."""

    __tablename__ = "notifications"
    __table_args__ = (Index("ix_notifications_person", "person_id", "at"),)

    id: Mapped[Id]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cases.id"))
    event: Mapped[Code]
    number: Mapped[str] = mapped_column(default="")
    url: Mapped[str]
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class PushSubscription(Base):
    """A browser that may be pushed to. The endpoint and its keys are sealed; ``endpoint_hash`` makes it unique."""

    __tablename__ = "push_subscriptions"

    id: Mapped[Id]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    device_id: Mapped[UUID | None] = mapped_column(ForeignKey("devices.id"))
    session_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_sessions.id"))
    endpoint_hash: Mapped[bytes] = mapped_column(unique=True)
    target_sealed: Mapped[bytes]
    created_at: Mapped[datetime]
    last_success_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)


class OutboxItem(Base):
    """Something to send, written with the change that caused it; marked sent only after success.

    ``channel``: push, mail. ``payload`` holds ids, codes and the neutral number only; secrets for a letter (a link, a
    code) are in ``secret_sealed``. ``dedupe_key`` keeps one row per event, person and channel.
    """

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_due", "done_at", "not_before"),)

    id: Mapped[Id]
    channel: Mapped[Code]
    event: Mapped[Code]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    address: Mapped[str] = mapped_column(default="")
    subscription_id: Mapped[UUID | None]
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cases.id"), index=True)
    notification_id: Mapped[UUID | None] = mapped_column(ForeignKey("notifications.id"))
    payload: Mapped[dict[str, Any]]
    secret_sealed: Mapped[bytes | None]
    dedupe_key: Mapped[str] = mapped_column(unique=True)
    urgency: Mapped[Code] = mapped_column(default="normal")
    created_at: Mapped[datetime]
    not_before: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    lease: Mapped[UUID | None]
    tries: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[Code] = mapped_column(default="")
    last_error: Mapped[str] = mapped_column(default="")
    done_at: Mapped[datetime | None]


class DueRow(Base):
    """Something that happens by itself at a time. ``kind`` names its handler; done once."""

    __tablename__ = "due_rows"
    __table_args__ = (Index("ix_due_rows_due", "done_at", "due_at"),)

    id: Mapped[Id]
    kind: Mapped[Code]
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cases.id"), index=True)
    subject_id: Mapped[UUID | None]
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    dedupe_key: Mapped[str] = mapped_column(unique=True)
    due_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    lease: Mapped[UUID | None]
    tries: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[Code] = mapped_column(default="")
    done_at: Mapped[datetime | None]


BACKUP_MADE = "backup.made"


class Heartbeat(Base):
    """When something was last alive or done: ``worker.<lane>``, and ``BACKUP_MADE`` for a complete backup."""

    __tablename__ = "heartbeats"

    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
