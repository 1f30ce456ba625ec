"""A region lives by a fake clock: at every hour nobody is forgotten, nobody told twice, nobody woken for nothing.

Each test names its seed; a failure tells it with the hour and the case, and the same seed tells the same story again.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date

import pytest

from tests.year.living import Life

SPRING = date(2026, 3, 26)
"""Two weeks with the change of the clock, Good Friday (a holiday in Alsace) and Easter Monday."""

WINTER = date(2026, 1, 5)

DAYS = {"sqlite": 365, "postgresql": 120}
"""PostgreSQL takes more than twice as long: there a winter and a spring, with the change of the clock."""

SEEDS = [int(seed) for seed in os.environ.get("YEAR_SEEDS", "11").split(",")]
"""Years that the long rounds live through: ``YEAR_SEEDS=11,12,13`` for more of them."""

MET = (
    "received",
    "cases",
    "ways out",
    "deliveries",
    "climbed",
    "red",
    "late claims",
    "letters held up",
)
"""What the proofs must have looked at: a story without it proves nothing of it."""

Begin = Callable[..., Life]


def _lived_through(life: Life) -> None:
    life.hours()
    seen = life.proofs.checks
    for what in (*MET, "pressing pushes"):
        assert seen[what], f"seed {life.proofs.seed}: no {what} in this story"
    for what in ("send", "claim", "sign", "open", "acknowledge"):
        assert life.people.done.get(what), f"seed {life.proofs.seed}: nobody did {what}"


def test_nobody_is_forgotten_in_two_weeks_of_spring(begin: Begin) -> None:
    _lived_through(begin(1, SPRING, days=14, each_day=1))


@pytest.mark.long
@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_is_forgotten_in_a_year(begin: Begin, backend: str, seed: int) -> None:
    life = begin(seed, WINTER, days=DAYS[backend], each_day=1.5)
    _lived_through(life)
    for what in ("referrals", "copies"):
        assert life.proofs.checks[what], f"seed {seed}: no {what} in this story"
