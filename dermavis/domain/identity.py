"""Who a patient or a professional is: RPPS, FINESS, NIR, INS and the status of an identity.

No birth date or sex is ever guessed from digits. Sources: DOMAIN "Identity"; référentiel national d'identitovigilance.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from enum import StrEnum
from itertools import pairwise

from stdnum import luhn
from stdnum.fr import nir as nir_key

OID_NIR = "1.2.250.1.213.1.4.8"
OID_NIA = "1.2.250.1.213.1.4.9"
TEST_OIDS = frozenset({"1.2.250.1.213.1.4.10", "1.2.250.1.213.1.4.11"})
INS_OIDS = frozenset({OID_NIR, OID_NIA}) | TEST_OIDS
INSURANCE_OIDS = frozenset({"1.2.250.1.213.1.4.13", "1.2.250.1.213.1.4.14"})

BIRTHPLACE_UNKNOWN = "99999"

_CORSICA = {"A": "1", "B": "2"}
_SEXES = frozenset("123478")
_MONTHS = frozenset(
    {f"{m:02}" for m in range(1, 13)} | {"20"} | {str(m) for m in [*range(30, 43), *range(50, 100)]}
)


def _bare(text: str) -> str:
    """Typed, pasted or dictated: without blanks, dots, hyphens or invisible signs, upper case, plain digits."""
    plain = unicodedata.normalize("NFKC", text).upper()
    return "".join(
        s for s in plain if not (s.isspace() or s in ".-‐‑–·" or unicodedata.category(s)[0] == "C")
    )


def normalise_rpps(text: str) -> str | None:
    """A professional's RPPS: 11 digits that pass Luhn (the ``8`` that a CDA puts before is dropped), else None."""
    number = _bare(text)
    if re.fullmatch(r"8[0-9]{11}", number):
        number = number[1:]
    return number if re.fullmatch(r"[0-9]{11}", number) and luhn.is_valid(number) else None


def normalise_finess(text: str) -> str | None:
    """An establishment's FINESS: 9 signs that pass Luhn, 2A and 2B counted as 21 and 22; else None.

    The ``1`` that a CDA puts before is dropped; a first zero lost by a spreadsheet is restored.
    """
    number = _bare(text)
    if re.fullmatch(r"1(?:[0-9]{2}|2[AB])[0-9]{7}", number):
        number = number[1:]
    if re.fullmatch(r"[1-9][0-9]{7}", number):
        number = "0" + number
    if not re.fullmatch(r"(?:[0-9]{2}|2[AB])[0-9]{7}", number) or number == "000000000":
        return None
    return number if luhn.is_valid("".join(_CORSICA.get(sign, sign) for sign in number)) else None


def normalise_nir(text: str) -> str | None:
    """A NIR or NIA of 15 signs, upper case, its key checked, or computed when 13 were typed; else None.

    Sex digit, month and key are checked; the department is not: it holds Corsica, overseas, abroad and old Algeria.
    """
    number = _bare(text)
    if re.fullmatch(_NIR, number):
        number += nir_key.calc_check_digits(number)
    if not re.fullmatch(_NIR + r"[0-9]{2}", number):
        return None
    if number[0] not in _SEXES or number[3:5] not in _MONTHS:
        return None
    return number if nir_key.calc_check_digits(number[:13]) == number[13:] else None


_NIR = r"[0-9]{5}(?:[0-9]{2}|2[AB])[0-9]{6}"


def show_nir(number: str) -> str:
    """A NIR in groups, as on a card, with non-breaking spaces: ``1 85 02 2A 004 042 89``."""
    cuts = [0, 1, 3, 5, 7, 10, 13, 15]
    groups = [number[a:b] for a, b in pairwise(cuts)]
    return "\u00a0".join(group for group in groups if group)


class IdentityStatus(StrEnum):
    """How sure an identity is."""

    PROVISIONAL = "provisional"
    RETRIEVED = "retrieved"
    VALIDATED = "validated"
    QUALIFIED = "qualified"


STATUS_WORDS: dict[IdentityStatus, str] = {
    IdentityStatus.PROVISIONAL: "Identité provisoire",
    IdentityStatus.RETRIEVED: "Identité récupérée",
    IdentityStatus.VALIDATED: "Identité validée",
    IdentityStatus.QUALIFIED: "Identité qualifiée",
}


class IdentityMark(StrEnum):
    """What makes an identity unsafe, whatever was checked."""

    DOUBTFUL = "doubtful"
    FICTITIOUS = "fictitious"
    HOMONYM = "homonym"


def identity_status(
    from_service: bool, document_checked: bool, oid: str = "", marks: Collection[IdentityMark] = ()
) -> IdentityStatus:
    """The status that follows from the national service's answer and the document checked.

    A doubtful or fictitious identity stays provisional; one under a test OID is never retrieved, hence never
    ``qualified``. A homonym is only a warning.
    """
    if IdentityMark.DOUBTFUL in marks or IdentityMark.FICTITIOUS in marks:
        return IdentityStatus.PROVISIONAL
    retrieved = from_service and oid not in TEST_OIDS
    if retrieved:
        return IdentityStatus.QUALIFIED if document_checked else IdentityStatus.RETRIEVED
    return IdentityStatus.VALIDATED if document_checked else IdentityStatus.PROVISIONAL


def may_carry_ins(status: str, oid: str) -> bool:
    """Whether the national number may leave with the case: only a qualified one, under a real OID."""
    return status == IdentityStatus.QUALIFIED and oid in {OID_NIR, OID_NIA}


def status_fault(status: str, ins: str, oid: str, document: str) -> str | None:
    """What contradicts a status that somebody claims, in French; None when nothing does."""
    if status in {IdentityStatus.RETRIEVED, IdentityStatus.QUALIFIED}:
        if oid in TEST_OIDS:
            return "Une identité de test ne peut pas être récupérée ni qualifiée."
        if normalise_nir(ins) is None or oid not in {OID_NIR, OID_NIA}:
            return "Sans INS du téléservice, l’identité n’est ni récupérée ni qualifiée."
    if status in {IdentityStatus.VALIDATED, IdentityStatus.QUALIFIED} and not document:
        return "Indiquez la pièce d’identité contrôlée, ou laissez l’identité provisoire."
    return None
