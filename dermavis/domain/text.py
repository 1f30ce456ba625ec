"""Text as people type it: cleaned once, at entry, and compared in a form that forgives spelling habits.

Names are shown as typed and compared without accents, case, hyphens, apostrophes or blanks.
"""

from __future__ import annotations

import unicodedata

_BLANKS = frozenset("\t\v\f\u00a0\u1680\u2028\u2029\u202f\u205f\u3000") | {
    chr(c) for c in range(0x2000, 0x200B)
}
_KEPT_BLANKS = frozenset("\u00a0\u202f\u2009")
_JOINERS = frozenset("\u200c\u200d")
_NEW_LINES = ("\r\n", "\r", "\x85", "\u2028", "\u2029", "\v", "\f")

_LETTERS = {
    "œ": "oe", "æ": "ae", "ß": "ss", "đ": "d", "ð": "d", "ł": "l", "ø": "o", "ħ": "h", "ı": "i", "þ": "th",
    "ŋ": "n", "ŧ": "t",
}  # fmt: skip
"""Letters that no decomposition turns into plain ones; all in lower case."""

LARGEST = 999_999_999
"""No number that somebody sends is larger, be it a version, a rank or a count: a column of the database holds it."""


def clean(text: str, multiline: bool = False) -> str:
    """Text as it is kept: NFC, trimmed, without control characters, lone surrogates or bidi overrides.

    On one line every blank that is no typographic space becomes a plain one, runs of plain ones become one. With
    ``multiline`` line ends become ``\\n``, at most one empty line in a row is kept, and indentation stays.
    """
    for ending in _NEW_LINES:
        text = text.replace(ending, "\n")
    kept = "".join(_kept(sign, multiline) for sign in text)
    kept = unicodedata.normalize("NFC", kept)
    if not multiline:
        return " ".join(part for part in kept.split(" ") if part).strip()
    lines = [line.rstrip() for line in kept.split("\n")]
    sober = [line for i, line in enumerate(lines) if line or (i and lines[i - 1])]
    return "\n".join(sober).strip()


def _kept(sign: str, multiline: bool) -> str:
    if sign == "\n":
        return "\n" if multiline else " "
    if sign in _KEPT_BLANKS or sign in _JOINERS:
        return sign
    if sign in _BLANKS:
        return " "
    # Cc: controls; Cs: lone surrogates; Cf: bidi overrides, soft hyphens and invisible marks; Cn: not characters.
    return "" if unicodedata.category(sign) in {"Cc", "Cs", "Cf", "Cn"} else sign


def plain(text: str) -> str:
    """Lower case without accents or ligatures, for comparing; blanks and punctuation stay."""
    spread = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(sign for sign in spread if not unicodedata.combining(sign))
    # Case folding writes a few scripts (Cherokee) in capitals.
    return "".join(_LETTERS.get(sign, sign) for sign in bare.casefold().lower())


def normalise_name(name: str) -> str:
    """The form in which names are compared: ``D’Aubigné``, ``d'aubigne`` and ``D AUBIGNE`` are one.

    Only letters and digits stay, so ``%`` and ``_`` mean nothing. A name in another script keeps its letters.
    """
    return "".join(sign for sign in plain(name) if _compared(sign))


def _compared(sign: str) -> bool:
    # U+02B0 to U+02FF: letters to Unicode, apostrophes and marks to people ("Oʼbrien").
    return sign.isalnum() and not "\u02b0" <= sign <= "\u02ff"


def search_words(query: str) -> tuple[str, ...]:
    """The words of what somebody typed in a search field, each in the form of ``normalise_name``; signs find nothing.

    An apostrophe or hyphen does not separate: "d'aubigné" is one word, as in ``normalise_name``.
    """
    words = (
        normalise_name(word) for word in clean(query).replace("\u00a0", " ").replace("\u202f", " ").split()
    )
    return tuple(word for word in words if word)


def name_keys(name: str) -> tuple[str, ...]:
    """Every form under which a name is to be found: whole, then each of its parts, without doubles.

    "Perrot-Gaudin" gives ``perrotgaudin``, ``perrot`` and ``gaudin``.
    """
    spaced = "".join(sign if _compared(sign) else " " for sign in plain(name))
    parts = spaced.split()
    return tuple(dict.fromkeys(key for key in (normalise_name(name), *parts) if key))


def digits(text: str) -> str:
    """The decimal digits of a text as ASCII: "123 456", "123-456\\n" and full-width digits give ``123456``."""
    found = (unicodedata.digit(sign, None) if sign.isdecimal() else None for sign in text)
    return "".join(str(value) for value in found if value is not None)


def whole_number(text: str, most: int = LARGEST) -> int | None:
    """A number from 0 to ``most`` that a program or a person sent, in ASCII digits; None for anything else."""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most))):
        return None
    number = int(text)
    return number if number <= most else None


def normalise_code(code: str) -> str:
    """A one-time code as typed, pasted or dictated: its digits; anything else than digits and separators: ``""``."""
    separators = "-‐‑–—._·\u00a0\u202f"
    rest = [sign for sign in code if not (sign.isdecimal() or sign.isspace() or sign in separators)]
    invisible = [sign for sign in rest if unicodedata.category(sign) not in {"Cf", "Cc"}]
    return "" if invisible else digits(code)


def normalise_email(address: str) -> str:
    """An address as it is compared and kept: ``"Nom@Exemple.fr "`` gives ``nom@exemple.fr``."""
    return "".join(clean(address).split()).lower()


def is_email(address: str) -> bool:
    """Whether a normalised address could receive mail: one @, a domain with a dot, no sign that mail headers read."""
    local, at, domain = address.rpartition("@")
    if not (at and local and "@" not in local and len(address) <= 254 and len(local) <= 64):
        return False
    labels = domain.split(".")
    if len(labels) < 2 or any(not _is_label(label) for label in labels):
        return False
    return not any(sign in local for sign in ' "(),:;<>[]\\\r\n') and ".." not in f".{local}."


def _is_label(label: str) -> bool:
    letters = all(sign.isalnum() or sign == "-" for sign in label)
    return bool(label) and len(label) <= 63 and letters and label[0] != "-" and label[-1] != "-"


_MASCULINE = frozenset(
    {
        "ch",
        "chu",
        "chru",
        "chi",
        "chs",
        "ghu",
        "ght",
        "centre",
        "cabinet",
        "pole",
        "groupe",
        "service",
        "reseau",
    }
)
_FEMININE = frozenset(
    {"maison", "clinique", "polyclinique", "cpts", "msp", "fondation", "residence", "mutuelle"}
)
_ELIDED = frozenset({"hopital", "ehpad", "institut", "etablissement", "esms", "unite", "association", "usmp"})


def towards(place: str) -> str:
    """A place with what leads to it: "au CH de Chalon", "à la Maison de santé", "à l’EHPAD", else "à Sens"."""
    first = plain(place.split()[0]) if place.split() else ""
    if first in _MASCULINE:
        return f"au {place}"
    if first in _FEMININE:
        return f"à la {place}"
    return f"à l’{place}" if first in _ELIDED else f"à {place}"
