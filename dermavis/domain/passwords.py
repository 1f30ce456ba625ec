"""What makes a password acceptable: its length, and that it is neither common nor the person's own name.

After NIST SP 800-63B: length counts, no rule of composition, no change by the calendar.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from itertools import pairwise

from dermavis.domain.common_passwords import COMMON_WORDS, LEET
from dermavis.domain.text import normalise_name

SHORTEST = 12
"""Signs."""

LONGEST = 200
"""Signs: a bound on what is hashed."""

FEWEST_DIFFERENT = 5
"""Different signs; "aaaaaaaaaaaa" and "121212121212" have fewer."""


def normalise_password(text: str) -> str:
    """Return the form that is hashed, so that an accent typed on two keyboards is the same password (NFKC)."""
    return unicodedata.normalize("NFKC", text)


def weakness(password: str, own_words: Iterable[str] = ()) -> str | None:
    """Return why a password is refused, as a French sentence, or None.

    ``own_words``: the person's names, address and places.
    """
    if len(password) < SHORTEST:
        missing = SHORTEST - len(password)
        return f"Il faut {SHORTEST} caractères au moins : il en manque {missing}."
    if len(password) > LONGEST:
        return f"Il faut {LONGEST} caractères au plus."
    if len(set(password.casefold())) < FEWEST_DIFFERENT or _runs(password):
        return "Trop facile à deviner : des signes qui se répètent ou se suivent."
    own = {word for text in own_words for word in _words_of(text)}
    for letters in (normalise_name(password), normalise_name(password.translate(LEET))):
        rest = _without(letters, own)
        if len(rest) < min(len(letters), SHORTEST - 4):
            return "Trop facile à deviner : il contient votre nom ou votre adresse."
        if _only_common(letters):
            return "Trop facile à deviner : c’est un mot de passe courant."
    return None


def _runs(password: str) -> bool:
    """Tell whether the whole is one run such as "123456789012" or "abcdefghijkl"."""
    steps = {(ord(after) - ord(before)) % 10 for before, after in pairwise(password)}
    return len(steps) == 1


def _words_of(text: str) -> list[str]:
    spaced = "".join(sign if sign.isalnum() else " " for sign in text)
    words = [normalise_name(word) for word in (*spaced.split(), text)]
    return [word for word in words if len(word) >= 3]


def _without(letters: str, words: Iterable[str]) -> str:
    for word in sorted(words, key=len, reverse=True):
        letters = letters.replace(word, "")
    return letters


def _only_common(letters: str) -> bool:
    """Tell whether nothing but one or two common words, digits and at most three other letters is there."""
    left = "".join(sign for sign in letters if not sign.isdigit())
    found = 0
    for word in sorted(COMMON_WORDS, key=len, reverse=True):
        if word in left:
            left = left.replace(word, "")
            found += 1
    return found <= 2 and len(left) <= 3
