"""Cases that an expert begins about a case of theirs: what of the request goes along, and with whose agreement."""

from __future__ import annotations

from dermavis.domain.referrals import REFERRAL
from dermavis.domain.second_opinions import SECOND_OPINION

BY_AN_EXPERT = frozenset({SECOND_OPINION, REFERRAL})
"""The kinds of these cases. What happens to the one that they are about reaches them too."""

GOES_ALONG = (
    "specialty",
    "red_flags",
    "patient",
    "consent",
    "motive",
    "lesions",
    "history",
    "hypothesis",
    "contact",
)
"""Parts of the request that the other centre reads; pictures are chosen, the question is the expert's own."""

AGREEMENTS: dict[str, str] = {
    "told_by_requester": "Le médecin demandeur me l’a confirmé",
    "told_by_patient": "Le patient me l’a dit au téléphone",
}
"""How the expert knows that the patient agrees that another centre sees the request (DOMAIN: consent)."""
