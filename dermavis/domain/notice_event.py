"""What a piece of news is: its words, how much it presses, how long it lives."""

from __future__ import annotations

from dataclasses import dataclass, field

HOUR = 3600


@dataclass(frozen=True)
class Event:
    """Something that happened to a case. ``words`` are the title, ``sentence`` begins the letter.

    ``urgency`` is the push's (RFC 8030) and ``ttl`` its life in seconds. ``letter``: ``always`` leaves at once, for
    everybody; ``unread`` only when the notification was not opened. ``while_in``: states of the question in which the
    news is still news; empty for news that never ages. ``until_read``: no news once the opinion was acknowledged.
    ``high`` urgency is not held back by quiet hours.
    """

    words: str
    sentence: str
    urgency: str = "normal"
    ttl: int = 24 * HOUR
    letter: str = "unread"
    while_in: frozenset[str] = field(default_factory=frozenset)
    until_read: bool = False


def within(*states: str) -> frozenset[str]:
    """Return the states of the question in which a piece of news is still news."""
    return frozenset(states)


def urgent(words: str, sentence: str, *states: str) -> Event:
    """Return an event that wakes somebody, and is written too."""
    return Event(words, sentence, "high", 4 * HOUR, "always", within(*states))
