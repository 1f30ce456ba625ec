"""Dates and hours as a French document writes them, with the time zone named."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from dermavis.domain.wording import NBSP, age_words, birth_date_words, long_date_words

ZONES = {
    "Europe/Paris": "de Paris",
    "America/Martinique": "de Martinique",
    "America/Guadeloupe": "de Guadeloupe",
    "America/Cayenne": "de Guyane",
    "America/Miquelon": "de Saint-Pierre-et-Miquelon",
    "Indian/Reunion": "de La Réunion",
    "Indian/Mayotte": "de Mayotte",
    "Pacific/Noumea": "de Nouvelle-Calédonie",
    "Pacific/Tahiti": "de Tahiti",
    "Pacific/Wallis": "de Wallis-et-Futuna",
}


def local_instant(iso: str, time_zone: str) -> datetime:
    """Return an ISO 8601 instant in a zone; one without an offset is in UTC."""
    when = datetime.fromisoformat(iso)
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(ZoneInfo(time_zone))


def written_instant(iso: str, time_zone: str) -> str:
    """Return ``jeudi 26 novembre 2026 à 8 h 31 (heure de Paris, UTC+1)``."""
    when = local_instant(iso, time_zone)
    hour = f"{when.hour}{NBSP}h{NBSP}{when.minute:02d}"
    place = f"heure {ZONES[time_zone]}, " if time_zone in ZONES else ""
    return f"{long_date_words(when.date())} à {hour} ({place}{_offset(when)})"


def written_date(day: date) -> str:
    """Return ``26 novembre 2026``."""
    return long_date_words(day).partition(" ")[2]


def short_date(iso: str) -> str:
    """Return a birth date as on an identity document, ``12/03/1958``; anything else is shown as it is."""
    try:
        return birth_date_words(date.fromisoformat(iso))
    except ValueError:
        return iso


def age_in_words(birth_date: str, on: date) -> str:
    """Return ``68 ans``, months or days for an infant, or nothing for an unknown date."""
    try:
        return age_words(date.fromisoformat(birth_date), on)
    except ValueError:
        return ""


def _offset(when: datetime) -> str:
    delta = when.utcoffset()
    minutes = int(delta.total_seconds() // 60) if delta else 0
    sign = "−" if minutes < 0 else "+"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{sign}{hours}" + (f":{rest:02d}" if rest else "")
