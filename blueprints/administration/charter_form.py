"""A charter as a form: what its fields hold, what they say, and which field a fault stands beside."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from dermavis.domain.calendars import WEEKDAYS
from dermavis.domain.deadlines import URGENCIES, write_delays
from dermavis.domain.errors import InvalidInput
from dermavis.domain.phones import show_phone
from dermavis.domain.wording import birth_date_words
from dermavis.services.charters import OPENING_HOURS, WHOLE_DAYS, Charter

Typed = dict[str, Any]

LISTS = ("motives", "professions")
TICKS = ("open_on_holidays", "photo_course")
WORDS = (
    "territory",
    "phone",
    "on_call_phone",
    "idle_claim_hours",
    "keep_years",
    "delays_count_in",
    "closed",
    "effective_from",
)
RANGES = (1, 2)
MIDNIGHT = ("00:00", "24:00")
FRENCH_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
YEARS = range(2000, 2101)


def typed_of(form: MultiDict[str, str]) -> Typed:
    """Return what was typed, field by field, as the form shows it again."""
    typed: Typed = {name: form.get(name, "").strip() for name in (*WORDS, "after_version")}
    typed |= {name: form.getlist(name) for name in LISTS}
    typed |= {name: form.get(name) == "1" for name in TICKS}
    for urgency in URGENCIES:
        for part in ("target", "late"):
            typed[f"{urgency}_{part}"] = form.get(f"{urgency}_{part}", "").strip()
        typed[f"{urgency}_same_day"] = form.get(f"{urgency}_same_day") == "1"
    for name in _hour_fields():
        typed[name] = form.get(name, "").strip()
    return typed


def typed_from(charter: Charter, content: Mapping[str, Any], motives: list[str], last: int) -> Typed:
    """Return a charter in force as the form shows it; ``content`` is what was stored, ``last`` the newest version."""
    hours = charter.hours
    typed: Typed = {
        "territory": ", ".join(charter.territory),
        "phone": show_phone(str(content.get("phone") or "")),
        "on_call_phone": show_phone(str(content.get("on_call_phone") or "")),
        "idle_claim_hours": str(charter.idle_claim_hours),
        "keep_years": str(charter.keep_years),
        "delays_count_in": content.get("delays_count_in") or WHOLE_DAYS,
        "closed": "\n".join(birth_date_words(day) for day in sorted(hours.closed)),
        "effective_from": "",
        "after_version": str(last),
        "motives": sorted(charter.motives) or motives,
        "professions": sorted(charter.professions),
        "open_on_holidays": hours.open_on_holidays,
        "photo_course": charter.photo_course,
    }
    for urgency, delay in write_delays(charter.delays).items():
        typed[f"{urgency}_target"] = _hours_shown(delay["target_hours"])
        typed[f"{urgency}_late"] = _hours_shown(delay["late_hours"])
        typed[f"{urgency}_same_day"] = delay["target_hours"] is None
    typed |= dict.fromkeys(_hour_fields(), "")
    for day, ranges in zip(WEEKDAYS, hours.week, strict=True):
        for number, (opens, closes) in zip(RANGES, ranges, strict=False):
            typed[f"{day}_from_{number}"] = _clock(opens)
            typed[f"{day}_to_{number}"] = _clock(closes % (24 * 60))
    return typed


def content_of(typed: Typed, kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return the charter that was typed as the service takes it; ``kept`` gives what the form does not show."""
    return {
        "motives": typed["motives"],
        "professions": typed["professions"],
        "territory": [part for part in re.split(r"[\s,;]+", typed["territory"]) if part],
        "delays": {urgency: _delay(typed, urgency) for urgency in URGENCIES},
        "delays_count_in": OPENING_HOURS if typed["delays_count_in"] == OPENING_HOURS else WHOLE_DAYS,
        "hours": {
            "week": {day: _ranges(typed, day) for day in WEEKDAYS},
            "closed": [_iso_day(part) for part in re.split(r"[\s,;]+", typed["closed"]) if part],
            "open_on_holidays": typed["open_on_holidays"],
        },
        "phone": typed["phone"],
        "on_call_phone": typed["on_call_phone"],
        "idle_claim_hours": typed["idle_claim_hours"],
        "keep_years": typed["keep_years"],
        "photo_course": typed["photo_course"],
        "rota": kept.get("rota", []),
        "red_flags": kept.get("red_flags", {}),
    }


def first_instant(text: str, zone: str, now: datetime) -> datetime:
    """Return when a charter begins: at once, or at the first hour of a day to come. Raises InvalidInput."""
    if not text:
        return now
    day = read_day(text)
    if day is None:
        raise InvalidInput({"effective_from": "Une date est attendue\u00a0: jour, mois, année."})
    return max(now, datetime.combine(day, datetime.min.time(), ZoneInfo(zone)))


def read_day(text: str) -> date | None:
    """Read a day of this century, typed as 24/12/2026 or sent by a browser's calendar; None when it is none."""
    try:
        day = date.fromisoformat(_iso_day(text))
    except ValueError:
        return None
    return day if day.year in YEARS else None


def by_field(errors: Mapping[str, str]) -> dict[str, str]:
    """Return the service's faults under the fields of the form."""
    found: dict[str, str] = {}
    for path, words in errors.items():
        name, _, rest = path.partition(".")
        if name == "delays":
            found[f"{rest}_target"] = words
        elif rest.startswith("week."):
            found[f"{rest.removeprefix('week.')}_from_1"] = words
        elif rest == "week":
            found[f"{WEEKDAYS[0]}_from_1"] = words
        elif rest.startswith("closed"):
            found["closed"] = "Une de ces dates est illisible. Exemple\u00a0: 24/12/2026."
        else:
            found[name] = words
    return found


def _delay(typed: Typed, urgency: str) -> dict[str, Any]:
    if typed[f"{urgency}_same_day"]:
        return {"target_hours": None, "late_hours": None}
    target, late = (typed[f"{urgency}_{part}"].replace(",", ".") for part in ("target", "late"))
    return {"target_hours": target, "late_hours": late or target}


def _ranges(typed: Typed, day: str) -> list[list[str]]:
    found = []
    for number in RANGES:
        opens, closes = typed[f"{day}_from_{number}"], typed[f"{day}_to_{number}"]
        if opens or closes:
            found.append([opens, MIDNIGHT[1] if closes == MIDNIGHT[0] else closes])
    return found


def _hour_fields() -> list[str]:
    return [f"{day}_{end}_{number}" for day in WEEKDAYS for number in RANGES for end in ("from", "to")]


def _iso_day(text: str) -> str:
    found = FRENCH_DAY.fullmatch(text)
    return f"{found[3]}-{found[2]:0>2}-{found[1]:0>2}" if found else text


def _hours_shown(hours: float | None) -> str:
    return "" if hours is None else f"{hours:g}".replace(".", ",")


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
