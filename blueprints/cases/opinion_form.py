"""The opinion's form as the opinion's content, and back: fields are named by their path (``lesions.0.conduct``)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from dermavis.domain.destinations import NEED_A_CALL
from dermavis.domain.text import whole_number
from dermavis.domain.wording import ago_words

IMPOSSIBLE = "impossible"
MOST_LESIONS = 20
MOST_ROWS = 10
_LESION_FIELDS = ("lesion", "description", "diagnosis", "code", "risk_class", "conduct", "tests")
_PARTS = ("drug", "dose", "duration")
_CLOCKS_APART = timedelta(minutes=5)
"""A clock that is a few minutes ahead of ours means today."""
_PAST_MIDNIGHT = timedelta(hours=6)
"""So long after an hour of the evening before, it is still that one which is meant."""
_HOUR = re.compile(r"([01]?\d|2[0-3])\s*[:hH]\s*([0-5]\d)?")


def read_form(form: MultiDict[str, str], now: datetime, zone: str) -> dict[str, Any]:
    """The content that the form holds, as ``answering`` takes it; an hour of call is one that has passed."""
    weeks = form.get("follow_up_weeks", "").strip()
    called_at = hour_passed(form.get("call_hour", ""), now, zone)
    return {
        "photo_quality": form.get("photo_quality"),
        "photo_advice": form.get("photo_advice", ""),
        "history_quality": form.get("history_quality"),
        "history_advice": form.get("history_advice", ""),
        "lesions": [_lesion(form, f"lesions.{place}") for place in _places(form, "lesions", MOST_LESIONS)],
        "destination": form.get("destination"),
        "destination_delay": form.get("destination_delay", ""),
        "within_two_weeks": bool(form.get("within_two_weeks")),
        # A number says it as clearly as the tick; the tick without one is asked about at the signature.
        "follow_up": bool(form.get("follow_up") or weeks),
        "follow_up_weeks": weeks or None,
        "retake": bool(form.get("retake")),
        "retake_views": form.getlist("retake_views") if form.get("retake") else [],
        "safety_net": form.get("safety_net", ""),
        "teaching": form.get("teaching", ""),
        "amends": form.get("amends", ""),
        "amends_why": form.get("amends_why", ""),
        "calls": [
            _call(form, f"calls.{place}", called_at)
            for place in _places(form, "calls", MOST_ROWS)
            if form.get(f"calls.{place}.made")
        ],
    }


def _places(form: MultiDict[str, str], name: str, most: int) -> Iterable[int]:
    """The numbers of the rows of a repeated part, in order."""
    found = {part[1] for part in (field.split(".") for field in form) if len(part) > 2 and part[0] == name}
    numbers = (whole_number(place, most - 1) for place in found)
    return sorted(number for number in numbers if number is not None)


def _lesion(form: MultiDict[str, str], path: str) -> dict[str, Any]:
    certainty = form.get(f"{path}.certainty")
    treatments = [
        {part: form.get(f"{path}.treatments.{row}.{part}", "").strip() for part in _PARTS}
        for row in range(MOST_ROWS)
    ]
    return {
        **{name: form.get(f"{path}.{name}", "") for name in _LESION_FIELDS},
        "impossible": certainty == IMPOSSIBLE,
        "certainty": None if certainty == IMPOSSIBLE else certainty,
        "differentials": [
            line.strip() for line in form.get(f"{path}.differentials", "").splitlines() if line.strip()
        ],
        "treatments": [row for row in treatments if any(row.values())],
        "biopsy": bool(form.get(f"{path}.biopsy")),
        "destination": form.get(f"{path}.destination"),
    }


def _call(form: MultiDict[str, str], path: str, at: datetime | None) -> dict[str, Any]:
    return {
        "whom": form.get(f"{path}.whom", ""),
        "phone": form.get(f"{path}.phone", ""),
        "note": form.get("call_note", ""),
        "at": at.isoformat() if at else None,
    }


def hour_passed(text: str, now: datetime, zone: str) -> datetime | None:
    """This hour of the day ("08:50", "8 h 50"), or of the evening before, in UTC; None when it has not passed."""
    here = now.astimezone(ZoneInfo(zone))
    then = _hour_of_day(text, here)
    if then is None or then <= here + _CLOCKS_APART:
        return then.astimezone(UTC) if then else None
    then -= timedelta(days=1)
    return then.astimezone(UTC) if here - then <= _PAST_MIDNIGHT else None


def call_hour_problem(form: MultiDict[str, str], now: datetime, zone: str, sent_at: datetime | None) -> str:
    """Why the hour of the calls that were made cannot be: a sentence to show beside it; "" where none is needed."""
    made = any(form.get(f"calls.{place}.made") for place in _places(form, "calls", MOST_ROWS))
    if not made or form.get("destination") not in NEED_A_CALL:
        return ""
    text = form.get("call_hour", "")
    if _hour_of_day(text, now.astimezone(ZoneInfo(zone))) is None:
        return "Écrivez l’heure de l’appel, par exemple 8\u00a0h\u00a050."
    at = hour_passed(text, now, zone)
    if at is None:
        return "Cette heure n’est pas encore passée."
    if sent_at is not None and at < sent_at.replace(second=0, microsecond=0):
        return f"C’est avant l’envoi de la demande ({ago_words(sent_at, now, zone, True)})."
    return ""


def _hour_of_day(text: str, here: datetime) -> datetime | None:
    found = _HOUR.fullmatch(text.strip())
    if found is None:
        return None
    return here.replace(hour=int(found[1]), minute=int(found[2] or 0), second=0, microsecond=0)
