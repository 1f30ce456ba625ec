"""What the service keeps about itself."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from dermavis.models.base import Base, Code, Id


class Breakdown(Base):
    """A request that broke. ``reference`` is what its person was shown; kinds of errors and places, no values.

    ``case_id`` is an id from the address, which may be nobody's.
    """

    __tablename__ = "breakdowns"

    id: Mapped[Id]
    reference: Mapped[Code] = mapped_column(index=True)
    at: Mapped[datetime] = mapped_column(index=True)
    route: Mapped[Code]
    method: Mapped[Code]
    status: Mapped[int]
    kinds: Mapped[str]
    trace: Mapped[str] = mapped_column(Text)
    case_id: Mapped[UUID | None] = mapped_column(index=True)
