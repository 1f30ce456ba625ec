"""Who confirms that two records of patients are joined, from when, and until when.

Nobody outside the site does: they do not know the patients, and would read names without a ground. One of the two who
decide always asks for opinions there. Where nobody else is there, the same person reads both records a second time.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

SECOND_READING_AFTER = timedelta(hours=24)
"""How long after their proposal somebody who is alone reads both records again: what was overlooked is seen anew."""

TOLD_AGAIN_AFTER, TOLD_AGAIN_EACH = timedelta(days=3), timedelta(days=7)
LAPSES_AFTER = timedelta(days=30)
"""A proposal that nobody confirmed ends by itself: the two records stand, and are a question again."""


class Second(StrEnum):
    """Who the second person is."""

    COLLEAGUE = "colleague"
    SECRETARY = "secretary"
    SAME_AGAIN = "same_again"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Who may confirm a proposal, from when, and the instant at which it ends without them."""

    second: Second
    people: frozenset[UUID]
    since: datetime
    until: datetime


def confirmation(
    proposer: UUID, proposed_at: datetime, asking: Collection[UUID], secretaries: Collection[UUID]
) -> Confirmation:
    """Return who confirms: others who ask for the site; else its secretaries; else the proposer, a day later.

    ``asking``, ``secretaries``: the live accounts of the site today. A secretary's own proposal waits for who asks.
    """
    until = proposed_at + LAPSES_AFTER
    others = frozenset(asking) - {proposer}
    if others:
        return Confirmation(Second.COLLEAGUE, others, proposed_at, until)
    if proposer not in asking:
        return Confirmation(Second.NOBODY, frozenset(), proposed_at, until)
    helping = frozenset(secretaries) - {proposer}
    if helping:
        return Confirmation(Second.SECRETARY, helping, proposed_at, until)
    return Confirmation(Second.SAME_AGAIN, frozenset({proposer}), proposed_at + SECOND_READING_AFTER, until)


def first_told_at(found: Confirmation, proposed_at: datetime) -> datetime:
    """Return when they are reminded first: when they may read again, or some days after they were told."""
    if found.second is Second.SAME_AGAIN:
        return found.since
    return min(proposed_at + TOLD_AGAIN_AFTER, found.until)


def awaited_words(second: Second, names: str, since: str, until: str) -> str:
    """Return who confirms a proposal and by when, in a sentence; ``since`` and ``until`` in words."""
    end = f"d’ici le {until}, sinon les deux fiches restent."
    match second:
        case Second.COLLEAGUE:
            return f"À confirmer par {names}, {end}"
        case Second.SECRETARY:
            return f"À confirmer par {names} (secrétariat, personne d’autre ne demandant d’avis à votre site), {end}"
        case Second.SAME_AGAIN:
            return f"Vous êtes seul à votre site\u00a0: relisez les deux fiches à partir du {since} et confirmez {end}"
        case Second.NOBODY:
            return f"À confirmer par un médecin ou un infirmier de votre site, {end}"
