"""A small region: who is there, how they read, when they are away, and what their centres promise."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import select

from dermavis.domain.holidays import HolidayCalendar, holiday_name
from dermavis.domain.notices import Wishes
from dermavis.domain.ports import PushTarget
from dermavis.models import CentreCharter, Organization, Person, UserSession
from dermavis.services.sessions import hash_of, open_session
from dermavis.services.subscriptions import subscribe
from dermavis.services.work import Actor, System, writing
from tests.clock import FakeClock
from tests.factories import World, create_world

PARIS, REUNION = "Europe/Paris", "Indian/Reunion"


@dataclass(frozen=True)
class Habit:
    """How somebody treats what reaches them: ``heeds`` it with that chance (0 to 1), after some ``hours`` on average.

    ``phones``: how many are told; ``quiet``: quiet hours, local; ``zone``: where the person lives.
    """

    hours: float
    heeds: float
    phones: int = 0
    quiet: tuple[int, int] | None = None
    zone: str = PARIS


HABITS: dict[str, Habit] = {
    "requester": Habit(2, 0.9, phones=2, quiet=(20, 7)),
    "other_requester": Habit(30, 0.6, quiet=(19, 8)),
    "nurse_requester": Habit(6, 0.8, phones=1),
    "substitute": Habit(3, 0.9, phones=1, quiet=(21, 6)),
    "stranger": Habit(0, 0, phones=1, quiet=(22, 6), zone=REUNION),  # never reads; alone in the practice
    "pooled_requester": Habit(40, 0.5),
    "site_secretary": Habit(1, 0.8),
    "expert": Habit(3, 0.8, phones=1, quiet=(19, 8)),
    "other_expert": Habit(10, 0.5, phones=1),
    "super_user": Habit(0, 0, phones=1, quiet=(12, 14)),  # never claims
    "junior": Habit(0, 0),
    "stranger_expert": Habit(24, 0.5, quiet=(18, 9)),  # alone in the other centre
    "centre_secretary": Habit(5, 0.7),
    "coordinator": Habit(4, 0.5, phones=1),
}
ASKING = ("requester", "other_requester", "nurse_requester", "substitute", "stranger", "pooled_requester")
ANSWERING = ("expert", "other_expert", "stranger_expert")
ON_CALL = ("expert", "other_expert", "super_user")
"""Whose weeks of duty follow each other in the first centre; the other centre's rota names nobody."""


@dataclass(frozen=True)
class Absence:
    """Somebody is away from a day to a day, both included, and somebody stands in."""

    name: str
    stand_in: str
    first: date
    last: date

    def lasts(self, instant: datetime, zone: str) -> bool:
        """Whether it lasts at an instant."""
        return self.first <= instant.astimezone(ZoneInfo(zone)).date() <= self.last


@dataclass
class Region:
    """The region and its clock. ``names``: person → name; ``endpoints``: phone → person."""

    system: System
    clock: FakeClock
    world: World
    random: Random
    closed: frozenset[date]
    absences: list[Absence] = field(default_factory=list)
    gone: dict[str, datetime] = field(default_factory=dict)
    names: dict[UUID, str] = field(default_factory=dict)
    endpoints: dict[str, str] = field(default_factory=dict)
    _actors: dict[tuple[str, tuple[str, ...]], Actor] = field(default_factory=dict)

    def actor(self, name: str) -> Actor:
        """Return a person as services want them, looked up anew when somebody goes away or comes back."""
        around = (*sorted(other for other in HABITS if self.is_away(other)), *sorted(self.gone))
        if (name, around) not in self._actors:
            self._actors[name, around] = self.world.actor(name)
        return self._actors[name, around]

    def id_of(self, name: str) -> UUID:
        """Return a person's id."""
        return self.world.who(name).person_id

    def is_away(self, name: str, instant: datetime | None = None) -> bool:
        """Whether the person is absent."""
        at = instant or self.clock.now()
        return self._absence(name, at) is not None

    def _absence(self, name: str, at: datetime) -> Absence | None:
        """The absence of a person at an instant; who leaves for good was there until they left."""
        if name in self.gone and at < self.gone[name]:
            at_work = [row for row in self.absences if row.last != date.max]
        else:
            at_work = self.absences
        return next((row for row in at_work if row.name == name and row.lasts(at, HABITS[name].zone)), None)

    def who_answers_for(self, name: str, instant: datetime) -> str:
        """Return who reads in place of a person at an instant: themselves unless away, else the first who is there."""
        reader, seen = name, {name}
        while (row := self._absence(reader, instant)) is not None:
            if row.stand_in in seen:
                return name
            reader = row.stand_in
            seen.add(reader)
        return name if reader in self.gone else reader

    def is_quiet(self, name: str, instant: datetime) -> bool:
        """Whether an instant falls into a person's quiet hours."""
        habit = HABITS[name]
        if habit.quiet is None:
            return False
        start, end = habit.quiet
        hour = instant.astimezone(ZoneInfo(habit.zone)).hour
        return start <= hour < end if start < end else (hour >= start or hour < end)

    def on_call(self, instant: datetime) -> str:
        """Return who is on duty in the first centre."""
        return ON_CALL[_week(instant.astimezone(ZoneInfo(PARIS)).date()) % len(ON_CALL)]

    def next_working_day(self, instant: datetime, centre_id: UUID) -> datetime:
        """Return the same local time on the next day on which a centre works, told by its own calendar."""
        first = centre_id == self.world.centre_id
        calendar = HolidayCalendar.PARIS if first else HolidayCalendar.ALSACE_MOSELLE
        shut = self.closed if first else frozenset()
        local = instant.astimezone(ZoneInfo(PARIS))
        day = local.date() + timedelta(days=1)
        while day.weekday() > 4 or holiday_name(day, calendar) or day in shut:
            day += timedelta(days=1)
        return datetime.combine(day, local.time(), ZoneInfo(PARIS)).astimezone(UTC)


def settle(system: System, clock: FakeClock, random: Random, first: date, days: int) -> Region:
    """Make the region on an empty system; one week in three of its life, at most, the first centre is closed."""
    clock.set(datetime.combine(first, time(6), ZoneInfo(PARIS)).astimezone(UTC))
    start = first + timedelta(days=random.randrange(max(1, days // 3)))
    closed = frozenset(start + timedelta(days=n) for n in range(7))
    region = Region(system, clock, create_world(system), random, closed)
    region.names = {region.id_of(name): name for name in HABITS}
    _open_centres(region, first, days)
    for name, habit in HABITS.items():
        _equip(region, name, habit)
    return region


def _open_centres(region: Region, first: date, days: int) -> None:
    """A week of duty for each in turn, a week's closure; the other centre is in Alsace and counts its opening hours."""
    world = region.world
    monday = first - timedelta(days=first.weekday())
    weeks = [monday + timedelta(weeks=n) for n in range(days // 7 + 3)]
    rota = [
        {
            "from": day.isoformat(),
            "to": (day + timedelta(days=6)).isoformat(),
            "person_id": str(region.id_of(ON_CALL[_week(day) % len(ON_CALL)])),
        }
        for day in weeks
    ]
    with writing(region.system) as work:
        for charter in work.session.scalars(select(CentreCharter)):
            hours: dict[str, Any] = dict(charter.content["hours"])
            if charter.organization_id == world.centre_id:
                hours["closed"] = sorted(day.isoformat() for day in region.closed)
                charter.content = charter.content | {"rota": rota, "hours": hours}
            else:
                charter.content = charter.content | {"delays_count_in": "opening_hours"}
        work.session.get_one(Organization, world.other_centre_id).holiday_calendar = "alsace_moselle"
        far = work.session.get_one(Organization, world.other_site_id)
        far.time_zone, far.holiday_calendar = REUNION, "la_reunion"
        away = work.session.get_one(Person, region.id_of("other_requester"))
        away.substitute_id = away.absent_from = away.absent_to = None


def _equip(region: Region, name: str, habit: Habit) -> None:
    """Give a person their quiet hours and their phones, signed in for good."""
    start, end = habit.quiet or (None, None)
    wishes = Wishes(
        quiet_from=time(start) if start is not None else None,
        quiet_to=time(end) if end is not None else None,
        time_zone=habit.zone,
    )
    with writing(region.system) as work:
        person = work.session.get_one(Person, region.id_of(name))
        person.preferences = {"notices": wishes.store()}
    for _ in range(habit.phones):
        give_phone(region, name)


def give_phone(region: Region, name: str) -> None:
    """Sign a person in on one more phone that takes pushes."""
    actor = region.actor(name)
    endpoint = f"https://push.example/{uuid4()}"
    region.endpoints[endpoint] = name
    with writing(region.system, actor) as work:
        token = open_session(work, actor.person_id, organization_id=actor.organization_id)
        row = work.session.scalars(select(UserSession).where(UserSession.token_hash == hash_of(token))).one()
        row.expires_at = work.now + timedelta(days=500)
        subscribe(_with_session(work, row.id), PushTarget(endpoint, "key", "secret"))


def _with_session(work: Any, session_id: UUID) -> Any:
    from dataclasses import replace

    return replace(work, actor=replace(work.actor, session_id=session_id))


def _week(day: date) -> int:
    """Weeks of duty begin on Mondays; so does the calendar of ordinals, with 1."""
    return (day.toordinal() - 1) // 7
