"""The photo course: its steps, the four pairs it ends with, and where a centre waits for it.

Five minutes before the first request. It is taken once, for every centre; a centre may ask for it in its charter. What
cannot wait is never held up by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from dermavis.domain.errors import InvalidInput


class Step(StrEnum):
    """The pages of the course, in their order."""

    LIGHT = "light"
    VIEWS = "views"
    PHONE = "phone"
    CARD = "card"
    PAIRS = "pairs"
    PRACTICE = "practice"


STEPS = tuple(Step)


@dataclass(frozen=True)
class Pair:
    """Two pictures of one lesion: which of them, ``a`` or ``b``, can be answered from, and why."""

    id: str
    pictures: tuple[str, str]
    right: str
    because: str
    rather: str


PAIRS = (
    Pair(
        "sharpness",
        ("bords fondus, rien n’est net", "bords nets, la peau autour aussi"),
        "b",
        "Oui\u00a0: les bords se lisent, l’expert voit la forme.",
        "Plutôt l’autre\u00a0: ici les bords se perdent, l’expert redemanderait la photo.",
    ),
    Pair(
        "light",
        ("à la lumière du jour", "avec le flash, une tache blanche sur la lésion"),
        "a",
        "Oui\u00a0: sans flash, les couleurs et le relief restent.",
        "Plutôt l’autre\u00a0: le reflet du flash cache ce qu’il faut voir.",
    ),
    Pair(
        "angle",
        ("prise de côté, la lésion est écrasée", "prise bien en face"),
        "b",
        "Oui\u00a0: en face, la forme est juste et tout est net.",
        "Plutôt l’autre\u00a0: de côté, la forme est faussée et le fond devient flou.",
    ),
    Pair(
        "scale",
        ("la lésion, la peau autour et la carte-repère", "la lésion seule, toute petite dans l’image"),
        "a",
        "Oui\u00a0: on voit les détails, et la carte donne la taille.",
        "Plutôt l’autre\u00a0: trop loin et sans repère, on ne peut ni voir ni mesurer.",
    ),
)

UNANSWERED = "Touchez une des deux photos."


def check_pairs(answers: Mapping[str, str]) -> None:
    """Raise InvalidInput, by pair, for what was left out and what was chosen wrongly, with the reason."""
    errors = {
        pair.id: pair.rather if answers.get(pair.id) in {"a", "b"} else UNANSWERED
        for pair in PAIRS
        if answers.get(pair.id) != pair.right
    }
    if errors:
        raise InvalidInput(errors, "Regardez encore\u00a0: une paire est à revoir.")


def neighbours(step: Step) -> tuple[Step | None, Step | None]:
    """Return the step before and the step after."""
    at = STEPS.index(step)
    return (STEPS[at - 1] if at else None), (STEPS[at + 1] if at + 1 < len(STEPS) else None)


def is_held_back(asked: bool, lacking: bool, urgency: str) -> bool:
    """Tell whether a request waits for the course that its sender is ``lacking``; one that is urgent never does."""
    return asked and lacking and urgency != "urgent"
