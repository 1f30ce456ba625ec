"""What keeps an answered case open, and when it closes without anybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dermavis.domain.case_states import Machine, State
from dermavis.domain.watches import OWNERS


@dataclass(frozen=True, slots=True)
class OpenThings:
    """What may keep an answered case open. ``unread``: a recipient has not acknowledged the opinion.

    ``question``: the requester asked something after it.
    """

    appointment: bool = False
    retake: bool = False
    follow_up: bool = False
    histology: bool = False
    unread: bool = False
    question: bool = False


OPEN_THING_WORDS: dict[str, str] = {
    "appointment": "un rendez-vous à donner ou à honorer",
    "retake": "des photos à refaire",
    "follow_up": "un suivi à distance",
    "histology": "un résultat d’histologie",
    "unread": "un avis à confirmer",
    "question": "une question posée après l’avis",
}


def what_is_open(facts: OpenThings) -> tuple[str, ...]:
    """Names of what is still open: keys of ``OPEN_THING_WORDS``, in its order."""
    return tuple(name for name in OPEN_THING_WORDS if getattr(facts, name))


def may_close(facts: OpenThings) -> bool:
    """Whether an answered case may be closed: nothing is open (DOMAIN: "The opinion", three levels)."""
    return not what_is_open(facts)


def closes_by_itself(facts: OpenThings, answered_at: datetime, now: datetime) -> bool:
    """Whether an answered case closes now without anybody: nothing open, and 30 days since the last answer."""
    return may_close(facts) and now - answered_at >= OWNERS[Machine.QUESTION][State.ANSWERED].limit.duration
