"""The patient's treating doctor in a request: words, the person chosen for them, or the patient's refusal.

The words say who it is and are all that a doctor without an account has. The id beside them makes a copy of the opinion
possible; it is worth nothing without the words that it was chosen with. Nothing goes to the treating doctor where the
patient objects (code de la santé publique, article L1110-4).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from dermavis.domain.text import normalise_name

COPY = "treating_doctor"
"""The kind of a delivery that is the treating doctor's copy: nobody waits for it, and it ends nobody's wait."""

FIELD = "patient.treating_doctor"
OBJECTION = "treating_doctor_refused"

NOT_REACHABLE = (
    "Ce médecin ne peut pas recevoir l’avis dans DermAvis. Choisissez-en un autre, ou retapez son nom."
)


def who_gets_a_copy(patient: Mapping[str, Any]) -> UUID | None:
    """Return whom the request names by id; None for words alone, and where the patient objects."""
    named = patient.get("treating_doctor_id")
    if not named or patient.get(OBJECTION):
        return None
    return UUID(str(named))


def with_objection(patient: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """Return the patient's part with the objection that is known of them, if there is one."""
    objects = {name: True for name in (OBJECTION,) if known.get(name)}
    return dict(patient) | objects


def is_named(words: str, last_name: str) -> bool:
    """Whether the words still name the person whose id stands beside them."""
    return bool(normalise_name(last_name)) and normalise_name(last_name) in normalise_name(words)


def named_anew(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return the patient's part as it becomes: other words about the treating doctor take the chosen person away."""
    was, now = (normalise_name(str(part.get("treating_doctor") or "")) for part in (before, after))
    kept = was == now or after.get("treating_doctor_id") != before.get("treating_doctor_id")
    return dict(after) if kept else dict(after) | {"treating_doctor_id": None}
