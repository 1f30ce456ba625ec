"""A French phonetic key: names that sound alike share it, so that a patient is found despite the spelling.

The algorithm is our own, in the family of Soundex and Phonex: (1) the name is normalised to plain letters; (2) groups
that French says as one sound are replaced by one sign, in the order of ``_SOUNDS``; (3) mute endings go; (4) doubled
signs become one. It is meant for a keyed hash with the birth year: a false match costs one more row in a list.
"""

from __future__ import annotations

import re

from dermavis.domain.text import normalise_name

_SOUNDS: tuple[tuple[str, str], ...] = (
    (r"^(?:saint|sainte|st|ste)(?=.{3})", "5"),
    (r"y", "i"),
    (r"ph", "f"),
    (r"sch|sh|ch", "8"),
    (r"gn", "ni"),
    (r"th", "t"),
    (r"(?<=[^8])h|^h", ""),
    (r"bv", "v"),
    (r"nc$", "n"),
    (r"g(?=[eiy])", "j"),
    (r"gu(?=[ei])", "g"),
    (r"sc(?=[eiy])|c(?=[eiy])", "s"),
    (r"qu|q|ck|c", "k"),
    (r"x$|s$", ""),
    (r"ain(?=[^aeiou]|$)|ein(?=[^aeiou]|$)|aim(?=[bp])|in(?=[^aeioun]|$)|im(?=[bp])", "4"),
    (r"ean(?=[^aeioun]|$)", "1"),
    (r"an(?=[^aeioun]|$)|am(?=[bp])|en(?=[^aeioun]|$)|em(?=[bp])", "1"),
    (r"on(?=[^aeioun]|$)|om(?=[bp])", "2"),
    (r"un(?=[^aeioun]|$)|um(?=[bp])", "4"),
    (r"ault|aud$|aut$|eaux?|aux?|ot$|od$", "o"),
    (r"oeu|eu", "e"),
    (r"ou", "7"),
    (r"ai|ei|ae|oe", "e"),
    (r"er$|ez$|et$|ee$|es$", "e"),
    (r"z", "s"),
    (r"w", "v"),
    (r"ii+", "i"),
    (r"(.)\1+", r"\1"),
    (r"(?<=.{2})[tdxs]$", ""),
    (r"(?<=.)e$", ""),
)


def phonetic_key(name: str) -> str:
    """The phonetic key of a name, at most 16 signs; a name without letters gives ``""``.

    One-letter names keep their letter. "Thévenin" and "Tevenain", "Gauthier" and "Gautié", "Lefèvre" and "Lefaivre"
    share theirs.
    """
    key = normalise_name(name)
    if len(key) <= 1:
        return key
    for pattern, sound in _SOUNDS:
        shorter = re.sub(pattern, sound, key)
        key = shorter or key
    return key[:16]
