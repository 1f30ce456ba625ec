"""Dates, hours, ages and delays as French reads them, with non-breaking spaces (U+00A0).

Instants are UTC and shown in a time zone; a birth date is a local date and never moves.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from dermavis.domain.deadlines import ClockState, Deadline

NBSP = "\u00a0"

DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip
SHORT_MONTHS = (
    "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.",
)  # fmt: skip

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def promise(target: datetime, now: datetime, zone: str) -> str:
    """When an answer is expected: "aujourd’hui 14 h", "demain 9 h 20", "jeudi 14 h", "jeudi 3 déc., 14 h".

    Midnight belongs to the day that ends: "mardi avant minuit".
    """
    here, today = _local(target, zone), _local(now, zone).date()
    ends_a_day = (here.hour, here.minute) == (0, 0)
    day = here.date() - DAY if ends_a_day else here.date()
    hour = "avant minuit" if ends_a_day else hour_words(here)
    ahead = (day - today).days
    if ahead in {0, 1}:
        return f"{('aujourd’hui', 'demain')[ahead]} {hour}"
    if 1 < ahead < 7:
        return f"{DAYS[day.weekday()]} {hour}"
    return f"{DAYS[day.weekday()]} {_short(day, today)}, {hour}"


def remaining_words(deadline: Deadline) -> str:
    """Where a promise stands: "Reste 25 h", "En retard de 30 h", "En pause depuis 2 h", "Objectif dépassé de 4 h".

    All by the clock: it is read beside the promised hour.
    """
    if deadline.state is ClockState.LATE:
        return f"En retard de {duration_words(deadline.exceeded)}"
    if deadline.paused_since is not None:
        return f"En pause depuis {duration_words(deadline.now - deadline.paused_since)}"
    if deadline.now > deadline.target:
        return f"Objectif dépassé de {duration_words(deadline.exceeded)}"
    return f"Reste {duration_words(deadline.left)}"


def duration_words(duration: timedelta) -> str:
    """A duration rounded down: "50 min", "25 h", and from 100 hours on "5 j"."""
    if duration < MINUTE:
        return f"1{NBSP}min"
    if duration < HOUR:
        return f"{duration // MINUTE}{NBSP}min"
    if duration < 100 * HOUR:
        return f"{duration // HOUR}{NBSP}h"
    return f"{duration // DAY}{NBSP}j"


def ago_words(instant: datetime, now: datetime, zone: str, with_hour: bool = False) -> str:
    """When something happened: "8 h 31" today, "hier", "20 nov."; with the year when it is another and long ago.

    ``with_hour`` adds it to the days before: "hier 19 h 02", "20 nov., 8 h".
    """
    here, today = _local(instant, zone), _local(now, zone).date()
    hour = hour_words(here)
    if here.date() == today:
        return hour
    if here.date() == today - DAY:
        return f"hier {hour}" if with_hour else "hier"
    day = _short(here.date(), today)
    return f"{day}, {hour}" if with_hour else day


def since_words(instant: datetime, now: datetime, zone: str) -> str:
    """Since when something waits, after « depuis »: "10 h 07", "hier 19 h 02", "le 20 nov., 8 h"."""
    words = ago_words(instant, now, zone, with_hour=True)
    days = (_local(now, zone).date() - _local(instant, zone).date()).days
    return f"le {words}" if days > 1 else words


def moment_words(instant: datetime, zone: str) -> str:
    """A full moment, for signatures and documents: "26 nov. 2026, 8 h 31"."""
    here = _local(instant, zone)
    return f"{date_words(here.date())}, {hour_words(here)}"


def at_words(instant: datetime, now: datetime, zone: str) -> str:
    """When something was done: "à 14 h 32" of today, "le 26 nov. 2026 à 14 h 32" of another day."""
    here = _local(instant, zone)
    at = f"à {hour_words(here)}"
    return at if here.date() == _local(now, zone).date() else f"le {date_words(here.date())} {at}"


def hour_words(local: datetime) -> str:
    """An hour of the day: "14 h", "8 h 31", "9 h 05"."""
    minutes = f"{NBSP}{local.minute:02}" if local.minute else ""
    return f"{local.hour}{NBSP}h{minutes}"


def date_words(day: date) -> str:
    """A short date with its year: "26 nov. 2026", "1er févr. 2027"."""
    return f"{_ordinal(day)}{NBSP}{SHORT_MONTHS[day.month - 1]}{NBSP}{day.year}"


def long_date_words(day: date) -> str:
    """A date in full: "jeudi 26 novembre 2026"."""
    return f"{DAYS[day.weekday()]} {_ordinal(day)}{NBSP}{MONTHS[day.month - 1]}{NBSP}{day.year}"


def birth_date_words(day: date) -> str:
    """A birth date as on French papers: "12/03/1958"."""
    return f"{day.day:02}/{day.month:02}/{day.year:04}"


def age_words(born: date, today: date) -> str:
    """An age: "68 ans", "5 mois" under two years, "12 jours" under a month; ``""`` before birth."""
    months = (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day)
    if born > today:
        return ""
    if months >= 24:
        return f"{months // 12}{NBSP}ans"
    if months >= 1:
        return f"{months}{NBSP}mois"
    days = (today - born).days
    return f"{days}{NBSP}jours" if days > 1 else f"{days}{NBSP}jour"


def age_years(born: date, today: date) -> int:
    """Completed years on a local date."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _short(day: date, today: date) -> str:
    if day.year != today.year and abs((day - today).days) > 180:
        return date_words(day)
    return f"{_ordinal(day)}{NBSP}{SHORT_MONTHS[day.month - 1]}"


def _ordinal(day: date) -> str:
    return "1er" if day.day == 1 else str(day.day)


def _local(instant: datetime, zone: str) -> datetime:
    return instant.astimezone(ZoneInfo(zone))
