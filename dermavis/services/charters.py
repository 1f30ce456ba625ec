"""What a centre promises and accepts: the charter in force, read into the domain's terms."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from dermavis.domain.calendars import MIDNIGHT, WEEKDAYS, OpeningHours, read_hours
from dermavis.domain.case_states import Machine, State
from dermavis.domain.deadlines import Delay, read_delays
from dermavis.domain.retention import RECORD_YEARS
from dermavis.domain.roles import REQUESTING
from dermavis.domain.watches import OWNERS
from dermavis.models import CentreCharter, Organization
from dermavis.services.work import Work

WHOLE_DAYS = "working_days"
OPENING_HOURS = "opening_hours"
"""In which time a charter counts its delays."""

OFFICE_HOURS = {"week": {day: [["09:00", "18:00"]] for day in WEEKDAYS[:5]}}
"""Where a charter says nothing."""

IDLE_CLAIM_HOURS = int(OWNERS[Machine.QUESTION][State.CLAIMED].limit.hours)
"""Opening hours after which an idle claim returns, where a charter says nothing."""


@dataclass(frozen=True)
class Charter:
    """A centre's charter in force. ``id`` is None when the centre has published none: the defaults hold.

    ``hours`` is when somebody is there; ``counting`` is the time in which delays run: whole working days by default
    (48 h asked on Wednesday 9 h 20 end on Friday 9 h 20), or the opening hours themselves where the charter says so.
    ``keep_years`` counts from the patient's last contact; the law's where the charter says nothing or less.
    """

    id: UUID | None
    organization_id: UUID
    name: str
    zone: str
    hours: OpeningHours
    counting: OpeningHours
    delays: dict[str, Delay]
    motives: frozenset[str]
    professions: frozenset[str]
    territory: tuple[str, ...]
    phone: str
    on_call_phone: str
    red_flags: dict[str, str]
    idle_claim_hours: int
    keep_years: int
    rota: tuple[dict[str, Any], ...]


def charter_of(work: Work, organization_id: UUID, specialty_id: str = "dermatology") -> Charter:
    """Return the charter of a centre that is in force now."""
    row = work.session.scalar(
        select(CentreCharter)
        .where(
            CentreCharter.organization_id == organization_id,
            CentreCharter.specialty_id == specialty_id,
            CentreCharter.effective_from <= work.now,
        )
        .order_by(CentreCharter.version.desc())
        .limit(1)
    )
    organization = work.session.get_one(Organization, organization_id)
    return read_charter(row.content if row else {}, organization, row.id if row else None)


def read_charter(
    content: dict[str, Any], organization: Organization, charter_id: UUID | None = None
) -> Charter:
    """Read a charter's stored content. Raises InvalidInput on wrong hours or delays."""
    zone, calendar = organization.time_zone, organization.holiday_calendar
    hours = read_hours(content.get("hours") or OFFICE_HOURS, zone, calendar)
    whole = tuple(((0, MIDNIGHT),) if ranges else () for ranges in hours.week)
    by_opening = content.get("delays_count_in") == OPENING_HOURS
    return Charter(
        id=charter_id,
        organization_id=organization.id,
        name=organization.name,
        zone=zone,
        hours=hours,
        counting=hours if by_opening else replace(hours, week=whole),
        delays=read_delays(content.get("delays", {})),
        motives=frozenset(content.get("motives", [])),
        professions=frozenset(content.get("professions", [role.value for role in REQUESTING])),
        territory=tuple(content.get("territory", [])),
        phone=content.get("phone") or organization.phone,
        on_call_phone=content.get("on_call_phone") or organization.on_call_phone,
        red_flags=dict(content.get("red_flags", {})),
        idle_claim_hours=int(content.get("idle_claim_hours") or IDLE_CLAIM_HOURS),
        keep_years=int(content.get("keep_years") or RECORD_YEARS),
        rota=tuple(content.get("rota", [])),
    )


def on_duty(charter: Charter, now: datetime) -> frozenset[UUID]:
    """Return who is on duty today by the centre's rota."""
    today = now.astimezone(ZoneInfo(charter.zone)).date().isoformat()
    return frozenset(UUID(row["person_id"]) for row in charter.rota if row["from"] <= today <= row["to"])
