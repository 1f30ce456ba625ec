"""Money as data with a place and a date of effect; amounts in euro cents."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from dermavis.models.base import Base, Code, Id


class Tariff(Base):
    """What an act is paid, where and from when. ``code``: RQD, TE2. ``place``: mainland, overseas."""

    __tablename__ = "tariffs"
    __table_args__ = (UniqueConstraint("code", "place", "effective_from"),)

    id: Mapped[Id]
    code: Mapped[Code]
    place: Mapped[Code]
    amount_cents: Mapped[int]
    yearly_limit: Mapped[int | None]
    effective_from: Mapped[date]


class BillingItem(Base):
    """What one payer owes for a case; ``state`` is the billing machine's."""

    __tablename__ = "billing_items"
    __table_args__ = (UniqueConstraint("case_id", "payer", "code"),)

    id: Mapped[Id]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    payer: Mapped[Code]
    code: Mapped[Code]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    state: Mapped[Code] = mapped_column(default="to_check")
    amount_cents: Mapped[int | None]
    act_date: Mapped[date]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Density(Base):
    """Specialists per 100 000 inhabitants, in tenths, in a territory, from a day."""

    __tablename__ = "densities"
    __table_args__ = (UniqueConstraint("territory", "specialty_id", "effective_from"),)

    id: Mapped[Id]
    territory: Mapped[Code]
    specialty_id: Mapped[Code]
    per_100000_tenths: Mapped[int]
    effective_from: Mapped[date]
