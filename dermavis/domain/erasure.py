"""When a case may be erased, and for which reasons.

A health record that must be kept is not erased on demand (RGPD, article 17.3.c); one under legal hold is not erased at
all. Who asks for an erasure says which of the few admitted reasons holds.
"""

from __future__ import annotations

from datetime import datetime

ERASURE_REASONS: dict[str, str] = {
    "retention_over": "durée de conservation écoulée",
    "patient_right": "effacement demandé par le patient et admis",
    "wrong_patient": "ouvert pour un autre patient",
    "trial": "dossier d’essai",
}


def erasure_refusal(
    *, reason: str, closed_at: datetime | None, legal_hold: bool, keep_until: datetime | None, now: datetime
) -> str:
    """Return why a case may not be erased now, in French; nothing when it may."""
    if legal_hold:
        return "Ce télédossier est retenu pour la justice\u00a0: il ne peut pas être effacé."
    if closed_at is None:
        return (
            "Ce télédossier n’est pas terminé\u00a0: quelqu’un attend encore. "
            "Il peut être effacé une fois clos ou annulé."
        )
    if keep_until is not None and keep_until > now:
        return f"Ce télédossier doit être conservé jusqu’au {keep_until:%d/%m/%Y}\u00a0: il ne peut pas être effacé."
    if keep_until is None and reason == "retention_over":
        return "Aucune date ne dit jusqu’à quand ce télédossier doit être conservé\u00a0: sa durée n’est pas écoulée."
    return ""
