"""Who answers a patient's demand is told before its last day, on it, and again until it is answered.

Its owner is the data-protection officer of the network; where there is none, its administrators, of whom one always
stays. A record to be handed over is also told to those of its site who may do it.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from dermavis.domain import demands as rules
from dermavis.domain.calendars import local_day
from dermavis.domain.permissions import Permission
from dermavis.domain.roles import REQUESTING, Role
from dermavis.models import Case, DataDemand, DueRow, Organization
from dermavis.services.access import may
from dermavis.services.notice_subjects import Subject
from dermavis.services.notices import announce_of
from dermavis.services.schedule import schedule, unschedule
from dermavis.services.teams import holding, holding_in_network
from dermavis.services.work import Work

TIMER = "demand_reminder"


@dataclass(frozen=True)
class Due:
    """Demands that the actor must answer soon: how many, how many of them ``late``."""

    count: int
    late: int


def watch_demand(work: Work, demand: DataDemand) -> None:
    """A demand came, or its last day moved: have who answers for it told in time."""
    at = rules.first_told_at(demand.due_on, work.now, _zone(work, demand))
    schedule(work, TIMER, at, subject_id=demand.id)


def end_watch(work: Work, demand: DataDemand) -> None:
    """A demand was answered: nobody is reminded any more."""
    unschedule(work, TIMER, subject_id=demand.id)


def remind_demand(work: Work, row: DueRow) -> None:
    """Timer ``demand_reminder``: tell who answers for it, and come back."""
    # Not held: who answers holds the demand, and then takes this row back.
    demand = work.session.get_one(DataDemand, row.subject_id)
    if demand.closed_at is not None:
        return
    zone = _zone(work, demand)
    event = rules.reminder_event(demand.due_on, local_day(work.now, zone))
    number = rules.demand_number(demand.number)
    about = Subject(number, f"/demands/{demand.id}", kind="demand", id=demand.id)
    announce_of(work, event, about, who_answers_demand(work, demand))
    schedule(work, TIMER, rules.next_told_at(demand.due_on, work.now, zone), subject_id=demand.id)


def who_answers_demand(work: Work, demand: DataDemand) -> set[UUID]:
    """Return the live accounts that answer for a demand."""
    found = set(holding_in_network(work, demand.network_id, Role.DATA_PROTECTION_OFFICER))
    found = found or set(holding_in_network(work, demand.network_id, Role.ADMINISTRATOR))
    if demand.kind == "access":
        case = work.session.get(Case, demand.case_id) if demand.case_id else None
        here = {person for role in REQUESTING for person in holding(work, demand.site_id, role)}
        found |= here & {demand.registered_by, case.requester_id if case else None}
    return found


def is_awaited(work: Work, demand_id: UUID) -> bool:
    """Whether the answer to a demand is still due soon, or late."""
    demand = work.session.get_one(DataDemand, demand_id)
    today = local_day(work.now, _zone(work, demand))
    return demand.closed_at is None and rules.is_due_soon(demand.due_on, today)


def due_from_me(work: Work) -> Due:
    """Return how many answers the actor must give soon: all of the network, or the records that they hand over."""
    if may(work, Permission.DEMANDS_DECIDE):
        return _due(work)
    return records_due_from_me(work)


def records_due_from_me(work: Work) -> Due:
    """Return how many records the actor must hand over soon: what they registered, or what is about their request."""
    if not may(work, Permission.ACCESS_HAND_OVER):
        return Due(0, 0)
    me = work.acting.person_id
    own = select(Case.id).where(Case.requester_id == me)
    return _due(
        work,
        DataDemand.site_id == work.acting.organization_id,
        DataDemand.kind == "access",
        or_(DataDemand.registered_by == me, DataDemand.case_id.in_(own)),
    )


def _due(work: Work, *mine: ColumnElement[bool]) -> Due:
    today = local_day(work.now, work.acting.time_zone)
    days = work.session.scalars(
        select(DataDemand.due_on).where(
            DataDemand.network_id == work.acting.facts.network_id,
            DataDemand.closed_at.is_(None),
            DataDemand.due_on <= today + rules.TOLD_BEFORE,
            *mine,
        )
    ).all()
    return Due(len(days), sum(day < today for day in days))


def _zone(work: Work, demand: DataDemand) -> str:
    return work.session.get_one(Organization, demand.site_id).time_zone
