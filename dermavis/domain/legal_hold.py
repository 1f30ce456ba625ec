"""Why a case is held back from every erasure: litigation suspends its term (Code de la santé publique, R. 1112-7)."""

from __future__ import annotations

HOLD_REASONS: dict[str, str] = {
    "litigation": "action en justice ou expertise en cours",
    "claim": "réclamation, ou saisine d’une commission de conciliation",
    "seizure": "réquisition ou saisie judiciaire",
    "inspection": "enquête ou contrôle d’une autorité",
}
LONGEST_WORDS = 1000
