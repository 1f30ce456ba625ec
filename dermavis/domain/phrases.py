"""Pieces of the sentences in which a request reads: numbers and letters as they are written in French."""

from __future__ import annotations


def number(value: float) -> str:
    """A number as it is written in French: 39,2."""
    return f"{value:.10g}".replace(".", ",")


def small(label: str) -> str:
    """A label inside a sentence; an abbreviation ("AOMI") keeps its capitals."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def capital(sentence: str) -> str:
    """A sentence with its first letter as a capital."""
    return sentence[:1].upper() + sentence[1:]
