"""When a case may be erased, and for which reasons.

A health record that must be kept is not erased on demand (RGPD, article 17.3.b and c); one under legal hold is not
erased at all. Who asks for an erasure says which of the few admitted reasons holds. Two of them do not wait for
the term: what was never about a patient's care (a trial), and a request that was stopped because it named the wrong
patient.
"""

from __future__ import annotations

from datetime import datetime

ERASURE_REASONS: dict[str, str] = {
    "retention_over": "durée de conservation écoulée",
    "patient_right": "effacement demandé par le patient et admis",
    "wrong_patient": "ouvert pour un autre patient",
    "trial": "dossier d’essai",
}


SELF_ERASURES: dict[str, str] = {"draft_over": "brouillon jamais envoyé, arrivé à son terme"}
"""What goes by itself, for a reason that nobody may give."""

STOPPED = frozenset({"cancelled", "entered_in_error"})
"""States in which a request for the wrong patient stands once it was stopped."""


def erasure_refusal(
    *,
    reason: str,
    state: str,
    closed_at: datetime | None,
    legal_hold: bool,
    held_with: str,
    keep_until: datetime | None,
    is_trial: bool,
    now: datetime,
) -> str:
    """Return why a case may not be erased now, in French; nothing when it may.

    ``held_with``: the number of a held case that shares its content: what an expert began about it, or
    what it was begun about.
    ``is_trial``: of a network for exercises, or of a patient known to be fictitious.
    """
    if legal_hold:
        return "Ce télédossier est retenu pour la justice\u00a0: il ne peut pas être effacé."
    if held_with:
        return (
            f"Le télédossier {held_with}, qui partage son contenu, est retenu pour la justice\u00a0: "
            "aucun des deux ne peut être effacé."
        )
    if closed_at is None:
        return (
            "Ce télédossier n’est pas terminé\u00a0: quelqu’un attend encore. "
            "Il peut être effacé une fois clos ou annulé."
        )
    if reason == "trial":
        return "" if is_trial else "Ce télédossier est celui d’un vrai patient, pas un essai."
    if reason == "wrong_patient":
        if state in STOPPED:
            return ""
        return (
            "Ce télédossier n’a été ni annulé ni marqué comme saisi par erreur\u00a0: "
            "qui l’a reçu doit d’abord savoir qu’il n’est pas de ce patient."
        )
    if keep_until is None:
        return "Aucune date ne dit jusqu’à quand ce télédossier doit être conservé\u00a0: sa durée n’est pas écoulée."
    if keep_until > now:
        return (
            f"Ce télédossier doit être conservé jusqu’au {keep_until:%d/%m/%Y}\u00a0: "
            "il ne peut pas être effacé, même à la demande du patient (RGPD, article 17.3)."
        )
    return ""
