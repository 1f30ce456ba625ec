"""What a centre promises and accepts: the charter in force, read into the domain's terms."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Text, and_, bindparam, cast, select

from dermavis.domain.calendars import MIDNIGHT, WEEKDAYS, OpeningHours, read_hours
from dermavis.domain.case_states import Machine, State
from dermavis.domain.deadlines import Delay, read_delays
from dermavis.domain.retention import RECORD_YEARS
from dermavis.domain.roles import REQUESTING
from dermavis.domain.watches import OWNERS
from dermavis.models import CentreCharter, Organization
from dermavis.models.queries.quick import Question
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
    ``photo_course``: whoever sends has taken it before.
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
    photo_course: bool
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
    zone = organization.time_zone
    hours, counting = _hours(content, zone, organization.holiday_calendar)
    return Charter(
        id=charter_id,
        organization_id=organization.id,
        name=organization.name,
        zone=zone,
        hours=hours,
        counting=counting,
        delays=read_delays(content.get("delays", {})),
        motives=frozenset(content.get("motives", [])),
        professions=frozenset(content.get("professions", [role.value for role in REQUESTING])),
        territory=tuple(content.get("territory", [])),
        phone=content.get("phone") or organization.phone,
        on_call_phone=content.get("on_call_phone") or organization.on_call_phone,
        red_flags=dict(content.get("red_flags", {})),
        idle_claim_hours=int(content.get("idle_claim_hours") or IDLE_CLAIM_HOURS),
        keep_years=int(content.get("keep_years") or RECORD_YEARS),
        photo_course=bool(content.get("photo_course")),
        rota=tuple(content.get("rota", [])),
    )


def counting_hours(work: Work, organization_id: UUID, specialty_id: str) -> OpeningHours:
    """Return the time in which a centre's delays run, by the charter in force now: what lists ask of it."""
    row = _COUNTING.first(work.session, centre=organization_id, specialty=specialty_id, now=work.now)
    return _counting(row.content, row.time_zone, row.holiday_calendar)


_charters, _places = CentreCharter.__table__.c, Organization.__table__.c

_COUNTING = Question(
    # As text, which is compared in an instant with what was read before.
    select(cast(_charters.content, Text).label("content"), _places.time_zone, _places.holiday_calendar)
    .select_from(
        Organization.__table__.outerjoin(
            CentreCharter.__table__,
            and_(
                _charters.organization_id == _places.id,
                _charters.specialty_id == bindparam("specialty"),
                _charters.effective_from <= bindparam("now"),
            ),
        )
    )
    .where(_places.id == bindparam("centre"))
    .order_by(_charters.version.desc())
    .limit(1)
)


@lru_cache(maxsize=256)
def _counting(content: str | None, zone: str, calendar: str) -> OpeningHours:
    return _hours(json.loads(content) if content else {}, zone, calendar)[1]


def _hours(content: dict[str, Any], zone: str, calendar: str) -> tuple[OpeningHours, OpeningHours]:
    """When somebody is there, and the time in which delays run."""
    hours = read_hours(content.get("hours") or OFFICE_HOURS, zone, calendar)
    if content.get("delays_count_in") == OPENING_HOURS:
        return hours, hours
    return hours, replace(hours, week=tuple(((0, MIDNIGHT),) if ranges else () for ranges in hours.week))


def on_duty(charter: Charter, now: datetime) -> frozenset[UUID]:
    """Return who is on duty today by the centre's rota."""
    today = now.astimezone(ZoneInfo(charter.zone)).date().isoformat()
    return frozenset(UUID(row["person_id"]) for row in charter.rota if row["from"] <= today <= row["to"])
