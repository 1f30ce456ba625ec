"""An expert asks another centre for an opinion of its own, to be read by themselves: who is reminded of it."""

from __future__ import annotations

from dermavis.domain.case_states import Transition, Who
from dermavis.domain.watches import DAY, Wait, Watch

SECOND_OPINION = "second_opinion"
"""The kind of a case that an expert begins for a case of theirs: they are its requester, their centre its site."""

LATE_SECOND_OPINION = Watch(
    Who.EXPERT, Wait(DAY, True), Wait(2 * DAY), Transition.ANSWER, Who.EXPERT, Who.EXPERT
)
"""Who asked is told when the promise is broken, then every two days; the first case stays theirs to answer."""
