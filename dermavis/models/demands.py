"""What patients ask about their data: each demand with its history, kept as the proof that it was answered."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from dermavis.models.base import Base, Code, Id


class DataDemand(Base):
    """One demand of a patient. Codes, days and ids in clear; the words are under the patient's key.

    ``content_sealed``: {"who": name of who asks, "words": what is asked, "statement": what the patient wants to stand
    in the record}. ``identity_check`` is empty until somebody checked who asks; ``outcome`` until it is answered.
    """

    __tablename__ = "data_demands"
    __table_args__ = (
        UniqueConstraint("network_id", "number"),
        Index("ix_data_demands_due", "network_id", "closed_at", "due_on", "id"),
        Index("ix_data_demands_site", "site_id", "received_on", "id"),
    )

    id: Mapped[Id]
    network_id: Mapped[UUID] = mapped_column(ForeignKey("networks.id"))
    number: Mapped[int]
    kind: Mapped[Code]
    site_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patients.id"), index=True)
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cases.id"))
    asked_by: Mapped[Code]
    identity_check: Mapped[Code] = mapped_column(default="")
    content_sealed: Mapped[bytes]
    received_on: Mapped[date]
    due_on: Mapped[date]
    extended: Mapped[bool] = mapped_column(default=False)
    outcome: Mapped[Code] = mapped_column(default="")
    registered_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    registered_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class DataDemandStep(Base):
    """One step of a demand, never changed: ``kind`` is a key of ``dermavis.domain.demands.STEPS``."""

    __tablename__ = "data_demand_steps"

    id: Mapped[Id]
    demand_id: Mapped[UUID] = mapped_column(ForeignKey("data_demands.id"), index=True)
    kind: Mapped[Code]
    detail: Mapped[Code] = mapped_column(default="")
    sealed: Mapped[bytes | None]
    made_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    made_at: Mapped[datetime]
