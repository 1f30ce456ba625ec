"""A signed opinion that is signed again: of what kind the new version is, why, and how long it may be taken back.

Source: DOMAIN "The opinion" (a signed opinion is completed or corrected only by a new signed version).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from dermavis.domain.errors import InvalidInput
from dermavis.domain.opinions import OpinionContent

TAKE_BACK_FOR = timedelta(seconds=20)
"""How long a signature can be taken back. Nothing of it leaves before, nothing of it is taken back after."""

AMENDMENTS: dict[str, str] = {"complement": "Complément", "correction": "Correction"}
"""What a later version is to the one that it replaces, as its signer says."""


def leaves_at(signed_at: datetime) -> datetime:
    """When an opinion signed at this instant is there for its reader."""
    return signed_at + TAKE_BACK_FOR


def text_to_amend(signed: OpinionContent) -> OpinionContent:
    """The text from which the next version is written; who was called for the last one says nothing of the next."""
    return signed.model_copy(update={"amends": "", "amends_why": "", "calls": []})


def check_amendment(opinion: OpinionContent) -> None:
    """Raise ``InvalidInput`` unless a later version says what kind it is, and why."""
    found = {}
    if opinion.amends not in AMENDMENTS:
        found["amends"] = "Dites si vous complétez l’avis ou si vous le corrigez."
    if not opinion.amends_why:
        found["amends_why"] = "Dites pourquoi, en une ligne."
    if found:
        raise InvalidInput(found, "L’avis n’est pas complet.")
