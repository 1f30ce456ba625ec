"""The expert's signed answer, its versions, whom it must reach, and the calls made for it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from dermavis.models.base import Base, Code, Id


class Opinion(Base):
    """One version. A draft has no ``signed_at``; a signed version is never changed, only superseded.

    Nothing of a signed version leaves before ``effective_at``: until then the signature may be taken back, and
    ``before_signature`` (states, instants, ids) says what it changed on the case.
    ``destination``, ``level``, ``follow_up_weeks`` and ``retake`` are clear copies for deadlines and statistics.
    """

    __tablename__ = "opinions"
    __table_args__ = (UniqueConstraint("case_id", "version"),)

    id: Mapped[Id]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    version: Mapped[int]
    content_sealed: Mapped[bytes]
    draft_revision: Mapped[int] = mapped_column(default=0)
    specialty_version: Mapped[int]
    case_revision: Mapped[int] = mapped_column(default=1)
    prepared_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    signed_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    destination: Mapped[Code] = mapped_column(default="")
    level: Mapped[Code] = mapped_column(default="")
    follow_up_weeks: Mapped[int | None]
    retake: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    signed_at: Mapped[datetime | None]
    effective_at: Mapped[datetime | None]
    before_signature: Mapped[dict[str, Any] | None]
    superseded_by: Mapped[UUID | None] = mapped_column(ForeignKey("opinions.id"))


TOLD_ON = text("kind = 'requester' AND escalated > 0 AND level <> 'ordinary' AND state IN ('sent', 'opened')")
"""A critical opinion that stayed unread beyond its time; a constant text, as its partial index wants it."""


class Delivery(Base):
    """An opinion version on its way to one recipient. ``state``: sent, opened, acknowledged, replaced.

    ``kind``: requester, the one that is watched and goes on (``escalate_at``, ``escalated``); substitute, who stands in
    for an absent requester; on_call, the centre's doctor whom an unread critical opinion reached; treating_doctor, a
    copy for the patient's treating doctor, which is theirs alone to acknowledge. Of the others whoever acknowledges
    a version acknowledges it for all: ``acknowledged_by``. ``level`` is the opinion's until the centre has reached the
    patient by telephone; from then on its requester reads it as an ordinary one.
    ``sent_at`` is when the version leaves; before, it is nobody's to see.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("opinion_id", "recipient_id", "kind"),
        Index("ix_deliveries_recipient", "recipient_id", "state"),
        Index("ix_deliveries_told_on", "sent_at", "case_id", sqlite_where=TOLD_ON, postgresql_where=TOLD_ON),
    )

    id: Mapped[Id]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    opinion_id: Mapped[UUID] = mapped_column(ForeignKey("opinions.id"))
    recipient_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organizations.id"))
    kind: Mapped[Code]
    level: Mapped[Code]
    state: Mapped[Code] = mapped_column(default="sent")
    sent_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    escalate_at: Mapped[datetime | None]
    escalated: Mapped[int] = mapped_column(default=0)


class Call(Base):
    """A telephone call made about a case: who was called and when; the words are sealed."""

    __tablename__ = "calls"

    id: Mapped[Id]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    opinion_id: Mapped[UUID | None] = mapped_column(ForeignKey("opinions.id"))
    sealed: Mapped[bytes]
    called_at: Mapped[datetime]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    recorded_at: Mapped[datetime]


class Document(Base):
    """A document made of an opinion version. The bytes are sealed in the store.

    ``kind``: report_pdf, then the marks that came later (``_replaced``, ``_in_error``, ``_identity_`` with a version).
    """

    __tablename__ = "documents"
    __table_args__ = (UniqueConstraint("opinion_id", "kind"),)

    id: Mapped[Id]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    opinion_id: Mapped[UUID] = mapped_column(ForeignKey("opinions.id"))
    kind: Mapped[Code]
    store_key: Mapped[str]
    sha256: Mapped[bytes]
    size: Mapped[int]
    file_name: Mapped[str]
    created_at: Mapped[datetime]
