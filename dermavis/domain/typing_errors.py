"""Whether two words differ by one slip of the fingers: a letter more, fewer, wrong, or two neighbours exchanged.

The measure is the optimal string alignment distance (Damerau 1964), asked for no more than one.
"""

from __future__ import annotations


def within_one_slip(one: str, other: str) -> bool:
    """Whether at most one typing error lies between two words, in either direction."""
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1:
        return False
    start = _common_start(one, other)
    rest, longer = one[start:], other[start:]
    if len(rest) < len(longer):
        return rest == longer[1:]
    return rest[1:] == longer[1:] or (rest[:2] == longer[:2][::-1] and rest[2:] == longer[2:])


def _common_start(one: str, other: str) -> int:
    for place, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return place
    return min(len(one), len(other))
