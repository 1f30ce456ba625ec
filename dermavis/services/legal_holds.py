"""A legal hold: an administrator keeps a case from every erasure, says why, and lifts it; both stay in its history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from dermavis.domain.errors import Conflict, Erased, InvalidInput
from dermavis.domain.legal_hold import HOLD_REASONS, LONGEST_WORDS
from dermavis.domain.permissions import Permission
from dermavis.domain.text import clean
from dermavis.models import Case, CaseText
from dermavis.services.access import require
from dermavis.services.moves import read_text, write_text
from dermavis.services.names import name_of
from dermavis.services.numbered_cases import case_numbered
from dermavis.services.work import Work

SET, LIFTED = "hold.", "hold_lifted"


@dataclass(frozen=True)
class HoldStep:
    """A hold that was set, for a reason in words, or lifted: ``reason`` is empty then."""

    at: datetime
    who: str
    reason: str
    words: str


def set_hold(work: Work, number: str, reason: str, words: str, confirmed: bool) -> Case:
    """Hold a case of the actor's network back from every erasure.

    Raises Forbidden, NotFound, Erased, InvalidInput by field, and Conflict when it is held already.
    """
    case = _case_to_hold(work, number)
    words, errors = _read_words(words, confirmed)
    if reason not in HOLD_REASONS:
        errors["reason"] = "Choisissez pourquoi ce télédossier est retenu."
    if errors:
        raise InvalidInput(errors)
    if case.legal_hold:
        raise Conflict("held", "Ce télédossier est déjà retenu.")
    case.legal_hold = True
    write_text(work, case, f"{SET}{reason}", words)
    work.audit("legal_hold.set", case_id=case.id, reason=reason)
    return case


def lift_hold(work: Work, number: str, words: str, confirmed: bool) -> Case:
    """End the hold. Raises as ``set_hold``."""
    case = _case_to_hold(work, number)
    words, errors = _read_words(words, confirmed)
    if errors:
        raise InvalidInput(errors)
    if not case.legal_hold:
        raise Conflict("not_held", "Ce télédossier n’est pas retenu.")
    case.legal_hold = False
    write_text(work, case, LIFTED, words)
    work.audit("legal_hold.lift", case_id=case.id)
    return case


def steps_of(work: Work, case: Case) -> list[HoldStep]:
    """Return what was set and lifted on a case, the latest first. The caller checks the permission."""
    if case.erased_at is not None:
        return []
    rows = work.session.scalars(
        select(CaseText)
        .where(CaseText.case_id == case.id, CaseText.kind.startswith("hold"))
        .order_by(CaseText.made_at.desc(), CaseText.id)
    )
    return [
        HoldStep(
            at=row.made_at,
            who=name_of(work, row.made_by),
            reason=HOLD_REASONS.get(row.kind.removeprefix(SET), ""),
            words=read_text(work, case, row),
        )
        for row in rows
    ]


def _case_to_hold(work: Work, number: str) -> Case:
    require(work, Permission.LEGAL_HOLD)
    case = case_numbered(work, number, lock=True)
    if case.erased_at is not None:
        raise Erased(case.number or "")
    return case


def _read_words(words: str, confirmed: bool) -> tuple[str, dict[str, str]]:
    words = clean(words, multiline=True)
    errors = {}
    if not words:
        errors["words"] = "Écrivez la référence ou le motif\u00a0: qui relit doit comprendre."
    elif len(words) > LONGEST_WORDS:
        errors["words"] = f"{LONGEST_WORDS} caractères au plus."
    if not confirmed:
        errors["confirmed"] = "Cochez pour confirmer."
    return words, errors
