"""A schedule drawn from a seed: what a person does at a phone, and what happens to it meanwhile."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

MOMENTS = ("begun", "photographed", "asked", "pressed", "waiting", "changed", "left")
"""After what something may happen: the request is begun, a picture taken, the question typed, « Envoyer » touched, …"""

CHANCE = 0.3
"""Of each moment to have a happening."""

WEIGHTS = {
    "line cut": 16,
    "line silent": 8,
    "cut in a piece": 10,
    "receipt lost": 9,
    "save lost": 6,
    "answer torn": 5,
    "tab closed": 9,
    "tab crashed": 9,
    "second tab": 9,
    "list beside": 7,
    "touched again": 10,
    "clock ahead": 4,
    "clock behind": 4,
    "web killed": 3,
    "worker killed": 2,
    "browser killed": 3,
}
"""How often each comes, against the others. What takes seconds of a processor comes seldom."""

BEGUN_WITHOUT_LINE, CHANGED, NEVER_SENT, CHANGED_AND_LEFT, TWO = 0.15, 0.3, 0.1, 0.15, 0.25
KINDS = (*WEIGHTS, "changed after Envoyer", "begun without line")
"""Everything whose absence in a long run would be a fault of the run."""


@dataclass(frozen=True)
class Happening:
    """Something that happens: ``seconds`` it lasts where it lasts, and after how many ``bytes`` where it counts."""

    kind: str
    seconds: float
    after_bytes: int


@dataclass(frozen=True)
class Errand:
    """One request: what its person means to do."""

    pictures: int
    sends: bool
    changes: bool
    sends_again: bool
    without_line: bool
    happenings: Mapping[str, tuple[Happening, ...]]


@dataclass(frozen=True)
class Schedule:
    """Everything of one seed. ``closes``: the tabs are closed before a page is opened at the end."""

    seed: int
    errands: tuple[Errand, ...]
    closes: bool


def draw(seed: int) -> Schedule:
    """Return the schedule of a seed: always the same."""
    dice = random.Random(seed)
    count = 2 if dice.random() < TWO else 1
    return Schedule(seed, tuple(_errand(dice) for _ in range(count)), dice.random() < 0.5)


def _errand(dice: random.Random) -> Errand:
    return Errand(
        pictures=dice.choice((1, 1, 2)),
        sends=dice.random() >= NEVER_SENT,
        changes=dice.random() < CHANGED,
        sends_again=dice.random() >= CHANGED_AND_LEFT,
        without_line=dice.random() < BEGUN_WITHOUT_LINE,
        happenings={moment: tuple(_happening(dice) for _ in range(_how_many(dice))) for moment in MOMENTS},
    )


def _how_many(dice: random.Random) -> int:
    return 0 if dice.random() >= CHANCE else dice.choice((1, 1, 1, 2))


def _happening(dice: random.Random) -> Happening:
    kind = dice.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    return Happening(kind, round(dice.uniform(0.2, 2.5), 2), dice.choice((0, 1, 200, 5_000, 40_000)))
