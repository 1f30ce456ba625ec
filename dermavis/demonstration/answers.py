"""The opinions of the demonstration, from the specialty's own templates."""

from __future__ import annotations

from typing import Any

from dermavis.demonstration.cases import SUBJECTS, Episode
from dermavis.models import Case
from dermavis.services.revisions import last_revision, open_content
from dermavis.services.work import Work

REFERRED = (
    "Exérèse à faire par un centre qui contrôle les marges\u00a0: la demande lui est adressée avec cet avis."
)


def opinion_for(work: Work, case: Case, episode: Episode) -> dict[str, Any]:
    """Return the opinion that answers a case of the demonstration."""
    specialty = work.system.specialty("dermatology")
    template = next(
        row for row in specialty.opinion_templates if row.id == SUBJECTS[episode.subject].template
    )
    request = open_content(work, case, last_revision(work, case))
    destination = "gp" if episode.refers_to else episode.destination or template.destination
    called = destination in {"emergency", "admission"}
    return {
        "photo_quality": "usable" if episode.retake else "good",
        "photo_advice": "Éloignez-vous à 25 cm, sans flash." if episode.retake else "",
        "history_quality": "good",
        "lesions": [
            {
                "lesion": lesion["id"],
                "diagnosis": template.diagnosis,
                "code": template.code,
                "certainty": template.certainty,
                "differentials": list(template.differentials),
                "risk_class": template.risk_class,
                "conduct": REFERRED if episode.refers_to else template.conduct,
            }
            for lesion in request["lesions"]
        ],
        "destination": destination,
        "destination_delay": "" if episode.refers_to else template.destination_delay,
        "within_two_weeks": template.within_two_weeks and not called and not episode.refers_to,
        "follow_up_weeks": episode.weeks,
        "retake": episode.retake,
        "retake_views": ["close_up"] if episode.retake else [],
        "safety_net": template.safety_net,
        "calls": (
            [{"whom": "Dr Claire Hennequin", "phone": "0639980011", "at": work.now.isoformat(), "note": ""}]
            if called
            else []
        ),
    }
