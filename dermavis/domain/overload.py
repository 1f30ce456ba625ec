"""When the service says that it is too busy, rather than fail: what can wait is refused first, what cannot never is.

Instants are spans in seconds, sizes are bytes. The figures are those of the process and the machine that answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from dermavis.domain.errors import Refusal


class Weight(IntEnum):
    """How long a request may be put off: not at all, a little, or most easily."""

    FIRST = 0
    ORDINARY = 1
    LATER = 2


@dataclass(frozen=True)
class Load:
    """How it is now. ``waited``: how long this request, or the oldest writer in the queue, has waited.

    ``free_threads``: how many requests could still be taken up at once. ``disk``, ``memory``: what is left, None where
    it cannot be told.
    """

    waited: float
    free_threads: int
    disk: int | None = None
    memory: int | None = None


@dataclass(frozen=True)
class Limits:
    """From where on the service is too busy. ``wait``: seconds after which what can be put off is; 0 never refuses."""

    wait: float
    disk: int
    memory: int


class Overloaded(Refusal):
    """Too much at once; ``retry_after`` in seconds."""

    status = 503

    def __init__(self, code: str, message: str, retry_after: int) -> None:
        super().__init__(code, message)
        self.retry_after = retry_after


KEPT_FREE = {Weight.LATER: 4, Weight.ORDINARY: 2}
"""Threads left to what weighs more, once somebody has waited for a quarter of the limit."""

PATIENCE = {Weight.LATER: 1, Weight.ORDINARY: 3}
"""How many times the limit a request of this weight may wait."""

ROOM = {Weight.LATER: 1.0, Weight.ORDINARY: 0.25}
"""Which part of the reserve of disk and memory must be left for a request of this weight."""


def refuse_overload(load: Load, limits: Limits, weight: Weight, writes: bool) -> None:
    """Raise Overloaded, in words, when a request of this weight must not be taken up now."""
    if weight is Weight.FIRST:
        return
    if limits.wait and _waits_too_long(load, limits, weight):
        raise Overloaded(
            "busy",
            "Beaucoup de demandes arrivent en même temps\u00a0: les plus urgentes passent d’abord.",
            5 * int(weight),
        )
    if load.memory is not None and load.memory < limits.memory * ROOM[weight]:
        raise Overloaded("memory_short", "La machine du service est à la limite de ses moyens.", 30)
    if writes and load.disk is not None and load.disk < limits.disk * ROOM[weight]:
        raise Overloaded(
            "disk_full",
            "Le service manque de place\u00a0: ce qui est urgent passe encore, l’équipe est prévenue.",
            120,
        )


def _waits_too_long(load: Load, limits: Limits, weight: Weight) -> bool:
    if load.waited > limits.wait * PATIENCE[weight]:
        return True
    return load.waited > limits.wait / 4 and load.free_threads < KEPT_FREE[weight]
