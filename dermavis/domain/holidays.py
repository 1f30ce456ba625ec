"""French public holidays by territory, Easter computed.

Sources: Code du travail L3133-1 (eleven days), L3134-13 (Alsace-Moselle: Good Friday and 26 December), L3422-2
(abolition of slavery overseas).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType


class HolidayCalendar(StrEnum):
    """Which holidays an organisation keeps."""

    PARIS = "paris"
    ALSACE_MOSELLE = "alsace_moselle"
    MARTINIQUE = "martinique"
    GUADELOUPE = "guadeloupe"
    GUYANE = "guyane"
    LA_REUNION = "la_reunion"
    MAYOTTE = "mayotte"


CALENDAR_NAMES: dict[HolidayCalendar, str] = {
    HolidayCalendar.PARIS: "France",
    HolidayCalendar.ALSACE_MOSELLE: "Alsace-Moselle",
    HolidayCalendar.MARTINIQUE: "Martinique",
    HolidayCalendar.GUADELOUPE: "Guadeloupe",
    HolidayCalendar.GUYANE: "Guyane",
    HolidayCalendar.LA_REUNION: "La Réunion",
    HolidayCalendar.MAYOTTE: "Mayotte",
}

_FIXED: tuple[tuple[int, int, str], ...] = (
    (1, 1, "Jour de l’An"),
    (5, 1, "Fête du Travail"),
    (5, 8, "8 Mai"),
    (7, 14, "Fête nationale"),
    (8, 15, "Assomption"),
    (11, 1, "Toussaint"),
    (11, 11, "11 Novembre"),
    (12, 25, "Noël"),
)

_FROM_EASTER: tuple[tuple[int, str], ...] = (
    (1, "Lundi de Pâques"),
    (39, "Ascension"),
    (50, "Lundi de Pentecôte"),
)

_ABOLITION: dict[HolidayCalendar, tuple[int, int]] = {
    HolidayCalendar.MAYOTTE: (4, 27),
    HolidayCalendar.MARTINIQUE: (5, 22),
    HolidayCalendar.GUADELOUPE: (5, 27),
    HolidayCalendar.GUYANE: (6, 10),
    HolidayCalendar.LA_REUNION: (12, 20),
}


def easter(year: int) -> date:
    """Easter Sunday of a Gregorian year (Meeus, Jones and Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    lunar = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * lunar) // 451
    month, day = divmod(h + lunar - 7 * m + 114, 31)
    return date(year, month, day + 1)


@lru_cache(maxsize=256)
def holidays(year: int, calendar: HolidayCalendar) -> Mapping[date, str]:
    """Date → French name of every public holiday of a year."""
    sunday = easter(year)
    found = {date(year, month, day): name for month, day, name in _FIXED}
    for days, name in _FROM_EASTER:
        # Ascension may fall on 1 or 8 May: the day then keeps its fixed name.
        found.setdefault(sunday + timedelta(days=days), name)
    if calendar is HolidayCalendar.ALSACE_MOSELLE:
        found[sunday - timedelta(days=2)] = "Vendredi saint"
        found[date(year, 12, 26)] = "Saint-Étienne"
    if calendar in _ABOLITION:
        found.setdefault(date(year, *_ABOLITION[calendar]), "Abolition de l’esclavage")
    return MappingProxyType(dict(sorted(found.items())))


def holiday_name(day: date, calendar: HolidayCalendar) -> str | None:
    """The French name of a public holiday, None on other days."""
    return holidays(day.year, calendar).get(day)
