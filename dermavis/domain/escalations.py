"""Whom an opinion that nobody acknowledges goes on to, and when.

Source: DOMAIN "The opinion" (three levels of what follows).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dermavis.domain.opinions import Level
from dermavis.domain.watches import Wait


class Told(StrEnum):
    """Whom an unread opinion goes on to."""

    REQUESTER = "requester"
    SUBSTITUTE = "substitute"
    SITE = "site"
    ON_CALL = "on_call"
    EXPERT = "expert"


@dataclass(frozen=True, slots=True)
class Escalation:
    """When an opinion that nobody acknowledged goes on, to whom, and whether it shows the patient's telephone.

    ``after`` is the first wait; ``again`` are the following ones, of which the last repeats until somebody
    acknowledges: it never falls silent, and never becomes a storm. From the second time ``then`` is told too.
    """

    after: Wait
    to: tuple[Told, ...]
    shows_patient_phone: bool
    opening_acknowledges: bool
    again: tuple[Wait, ...]
    then: tuple[Told, ...] = (Told.EXPERT,)

    def wait_after(self, times: int) -> Wait:
        """The wait once an opinion went on ``times`` times already."""
        return self.after if times < 1 else self.again[min(times, len(self.again)) - 1]


_EVERYBODY = (Told.REQUESTER, Told.SUBSTITUTE, Told.SITE, Told.ON_CALL)

ESCALATION: dict[Level, Escalation] = {
    Level.NOW: Escalation(Wait(0.5), _EVERYBODY, True, False, (Wait(0.5), Wait(1), Wait(4), Wait(24))),
    Level.TWO_WEEKS: Escalation(
        Wait(0, working_days=1),
        _EVERYBODY,
        True,
        False,
        (Wait(0, working_days=1), Wait(0, working_days=1), Wait(0, working_days=5)),
    ),
    Level.ORDINARY: Escalation(
        Wait(7 * 24), (Told.REQUESTER,), False, True, (Wait(7 * 24), Wait(7 * 24), Wait(30 * 24))
    ),
}
