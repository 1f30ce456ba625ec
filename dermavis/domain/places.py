"""Postcodes, commune codes and the territory they point to.

A postcode is not a department: it only proposes a territory. Where the commune's INSEE code is known it decides.
"""

from __future__ import annotations

import re

from dermavis.domain.text import digits

_METROPOLE = frozenset(f"{number:02}" for number in range(1, 96) if number != 20)
_OVERSEAS = frozenset(
    {"971", "972", "973", "974", "975", "976", "977", "978", "984", "986", "987", "988", "989"}
)
MONACO = "980"
ABROAD = "99"

TERRITORIES: frozenset[str] = _METROPOLE | _OVERSEAS | {"2A", "2B", MONACO}
"""Departments, overseas territories (three digits) and Monaco."""

_SPECIAL_POSTCODES: dict[str, str] = {"97133": "977", "97150": "978"}


def normalise_postcode(text: str) -> str | None:
    """Five digits, the lost first zero restored (``1310`` → ``01310``); None when no place in France has it."""
    code = digits(text)
    if len(code) == 4:
        code = "0" + code
    if len(code) != 5 or re.sub(r"[\s\d-]", "", text):
        return None
    return code if territory_of_postcode(code) else None


def territory_of_postcode(postcode: str) -> str:
    """The territory that a normalised postcode most often lies in, ``""`` when none: a proposal, never a fact."""
    if postcode in _SPECIAL_POSTCODES:
        return _SPECIAL_POSTCODES[postcode]
    if postcode[:2] == "20":
        return "2A" if postcode[2:3] in {"0", "1"} else "2B"
    if postcode[:2] in {"97", "98"}:
        return postcode[:3] if postcode[:3] in TERRITORIES else ""
    return postcode[:2] if postcode[:2] in _METROPOLE else ""


def normalise_commune_code(text: str) -> str | None:
    """An INSEE code of commune or country of birth: five signs, ``2a004`` → ``2A004``, ``99999`` unknown."""
    code = re.sub(r"[\s-]", "", text).upper()
    if len(code) == 4 and code.isascii() and code.isdigit():
        code = "0" + code
    return code if re.fullmatch(r"(?:[0-9]{2}|2[AB])[0-9]{3}", code) and code[:2] != "00" else None


def territory_of_commune(code: str) -> str:
    """The territory of a commune by its INSEE code; ``""`` for abroad (99…) and unknown codes."""
    if code[:2] in {"97", "98"}:
        return code[:3] if code[:3] in TERRITORIES else ""
    return code[:2] if code[:2] in TERRITORIES else ""
