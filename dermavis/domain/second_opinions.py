"""An expert asks another centre: what of the request goes along, with whose agreement, and who is reminded."""

from __future__ import annotations

from dermavis.domain.case_states import Transition, Who
from dermavis.domain.watches import DAY, Wait, Watch

SECOND_OPINION = "second_opinion"
"""The kind of a case that an expert begins for a case of theirs: they are its requester, their centre its site."""

GOES_ALONG = ("specialty", "red_flags", "patient", "consent", "motive", "lesions", "history", "hypothesis")
"""Parts of the request that the second centre reads; pictures are chosen, the question is the expert's own."""

AGREEMENTS: dict[str, str] = {
    "told_by_requester": "Le médecin demandeur me l’a confirmé",
    "told_by_patient": "Le patient me l’a dit au téléphone",
}
"""How the expert knows that the patient agrees that another centre sees the request (DOMAIN: consent)."""

LATE_SECOND_OPINION = Watch(
    Who.EXPERT, Wait(DAY, True), Wait(2 * DAY), Transition.ANSWER, Who.EXPERT, Who.EXPERT
)
"""Who asked is told when the promise is broken, then every two days; the first case stays theirs to answer."""
