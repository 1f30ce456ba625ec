"""The content of a request in which nothing is missing, and the same with one answer changed."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from typing import Any

TODAY = date(2026, 11, 26)
LESION = "0193a1b2-0000-7000-8000-000000000001"
PHOTO = "0193a1b2-0000-7000-8000-000000000002"
PATIENT = "0193a1b2-0000-7000-8000-000000000003"

WHOLE: dict[str, Any] = {
    "format": 1,
    "specialty": {"id": "dermatology", "version": 1},
    "red_flags": {"answered": True, "flags": [], "called": None},
    "patient": {
        "id": PATIENT,
        "birth_name": "Vautrin",
        "used_name": "D’Aubigné",
        "first_name": "Hélène",
        "given_names": "Hélène Marie",
        "birth_date": "1958-03-12",
        "sex": "F",
        "birthplace_insee": "71076",
        "ins": "258037107600186",
        "ins_oid": "",
        "phone": "06 39 98 00 12",
        "address": "3 rue des Tanneurs",
        "postcode": "71100",
        "commune": "Chalon-sur-Saône",
        "place_of_stay": "home",
        "treating_doctor": "Dr Hennequin",
        "representative": None,
        "identity_status": "provisional",
        "document": "",
    },
    "consent": {"given": True, "by": "patient", "at": "2026-11-26T08:20:00Z", "sensitive_pictures": False},
    "motive": "keratosis",
    "lesions": [
        {
            "id": LESION,
            "site": "back_upper",
            "side": "left",
            "free_site": "",
            "count": "single",
            "size_mm": 12,
            "palpation": "raised",
            "elementary": ["papule"],
            "pigmented": False,
        }
    ],
    "photos": [{"id": PHOTO, "lesion": LESION, "view": "close_up", "skipped": None, "sha256": "a" * 64}],
    "history": {
        "duration": {"status": "answered", "value": {"number": 4, "unit": "months"}},
        "allergies": {"status": "none", "value": None},
        "drugs": {"status": "answered", "value": "Apixaban\r\nRamipril"},
    },
    "hypothesis": {"text": "Kératose", "confidence": "low"},
    "question": "Surveiller ou retirer ?",
    "without_opinion": "refer",
    "contact": {"phone": "03 99 00 12 34", "substitute": "Dr Rameau"},
    "urgency": "routine",
    "addressing": {"mode": "default", "team": None, "person": None},
    "device": {"time": "2026-11-26T09:20:00+01:00", "offset_minutes": 60},
}


def changed(path: str, value: Any) -> dict[str, Any]:
    """Return ``WHOLE`` with the value at a path such as ``lesions.0.site`` put in place of its own."""
    raw = deepcopy(WHOLE)
    *way, last = path.split(".")
    place: Any = raw
    for step in way:
        place = place[int(step)] if step.isdigit() else place[step]
    place[int(last) if last.isdigit() else last] = value
    return raw
