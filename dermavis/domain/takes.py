"""Pictures of one view of one lesion: each later one stands right after the former one, and its rank is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Take:
    """A picture by its ``place`` among those given; ``number`` counts from 1 of ``total`` of its view and lesion."""

    place: int
    number: int
    total: int

    @property
    def is_last(self) -> bool:
        """Whether no later picture shows the same."""
        return self.number == self.total

    @property
    def words(self) -> str:
        """Return which one it is, in words; nothing where it is the only one."""
        if self.total == 1:
            return ""
        return f"{self.number}{'re' if self.number == 1 else 'e'}\u00a0prise"


def takes(
    pictures: Sequence[tuple[Hashable, datetime]], sent_at: datetime | None, ranks: Sequence[int] = ()
) -> list[Take]:
    """Return the pictures in the order in which they are shown, each given by what it shows and when it came.

    What it shows is its view and lesion. Lesions stand by ``ranks``; within one, views in the order of their first
    pictures. Those of the request as it was sent keep their order, whenever their bytes came.
    """
    first: dict[Hashable, int] = {}
    for place, (shown, _) in enumerate(pictures):
        first.setdefault(shown, place)

    def standing(place: int) -> tuple[int, int, datetime]:
        shown, came = pictures[place]
        return ranks[place] if ranks else 0, first[shown], max(came, sent_at) if sent_at else came

    totals = Counter(shown for shown, _ in pictures)
    counted: Counter[Hashable] = Counter()
    found = []
    for place in sorted(range(len(pictures)), key=standing):
        shown = pictures[place][0]
        counted[shown] += 1
        found.append(Take(place, counted[shown], totals[shown]))
    return found
