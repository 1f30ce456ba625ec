"""Why somebody repairs by hand what the service could not end by itself: one of a few reasons, kept in the audit."""

from __future__ import annotations

from dermavis.domain.errors import InvalidInput

REPAIR_REASONS: dict[str, str] = {
    "owner_gone": "la personne qui l’avait est partie ou injoignable",
    "place_closed": "l’équipe ne répond plus",
    "not_delivered": "le message n’est pas arrivé",
    "breakdown": "panne, maintenant réparée",
    "asked": "demandé par un professionnel du dossier",
}


def check_repair_reason(reason: str) -> None:
    """Raise InvalidInput for a reason that is none of these."""
    if reason not in REPAIR_REASONS:
        raise InvalidInput({"reason": f"Quelle raison\u00a0? {', '.join(REPAIR_REASONS)}."})
