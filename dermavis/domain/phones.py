"""French telephone numbers, overseas included: kept in E.164, shown as people write them, dialled by ``tel:``.

Ranges: ARCEP's numbering plan. A number reserved for fiction (06 39 98 …) is accepted, so that invented people can have
one; it is the only 06 39 that is not Mayotte's.
"""

from __future__ import annotations

import re
import unicodedata

NBSP = "\u00a0"

_OVERSEAS: dict[str, str] = {
    "590": "590", "690": "590", "691": "590",
    "594": "594", "694": "594",
    "596": "596", "696": "596", "697": "596",
    "262": "262", "263": "262", "269": "262", "639": "262", "692": "262", "693": "262",
    "508": "508", "708": "508",
}  # fmt: skip
"""First three digits after the 0 → the country code they belong to."""

_FICTION = "63998"

_LOCAL_LENGTH: dict[str, int] = {"687": 6, "681": 6, "689": 8}
"""Country codes of the Pacific, whose numbers have no leading 0 → their length."""

_CODE_OF_TERRITORY: dict[str, str] = {"988": "687", "987": "689", "986": "681"}

_SHORT = re.compile(r"15|17|18|112|114|115|116\d{3}|119|196|3\d{3}|118\d{3}")


def normalise_phone(text: str, territory: str = "") -> str | None:
    """A number as it is kept: E.164 (``+33639980012``), or a short number as dialled (``15``); None when impossible.

    ``territory`` is the department or territory code of the place ("988"): it gives a country to the local numbers of
    the Pacific.
    """
    typed = _dialled(text)
    if typed is None:
        return None
    if typed.startswith("+"):
        return _international(typed[1:])
    code = _CODE_OF_TERRITORY.get(territory)
    if code and len(typed) == _LOCAL_LENGTH[code] and typed[0] != "0":
        return f"+{code}{typed}"
    if _SHORT.fullmatch(typed):
        return typed
    return _national(typed[1:]) if len(typed) == 10 and typed[0] == "0" else None


def _dialled(text: str) -> str | None:
    """Digits with an optional leading +; None when anything but separators stands between."""
    plain = unicodedata.normalize("NFKC", text).replace("(0)", "").strip()
    for prefix in ("tel:", "Tel:", "TEL:"):
        plain = plain.removeprefix(prefix)
    kept = [sign for sign in plain if not (sign.isspace() or sign in ".-/()‐‑–·" or _invisible(sign))]
    signs = "".join(str(unicodedata.digit(sign)) if sign.isdecimal() else sign for sign in kept)
    if signs.startswith("00"):
        signs = "+" + signs[2:]
    bare = signs.removeprefix("+")
    return signs if bare and bare.isascii() and bare.isdigit() else None


def _invisible(sign: str) -> bool:
    return unicodedata.category(sign) in {"Cc", "Cf", "Cs"}


def _international(number: str) -> str | None:
    if number.startswith("33"):
        rest = number[2:].removeprefix("0")
        return _national(rest) if len(rest) == 9 else None
    for code in sorted(set(_OVERSEAS.values())):
        if number.startswith(code):
            rest = number[3:].removeprefix("0")
            return _overseas(code, rest)
    for code, length in _LOCAL_LENGTH.items():
        if number.startswith(code):
            return f"+{number}" if len(number) == 3 + length else None
    return f"+{number}" if 7 <= len(number) <= 15 and number[0] != "0" else None


def _overseas(code: str, rest: str) -> str | None:
    if code == "508" and len(rest) == 6:
        return f"+508508{rest}"
    belongs = _OVERSEAS.get(rest[:3]) == code or rest.startswith("9")
    return f"+{code}{rest}" if len(rest) == 9 and belongs else None


def _national(rest: str) -> str | None:
    """Nine digits after the 0, wherever in France they belong."""
    if rest[0] == "0":
        return None
    code = _OVERSEAS.get(rest[:3])
    return f"+{code}{rest}" if code and not rest.startswith(_FICTION) else f"+33{rest}"


def show_phone(number: str) -> str:
    """A kept number as people read it, with non-breaking spaces: ``06 39 98 00 12``, ``0690 12 34 56``."""
    if number.startswith("+33") and len(number) == 12:
        return _pairs("0" + number[3:])
    code, rest = number[1:4], number[4:]
    if number.startswith("+") and code in _OVERSEAS.values() and len(rest) == 9:
        return f"0{rest[:3]}{NBSP}{_pairs(rest[3:])}"
    if number.startswith("+") and code in _LOCAL_LENGTH:
        return f"+{code}{NBSP}{_pairs(rest)}"
    if len(number) == 4 and number.startswith("3"):
        return _pairs(number)
    return number


def _pairs(digits: str) -> str:
    return NBSP.join(digits[i : i + 2] for i in range(0, len(digits), 2))


def phone_link(number: str) -> str:
    """The ``tel:`` address of a kept number; ``""`` when there is none to dial."""
    bare = number.removeprefix("+")
    return f"tel:{number}" if bare.isascii() and bare.isdigit() else ""
