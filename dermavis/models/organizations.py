"""Networks, organisations, teams and what a centre accepts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from dermavis.models.base import Base, Code, Id


class Network(Base):
    """A set of organisations that work together, real or sandbox; neutral numbers count within it."""

    __tablename__ = "networks"

    id: Mapped[Id]
    kind: Mapped[Code] = mapped_column(default="real")
    name: Mapped[str]
    number_prefix: Mapped[Code] = mapped_column(default="D")
    next_number: Mapped[int] = mapped_column(default=1)


class Organization(Base):
    """A site, a centre, a private practice, a CPTS or MSP, or the body that runs the service.

    ``kind``: site, centre, practice, msp, cpts, body. ``site_kind``: practice, msp, ehpad, medico_social, prison,
    nurse.
    """

    __tablename__ = "organizations"

    id: Mapped[Id]
    network_id: Mapped[UUID] = mapped_column(ForeignKey("networks.id"), index=True)
    kind: Mapped[Code]
    site_kind: Mapped[Code] = mapped_column(default="")
    name: Mapped[str]
    short_name: Mapped[str] = mapped_column(default="")
    finess: Mapped[Code] = mapped_column(default="")
    phone: Mapped[Code] = mapped_column(default="")
    on_call_phone: Mapped[Code] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    postcode: Mapped[Code] = mapped_column(default="")
    commune: Mapped[str] = mapped_column(default="")
    commune_code: Mapped[Code] = mapped_column(default="")
    time_zone: Mapped[Code] = mapped_column(default="Europe/Paris")
    holiday_calendar: Mapped[Code] = mapped_column(default="paris")
    has_dermatoscope: Mapped[bool] = mapped_column(default=False)
    closed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Team(Base):
    """An expert team: whoever is free takes the next case of its queue."""

    __tablename__ = "teams"

    id: Mapped[Id]
    network_id: Mapped[UUID] = mapped_column(ForeignKey("networks.id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    specialty_id: Mapped[Code] = mapped_column(default="dermatology")
    name: Mapped[str]
    email: Mapped[str] = mapped_column(default="")
    phone: Mapped[Code] = mapped_column(default="")
    closed_at: Mapped[datetime | None]


class TeamMember(Base):
    """A person's place in a team, from a day to a day."""

    __tablename__ = "team_members"
    __table_args__ = (Index("ix_team_members_person", "person_id"),)

    id: Mapped[Id]
    team_id: Mapped[UUID] = mapped_column(ForeignKey("teams.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class PoolingMember(Base):
    """A site, or one person of it, whose requests pass through a CPTS before they are sent."""

    __tablename__ = "pooling_members"

    id: Mapped[Id]
    coordination_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class CentreCharter(Base):
    """What a centre accepts, version by version: motives, professions, territory, delays, hours, numbers.

    ``content`` (JSON): motives [id] (empty: all), professions [role], territory [postcode prefix] (empty: all), delays
    {urgency: {target_hours, late_hours}}, delays_count_in (working_days or opening_hours), hours {week: {mon…sun:
    [["09:00", "18:00"]]}, closed: [ISO date], open_on_holidays}, rota [{from, to, person_id}],
    red_flags {id: wording}, phone, on_call_phone,
    idle_claim_hours. Read by ``dermavis.services.charters``.
    """

    __tablename__ = "centre_charters"
    __table_args__ = (UniqueConstraint("organization_id", "specialty_id", "version"),)

    id: Mapped[Id]
    network_id: Mapped[UUID] = mapped_column(ForeignKey("networks.id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    specialty_id: Mapped[Code] = mapped_column(default="dermatology")
    version: Mapped[int]
    content: Mapped[dict[str, Any]]
    published_at: Mapped[datetime]
    published_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    effective_from: Mapped[datetime]


class AccessRequest(Base):
    """The fiche d'opportunité: to whom a site sends, for every motive or for one.

    ``state``: draft, approved, refused, ended.
    """

    __tablename__ = "access_requests"

    id: Mapped[Id]
    network_id: Mapped[UUID] = mapped_column(ForeignKey("networks.id"))
    site_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    team_id: Mapped[UUID] = mapped_column(ForeignKey("teams.id"))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    motive: Mapped[Code] = mapped_column(default="")
    state: Mapped[Code] = mapped_column(default="approved")
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
