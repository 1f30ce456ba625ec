"""Prints of the reference card."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from dermavis.models.base import Base, Code, Id


class PrintBatch(Base):
    """A print of the reference card; ``code`` is in the code of each of its cards, and no two batches have the same.

    The long side of the control outline as measured across the sheet and down it, in hundredths of a millimetre, null
    until somebody laid a bank card on it (``verified_at``). ``code_size``: of the printed code, in millimetres.
    """

    __tablename__ = "print_batches"

    id: Mapped[Id]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    code: Mapped[Code] = mapped_column(unique=True)
    layout: Mapped[Code]
    code_size: Mapped[int]
    measured_width_hundredths: Mapped[int | None]
    measured_height_hundredths: Mapped[int | None]
    printed_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    printed_at: Mapped[datetime]
    verified_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    verified_at: Mapped[datetime | None]
    withdrawn_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    withdrawn_at: Mapped[datetime | None]
