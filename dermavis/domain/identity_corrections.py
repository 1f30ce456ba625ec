"""Correcting who a patient is: what the new version says, how sure it still is, and when it is somebody else.

Sources: DOMAIN "Identity"; référentiel national d'identitovigilance: what the national service answered holds for the
strict traits it was asked with, and a document vouches for what stands on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dermavis.domain.identity import IdentityStatus, identity_status
from dermavis.domain.text import normalise_name
from dermavis.domain.typing_errors import within_one_slip

STRICT = ("birth_name", "first_name", "given_names", "birth_date", "sex", "birthplace_insee")
"""Traits that the national service and a document vouch for."""

CORRECTABLE = (*STRICT, "used_name")

FROM_SERVICE = frozenset({IdentityStatus.RETRIEVED, IdentityStatus.QUALIFIED})
"""What the national service's answer is part of."""

IDENTITY_PARTS = (*CORRECTABLE, "ins", "ins_oid", "identity_status", "document")
"""What of a patient's part tells who they are; the rest says how to reach them."""

OTHER_PERSON = (
    "Cela ressemble à une autre personne. S’il y a eu erreur de patient, marquez plutôt la demande "
    "«\u00a0saisie par erreur\u00a0», puis renvoyez-la au bon nom."
)


STAYS_WITH_PATIENT = (
    "C’est un autre patient\u00a0: marquez cette demande comme saisie par erreur et refaites-la au bon nom."
)


def corrected(before: Mapping[str, Any], typed: Mapping[str, Any], document: str) -> dict[str, Any]:
    """Return the patient's part with the corrected traits; ``document``: the paper checked for them, empty for none.

    A changed strict trait takes the national number away, and what an earlier document vouched for: the status becomes
    what this check alone gives. An unchanged identity keeps its number, and gains by a document checked now.
    """
    after = dict(before) | {name: typed[name] for name in CORRECTABLE if name in typed}
    kept = not any((before.get(name) or None) != (after.get(name) or None) for name in STRICT)
    if not kept:
        after |= {"ins": "", "ins_oid": ""}
    after["document"] = document or (before.get("document") or "" if kept else "")
    from_service = kept and before.get("identity_status") in FROM_SERVICE
    checked = bool(document) or (
        kept and before.get("identity_status") in {IdentityStatus.VALIDATED, IdentityStatus.QUALIFIED}
    )
    after["identity_status"] = identity_status(from_service, checked, after.get("ins_oid") or "").value
    return after


def written_status(given: Mapping[str, Any], known: Mapping[str, Any] | None) -> IdentityStatus:
    """Return the status of an identity as it was typed or scanned, beside the record that is ``known``.

    A scan gives the traits and the number that somebody else printed: it is no answer of the national service. Only a
    record that has one lends it, to the same strict traits and number.
    """
    claimed = given.get("identity_status")
    same = known is not None and all(
        (given.get(name) or None) == (known.get(name) or None) for name in (*STRICT, "ins", "ins_oid")
    )
    from_service = same and known is not None and known.get("identity_status") in FROM_SERVICE
    checked = claimed in {IdentityStatus.VALIDATED, IdentityStatus.QUALIFIED} and bool(given.get("document"))
    return identity_status(from_service, checked, given.get("ins_oid") or "")


def is_other_person(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether two of birth name, first name and birth date have nothing left of what they were.

    A trait that was empty before can only be completed. One typing error, or day and month exchanged, is the same.
    """
    return traits_replaced(before, after) >= 2


def traits_replaced(before: Mapping[str, Any], after: Mapping[str, Any]) -> int:
    """Return of how many among birth name, first name and birth date nothing is left of what they were."""
    return sum(_is_other(name, before, after) for name in ("birth_name", "first_name", "birth_date"))


def _is_other(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    was, now = str(before.get(name) or ""), str(after.get(name) or "")
    if name == "birth_date":
        return bool(was) and not within_one_slip(was, now) and not is_turned_date(was, now)
    was, now = normalise_name(was), normalise_name(now)
    return bool(was) and not within_one_slip(was, now)


def is_turned_date(one: str, other: str) -> bool:
    """Whether two ISO dates are one with day and month exchanged."""
    return (one[:4], one[5:7], one[8:]) == (other[:4], other[8:], other[5:7])


def refreshed(
    given: Mapping[str, Any], current: Mapping[str, Any], earlier: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return the patient's part of a request begun before the identity was corrected, with the identity as it is now.

    Who the request tells of is an old copy where it is one of the ``earlier`` versions; how to reach the patient is the
    request's to say. An identity that was never known here is what somebody has just written: it stays.
    """
    told = identity_of(given)
    if told == identity_of(current) or told not in [identity_of(version) for version in earlier]:
        return dict(given)
    return dict(given) | identity_of(current)


def identity_of(traits: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts that tell who a patient is."""
    return {
        name: traits.get(name) or (None if name in {"birth_date", "sex"} else "") for name in IDENTITY_PARTS
    }
