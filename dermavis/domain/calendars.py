"""Opening hours of an organisation, and time counted in them.

Opening hours are local (weekday ranges in the organisation's time zone, closed dates, public holidays); time is counted
on UTC instants, so that a day of 23 or 25 hours counts what really passed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache, partial
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dermavis.domain.errors import InvalidInput, Refusal
from dermavis.domain.holidays import HolidayCalendar, holiday_name

MIDNIGHT = 24 * 60
LONGEST_CLOSURE = 400
"""Days looked ahead for an opening; a charter that is closed longer never opens."""

Range = tuple[int, int]
"""Minutes after local midnight, start included, end excluded; 1440 is the end of the day."""

WEEKDAYS: tuple[str, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class NeverOpen(Refusal):
    """The opening hours open on no day in reach, so that no delay can be counted in them."""

    def __init__(self) -> None:
        super().__init__(
            "never_open", "Ces horaires n’ouvrent aucun jour\u00a0: le délai ne peut pas être compté."
        )


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """When an organisation is open. ``week``: seven days from Monday, each its sorted ranges without overlap."""

    zone: str
    week: tuple[tuple[Range, ...], ...]
    calendar: HolidayCalendar = HolidayCalendar.PARIS
    closed: frozenset[date] = frozenset()
    open_on_holidays: bool = False

    def __post_init__(self) -> None:
        ZoneInfo(self.zone)
        if len(self.week) != 7:
            raise ValueError("a week has seven days")
        for ranges in self.week:
            bounds = [minute for both in ranges for minute in both]
            if sorted(set(bounds)) != bounds or any(not 0 <= minute <= MIDNIGHT for minute in bounds):
                raise ValueError("ranges are sorted, apart, and within one day")


Week = tuple[tuple[Range, ...], ...]


def same_hours(*ranges: Range, days: Collection[str] = WEEKDAYS[:5]) -> Week:
    """A week with the same ranges on the named days, Monday to Friday unless told; for ``OpeningHours.week``."""
    return tuple(ranges if day in days else () for day in WEEKDAYS)


def working_days(zone: str, calendar: HolidayCalendar = HolidayCalendar.PARIS) -> OpeningHours:
    """Monday to Friday, whole days: in these, 48 h asked on Wednesday 9 h 20 end on Friday 9 h 20."""
    return OpeningHours(zone, same_hours((0, MIDNIGHT)), calendar)


def around_the_clock(zone: str) -> OpeningHours:
    """Open at every instant: the patient's clock."""
    return OpeningHours(zone, same_hours((0, MIDNIGHT), days=WEEKDAYS), open_on_holidays=True)


def why_closed(day: date, hours: OpeningHours) -> str | None:
    """Why the organisation is closed on a local day, in French; None when it opens."""
    if day in hours.closed:
        return "fermeture annoncée"
    holiday = holiday_name(day, hours.calendar)
    if holiday and not hours.open_on_holidays:
        return holiday
    return None if hours.week[day.weekday()] else "fermé ce jour-là"


Stretches = tuple[tuple[datetime, datetime], ...]


def open_ranges(hours: OpeningHours, day: date) -> Stretches:
    """The open stretches of a local day as UTC instants, sorted, apart, none empty."""
    return _ranges_of(hours)(day)


@lru_cache(maxsize=256)
def _ranges_of(hours: OpeningHours) -> Callable[[date], Stretches]:
    """The days of these hours: whoever asks for many looks the hours up once."""
    return lru_cache(maxsize=1024)(partial(_open_ranges, hours))


def _open_ranges(hours: OpeningHours, day: date) -> Stretches:
    if why_closed(day, hours):
        return ()
    zone = ZoneInfo(hours.zone)
    found: list[tuple[datetime, datetime]] = []
    for first, last in hours.week[day.weekday()]:
        start, end = _instant(day, first, zone), _instant(day, last, zone)
        if found:
            start = max(start, found[-1][1])
        if start < end:
            found.append((start, end))
    return tuple(found)


def _instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    whole_days, rest = divmod(minute, MIDNIGHT)
    local = datetime.combine(day + timedelta(days=whole_days), time(rest // 60, rest % 60), zone)
    return local.astimezone(UTC)


def local_day(instant: datetime, zone: str) -> date:
    """The date on the wall at an instant."""
    return instant.astimezone(ZoneInfo(zone)).date()


def _stretches(start: datetime, hours: OpeningHours) -> Iterator[tuple[datetime, datetime]]:
    """Open stretches that end after ``start``, until one is further than ``LONGEST_CLOSURE`` from the last."""
    day = local_day(start, hours.zone) - timedelta(days=1)
    closed_for = 0
    while closed_for <= LONGEST_CLOSURE:
        ranges = open_ranges(hours, day)
        closed_for = 0 if ranges else closed_for + 1
        for opens, closes in ranges:
            if closes > start:
                yield max(opens, start), closes
        day += timedelta(days=1)


def add_open_time(start: datetime, duration: timedelta, hours: OpeningHours) -> datetime:
    """The first instant (UTC) at which ``duration`` of opening time has passed since ``start``.

    A duration of zero ends at ``start``; one that ends with the day ends at closing time. Raises ``NeverOpen``.
    """
    if duration < timedelta(0):
        raise ValueError("a duration is not negative")
    start = start.astimezone(UTC)
    if not duration:
        return start
    for opens, closes in _stretches(start, hours):
        if closes - opens >= duration:
            return opens + duration
        duration -= closes - opens
    raise NeverOpen


def open_time_between(start: datetime, end: datetime, hours: OpeningHours) -> timedelta:
    """Opening time that passes from ``start`` to ``end``; zero when ``end`` is not later."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    total = timedelta(0)
    if end <= start:
        return total
    ranges_of = _ranges_of(hours)
    day, last = local_day(start, hours.zone) - timedelta(days=1), local_day(end, hours.zone)
    while day <= last:
        for opens, closes in ranges_of(day):
            if opens < end and closes > start:
                total += min(closes, end) - max(opens, start)
        day += timedelta(days=1)
    return total


def is_open(instant: datetime, hours: OpeningHours) -> bool:
    """Whether the organisation is open at an instant."""
    day = local_day(instant, hours.zone)
    return any(opens <= instant < closes for opens, closes in open_ranges(hours, day))


def next_opening(instant: datetime, hours: OpeningHours) -> datetime:
    """The first instant (UTC) from ``instant`` on at which it is open: itself when open. Raises ``NeverOpen``."""
    for opens, _closes in _stretches(instant.astimezone(UTC), hours):
        return opens
    raise NeverOpen


def closing(instant: datetime, hours: OpeningHours) -> datetime:
    """The last closing (UTC) of the local day of the next opening: the end of "today" for who asks at ``instant``."""
    day = local_day(next_opening(instant, hours), hours.zone)
    return open_ranges(hours, day)[-1][1]


def add_working_days(start: datetime, days: int, hours: OpeningHours) -> datetime:
    """The same local time, ``days`` open days later (UTC). Raises ``NeverOpen``."""
    local = start.astimezone(ZoneInfo(hours.zone))
    day, closed_for = local.date(), 0
    while days > 0:
        day += timedelta(days=1)
        closed_for = closed_for + 1 if why_closed(day, hours) else 0
        days -= 0 if closed_for else 1
        if closed_for > LONGEST_CLOSURE:
            raise NeverOpen
    return datetime.combine(day, local.time(), ZoneInfo(hours.zone)).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """A day without opening, and why, in French."""

    day: date
    why: str


def closed_days(first: date, days: int, hours: OpeningHours) -> tuple[ClosedDay, ...]:
    """The closed days among the ``days`` local days from ``first`` on."""
    span = (first + timedelta(days=n) for n in range(days))
    return tuple(ClosedDay(day, why) for day in span if (why := why_closed(day, hours)))


def read_hours(raw: Mapping[str, Any], zone: str, calendar: str) -> OpeningHours:
    """Opening hours as a charter keeps them.

    ``{"week": {"mon": [["09:00", "12:30"], …]}, "closed": ["2026-12-24"], "open_on_holidays": false}``; a day left out
    is closed. Raises ``InvalidInput`` with a French sentence by field path.
    """
    errors: dict[str, str] = {}
    week: list[tuple[Range, ...]] = []
    for day in WEEKDAYS:
        try:
            ranges = tuple(
                (_minute(opens), _minute(closes)) for opens, closes in raw.get("week", {}).get(day, [])
            )
            OpeningHours("UTC", (ranges, *[()] * 6))
            week.append(ranges)
        except (ValueError, TypeError, AttributeError):
            errors[f"week.{day}"] = "Horaires illisibles. Exemple\u00a0: 09:00 à 12:30, puis 14:00 à 18:00."
    closed: set[date] = set()
    for place, text in enumerate(raw.get("closed", [])):
        try:
            closed.add(date.fromisoformat(text))
        except (ValueError, TypeError):
            errors[f"closed.{place}"] = "Cette date est illisible. Exemple\u00a0: 2026-12-24."
    if not _is_zone(zone):
        errors["zone"] = "Ce fuseau horaire n’existe pas."
    if calendar not in set(HolidayCalendar):
        errors["calendar"] = "Ce calendrier de jours fériés n’existe pas."
    if not errors and not any(week):
        errors["week"] = "Ouvrez au moins un jour de la semaine."
    if errors:
        raise InvalidInput(errors)
    return OpeningHours(
        zone, tuple(week), HolidayCalendar(calendar), frozenset(closed), bool(raw.get("open_on_holidays"))
    )


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def write_hours(hours: OpeningHours) -> dict[str, Any]:
    """The JSON form that ``read_hours`` reads; zone and calendar are the organisation's."""
    return {
        "week": {
            day: [[_clock(opens), _clock(closes)] for opens, closes in ranges]
            for day, ranges in zip(WEEKDAYS, hours.week, strict=True)
        },
        "closed": sorted(day.isoformat() for day in hours.closed),
        "open_on_holidays": hours.open_on_holidays,
    }


def _minute(text: str) -> int:
    hour, colon, minute = text.partition(":")
    if not (colon and f"{hour}{minute}".isascii() and f"{hour}{minute}".isdigit() and int(minute) < 60):
        raise ValueError("an hour is written 09:00")
    return int(hour) * 60 + int(minute)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
