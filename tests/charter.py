"""The charter of the tests' centres, and hours that never end."""

from __future__ import annotations

from typing import Any

CHARTER: dict[str, Any] = {
    "motives": ["inflammatory", "keratosis", "tumour", "pigmented", "wound", "other"],
    "professions": ["requester", "nurse_requester", "substitute"],
    "territory": ["71"],
    "delays": {
        "routine": {"target_hours": 48, "late_hours": 72},
        "soon": {"target_hours": 24, "late_hours": 36},
        "urgent": {"target_hours": 4, "late_hours": 8},
    },
    "hours": {"week": {day: [["08:30", "18:30"]] for day in ("mon", "tue", "wed", "thu", "fri")}},
    "rota": [],
    "red_flags": {},
    "phone": "03 85 00 00 10",
    "on_call_phone": "03 85 00 00 15",
    "idle_claim_hours": 4,
}

ALWAYS_OPEN: dict[str, Any] = {
    "week": {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")},
    "open_on_holidays": True,
}
"""For a service that runs by the machine's own clock: its tests pass at any hour of any day."""
